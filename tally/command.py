"""`pb tally FILE…`: count files offline and print the outcome, as JSON lines or as a table."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from tally.election import Outcome, Step, outcome_as_data
from tally.pabulib import PabulibFile
from tally.rules import Unsupported, count_file
from tally.sections import PabulibError, one_line

TITLE_WIDTH = 44


def tally_files(paths: Sequence[str], as_json: bool, out: TextIO) -> int:
    """Count each file, print to `out`, and return the exit status.

    A file that fails gives its reason and the others go on; then, or when nobody reads on, the status is 1.
    """
    status = 0
    try:
        for path in paths:
            try:
                file, outcome = count_file(Path(path))
            except (PabulibError, Unsupported) as error:
                status = 1
                _print(_error_line(path, error, as_json), out, as_json)
            else:
                lines = [_json_line(path, file, outcome)] if as_json else _table(path, file, outcome)
                _print("\n".join(lines), out, as_json)
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
    return str(error) if isinstance(error, PabulibError) else f"{one_line(path)}: {error}"


def _json_line(path: str, file: PabulibFile, outcome: Outcome) -> str:
    data = outcome_as_data(outcome)
    line = {"file": path, "rule": data["rule"], "budget": file.election.budget}
    line |= {key: data[key] for key in ("spent", "winners", "ties")}
    return json.dumps(line, ensure_ascii=False)


def _table(path: str, file: PabulibFile, outcome: Outcome) -> Iterator[str]:
    budget, currency = file.election.budget, file.currency
    yield f"{one_line(path)}: {one_line(file.meta.get('description', ''))}".rstrip(": ")
    yield f"Rule {outcome.rule}, {file.profile.voters} ballots of which {file.profile.blank} blank."
    yield from _projects(file, outcome)
    used, left = amount(outcome.spent, currency), amount(budget - outcome.spent, currency)
    yield f"Used {used} of {amount(budget, currency)}, left {left}."
    yield from _ties(outcome)
    if file.has_selected:
        same = set(file.selected) == set(outcome.winners)
        yield f"The winners {'are' if same else 'are NOT'} those the file names as selected."


def _projects(file: PabulibFile, outcome: Outcome) -> Iterator[str]:
    ids = {step.project: one_line(step.project) for step in outcome.steps}
    wide = max(map(len, ids.values()), default=0)
    for step in outcome.steps:
        title, cost = _short(file.titles[step.project]), amount(step.cost, file.currency)
        about = f"{ids[step.project]:{wide}}  {title:{TITLE_WIDTH}}  {step.votes:>7}  {cost:>18}"
        yield f"  {about}  {_why(step, file.currency)}"


def _short(title: str) -> str:
    title = one_line(title)
    return title if len(title) <= TITLE_WIDTH else title[: TITLE_WIDTH - 1] + "…"


def _why(step: Step, currency: str) -> str:
    if step.funded:
        return "funded"
    left, missing = amount(step.left, currency), amount(step.cost - step.left, currency)
    return f"not funded: {left} left, {missing} missing"


def _ties(outcome: Outcome) -> Iterator[str]:
    votes = {step.project: step.votes for step in outcome.steps}
    for tie in outcome.ties:
        names = ", ".join(one_line(project) for project in tie.projects)
        effect = "decided by the published order" if tie.decided else "any order gives the same winners"
        yield f"Tie at place {tie.place}: {names} have {votes[tie.projects[0]]} votes each; {effect}."
