"""`pb tally FILE…`: count files offline and print the outcome, as JSON lines or as a table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TextIO

from tally.election import Election
from tally.equal_shares import MOST_TIES
from tally.explain import explain, many
from tally.files import ElectionFile, read_file
from tally.margins import margins
from tally.measures import Measures, compare
from tally.outcome import MICRO, Outcome, Step, Tie, Why, outcome_as_data, paid_by
from tally.rules import RULES, Unsupported, count
from tally.sections import FileError, one_line
from tally.ties import MOST_SWAPPED

TITLE_WIDTH = 44
FAILED = (FileError, Unsupported)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command was asked for; `rule` is a rule's name, or "auto" for the one that the file names.

    `ballot`: ids of projects, separated by commas, to say what such a ballot paid for.
    """

    rule: str = "auto"
    explain: bool = False
    compare: bool = False
    ballot: str = ""
    as_json: bool = False


def tally_files(paths: Sequence[str], asked: Asked, out: TextIO) -> int:
    """Count each file, print to `out`, and return the exit status.

    A file that fails gives its reason and the others go on; then, or when nobody reads on, the status is 1.
    """
    status = 0
    try:
        for path in paths:
            try:
                started = perf_counter()
                file = read_file(Path(path))
                outcome = count(file.election, file.profile, file.rule if asked.rule == "auto" else asked.rule)
                seconds = perf_counter() - started
            except FAILED as error:
                status = 1
                _print(_error_line(path, error, asked.as_json), out, asked.as_json)
            else:
                line = _json_line(path, file, outcome, seconds, asked) if asked.as_json else ""
                _print(line or "\n".join(_table(path, file, outcome, asked)), out, asked.as_json)
        out.flush()
    except BrokenPipeError:
        _drop_the_rest(out)
        return 1
    return status


def amount(cents: int, currency: str) -> str:
    """Cents as money with the file's currency: 1,200.50 PLN."""
    return f"{cents // 100:,}.{cents % 100:02} {one_line(currency)}".rstrip()


def _print(text: str, out: TextIO, as_json: bool) -> None:
    """Write a line whatever the terminal's encoding: what it lacks is escaped, in JSON as JSON does."""
    encoding = out.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        bare = text.encode(encoding, "backslashreplace").decode(encoding)
        text = json.dumps(json.loads(text)) if as_json else bare
    out.write(text + "\n")


def _drop_the_rest(out: TextIO) -> None:
    """Let the interpreter's own last flush go nowhere instead of failing once more."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, out.fileno())
    os.close(devnull)


def _error_line(path: str, error: Exception, as_json: bool) -> str:
    if as_json:
        return json.dumps({"file": path, "error": str(error)}, ensure_ascii=False)
    return str(error) if isinstance(error, FileError) else f"{one_line(path)}: {error}"


def _json_line(path: str, file: ElectionFile, outcome: Outcome, seconds: float, asked: Asked) -> str:
    data = outcome_as_data(outcome)
    line = {"file": path, "rule": data["rule"], "budget": file.election.budget}
    line |= {key: data[key] for key in ("spent", "winners", "ties")} | {"seconds": round(seconds, 6)}
    if not outcome.proven:
        line |= {"value": outcome.value, "bound": outcome.bound}
    if asked.ballot:
        line["paid"] = {id_: paid // MICRO for id_, paid in paid_by(outcome, _ballot(asked)).items()}
    if asked.explain:
        line["projects"] = dict(_explained(file, outcome))
        line["trace"] = {key: data[key] for key in ("steps", "rounds", "part", "share", "unit", "quota")}
    if asked.compare:
        line["comparison"] = {
            name: _measured(measures) for name, measures in compare(file.election, file.profile).items()
        }
    return json.dumps(line, ensure_ascii=False)


def _explained(file: ElectionFile, outcome: Outcome) -> Iterator[tuple[str, str]]:
    needed = margins(file.election, file.profile, outcome)
    return explain(file.election, file.profile, outcome, needed, lambda cents: amount(cents, file.currency))


def _measured(measures: Measures) -> dict[str, object]:
    data: dict[str, object] = {"winners": measures.outcome.winners, "spent": measures.outcome.spent}
    data |= {"voters": measures.voters, "without_winner": measures.without_winner}
    data |= {"own_winners": measures.own_winners}
    if not measures.outcome.proven:
        data |= {"value": measures.outcome.value, "bound": measures.outcome.bound}
    return data | {"areas": {area: {"winners": n, "spent": cents} for area, (n, cents) in measures.areas.items()}}


def _table(path: str, file: ElectionFile, outcome: Outcome, asked: Asked) -> Iterator[str]:
    budget, currency, seats = file.election.budget, file.currency, _elects(file.election)
    yield f"{one_line(path)}: {one_line(file.title)}".rstrip(": ")
    yield f"Rule {outcome.rule}, {file.profile.voters} ballots of which {file.profile.blank} blank."
    sentences = dict(_explained(file, outcome)) if asked.explain else {}
    yield from _projects(file, outcome, sentences)
    if asked.explain:
        yield from _not_worked_out(outcome, sentences)
    if not outcome.proven:
        hundredths = -(-10_000 * (outcome.bound - outcome.value) // outcome.bound)
        yield f"Not proven optimal: at most {hundredths / 100:.2f} % below what no set can exceed."
    if seats:
        yield f"{len(outcome.winners)} of {many(seats, 'seat')} filled."
    else:
        used, left = amount(outcome.spent, currency), amount(budget - outcome.spent, currency)
        yield f"Used {used} of {amount(budget, currency)}, left {left}."
    yield from _ties(outcome)
    if outcome.preferring is not None:
        shares, greedy = outcome.preferring
        yield f"{shares} voters have more own winners under Equal Shares, {greedy} under greedy."
    if asked.ballot:
        yield from _paid(file, outcome, asked)
    if outcome.second_count:
        yield f"Second count by pyrankvote: {outcome.second_count}."
    if file.selected is not None:
        same = file.selected == set(outcome.winners)
        yield f"The winners {'are' if same else 'are NOT'} those the file names as selected."
    if asked.compare:
        yield from _comparison(file)


def _not_worked_out(outcome: Outcome, sentences: dict[str, str]) -> Iterator[str]:
    """Which projects `margins` said nothing about, and why."""
    silent = sum(1 for step in outcome.steps if not step.funded and "would have won" not in sentences[step.project])
    if silent:
        yield (
            f"{many(silent, 'project')} without a number: "
            "none was found, or counting again so often would take too long."
        )


def _ballot(asked: Asked) -> dict[str, int]:
    return {id_.strip(): 1 for id_ in asked.ballot.split(",")}


def _paid(file: ElectionFile, outcome: Outcome, asked: Asked) -> Iterator[str]:
    """What a ballot for the asked projects paid for."""
    paid = paid_by(outcome, _ballot(asked))
    total = amount(sum(paid.values()) // MICRO, file.currency)
    yield f"A ballot for {one_line(asked.ballot)} paid {total} in all:"
    for id_, price in paid.items():
        yield f"  {one_line(id_)}  {_short(file.titles[id_])}  {amount(price // MICRO, file.currency)}"


def _elects(election: Election) -> int:
    """The seats of a body's own election, where every candidate costs one; else 0."""
    return election.budget if election.is_for_seats else 0


def _projects(file: ElectionFile, outcome: Outcome, sentences: dict[str, str]) -> Iterator[str]:
    ids = {step.project: one_line(step.project) for step in outcome.steps}
    wide = max(map(len, ids.values()), default=0)
    elects = _elects(file.election)
    for step in outcome.steps:
        votes = f"{step.votes / outcome.unit:.5f}" if outcome.unit > 1 else f"{step.votes}"
        about = f"{ids[step.project]:{wide}}  {_short(file.titles[step.project]):{TITLE_WIDTH}}  {votes:>7}"
        cost = "" if elects else f"  {amount(step.cost, file.currency):>18}"
        yield f"  {about}{cost}  {_why(step, file.currency)}"
        if step.project in sentences:
            yield f"  {'':{wide}}  {one_line(sentences[step.project])}"


def _short(title: str) -> str:
    title = one_line(title)
    return title if len(title) <= TITLE_WIDTH else title[: TITLE_WIDTH - 1] + "…"


def _why(step: Step, currency: str) -> str:
    if step.funded:
        return "won"
    if step.why is Why.TOO_DEAR:
        return f"too dear: {amount(step.left, currency)} left, {amount(step.cost - step.left, currency)} missing"
    other = f" with {one_line(step.other)}" if step.why is Why.CONFLICT and step.other else ""
    return f"{step.why}{other}"


def _ties(outcome: Outcome) -> Iterator[str]:
    for tie in outcome.ties:
        names = ", ".join(map(one_line, tie.projects))
        yield f"Tie at place {tie.place}: {names}; {_effect(outcome, tie)}."


def _effect(outcome: Outcome, tie: Tie) -> str:
    if tie.decided:
        return "decided by the published order"
    if RULES[outcome.rule].by_votes or (len(tie.projects) <= MOST_SWAPPED and len(outcome.ties) <= MOST_TIES):
        return "any order gives the same winners"
    return "no order that was tried gives other winners"


def _comparison(file: ElectionFile) -> Iterator[str]:
    """Every rule that counts these ballots, a line each."""
    yield "The same votes by other rules:"
    for name, measures in compare(file.election, file.profile).items():
        outcome = measures.outcome
        average = measures.own_winners / max(measures.voters, 1)
        money = "" if _elects(file.election) else f", {amount(outcome.spent, file.currency)} used"
        areas = sum(1 for area, (won, _) in measures.areas.items() if won and area)
        spread = f", {areas} of {len([a for a in measures.areas if a])} areas" if any(measures.areas) else ""
        proven = "" if outcome.proven else ", not proven optimal"
        yield (
            f"  {name:24} {many(len(outcome.winners), 'winner')}{money}, "
            f"{many(measures.without_winner, 'voter')} without a winner, "
            f"{average:.2f} own winners on average{spread}{proven}"
        )
