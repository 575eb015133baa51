"""From opened ballots to tally's count, and from the count to one sentence for each project and each tie."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from babel.lists import format_list

import tally
from ballots import to_vote
from pb.language import current_language, ngettext, show_money, show_number
from pb.language import gettext as _
from pb.rounds.rules import AllocationRules
from tally import Election, Outcome, Profile, Step, Tie

Titles = Mapping[str, str]  # tally's project id, which is the ballot number as text → the project's title


def election_of(allocation: AllocationRules, withdrawn: Collection[int] = ()) -> Election:
    """The projects in the published tie order; ids are ballot numbers, withdrawn projects are left out."""
    projects = {p.number: p for p in allocation.projects}
    stand = [projects[number] for number in allocation.tie_order if number not in withdrawn]
    return Election(tuple(tally.Project(str(p.number), p.cost_cents, p.title) for p in stand), allocation.amount_cents)


def profile_of(
    allocation: AllocationRules, ballots: Iterable[Sequence[int]], withdrawn: Collection[int] = ()
) -> Profile:
    """The ballots as tally counts them: a withdrawn project is crossed out, the other choices stand."""
    stand = ([number for number in ballot if number not in withdrawn] for ballot in ballots)
    return Profile(Counter(to_vote(allocation.ballot_type, ballot) for ballot in stand))


def count_allocation(
    allocation: AllocationRules, ballots: Iterable[Sequence[int]], withdrawn: Collection[int] = ()
) -> Outcome:
    """Count one allocation's ballots by its own rule."""
    count = tally.RULES[allocation.rule]
    return count(election_of(allocation, withdrawn), profile_of(allocation, ballots, withdrawn))


def read_outcome(data: Mapping[str, Any]) -> Outcome:
    """The outcome that `tally.outcome_as_data` made `data` of."""
    return Outcome(
        rule=data["rule"],
        winners=tuple(data["winners"]),
        spent=data["spent"],
        ties=tuple(Tie(tuple(t["projects"]), t["place"], t["decided"]) for t in data["ties"]),
        steps=tuple(Step(**step) for step in data["steps"]),
        rounds=tuple(
            tally.Round(tuple((p, n) for p, n in r["votes"]), r["exhausted"], r["eliminated"], r["elected"])
            for r in data["rounds"]
        ),
        second_count=data["second_count"],
    )


def in_play(round_: tally.Round) -> int:
    """How many ballots still named a project that was in."""
    return sum(votes for _project, votes in round_.votes)


def last_round(outcome: Outcome, step: Step) -> int:
    """The round in which the project dropped out, or the last one."""
    dropped = (n for n, round_ in enumerate(outcome.rounds, start=1) if round_.eliminated == step.project)
    return next(dropped, len(outcome.rounds))


def why(outcome: Outcome, step: Step, titles: Titles, currency: str) -> str:
    """One sentence on why this project was chosen or not."""
    if outcome.rounds:
        return _runoff_why(outcome, step, titles)
    return _greedy_why(outcome, step, titles, currency)


def withdrawn_why() -> str:
    return _("The city withdrew the project. Votes for it were not counted.")


def _greedy_why(outcome: Outcome, step: Step, titles: Titles, currency: str) -> str:
    values = {
        "left": show_money(step.left, currency),
        "cost": show_money(step.cost, currency),
        "missing": show_money(step.cost - step.left, currency),
    }
    if step.funded:
        chosen = _("Chosen, because at its turn %(left)s was left and it costs %(cost)s.")
        nobody = _("Chosen, although nobody voted for it: at its turn %(left)s was left and it costs %(cost)s.")
        return (chosen if step.votes else nobody) % values
    if first := put_first(outcome, step):
        return _(
            "Not chosen: %(others)s got as many votes and came first in the published order. "
            "Then %(left)s was left and the project costs %(cost)s, so %(missing)s was missing."
        ) % {**values, "others": names(first, titles)}
    lost = _("Not chosen: at its turn %(left)s was left and it costs %(cost)s, so %(missing)s was missing.")
    sentence = lost % values
    return sentence if step.votes else _("Nobody voted for it.") + " " + sentence


def put_first(outcome: Outcome, step: Step) -> list[str]:
    """The equals whose place in the published order cost this project the money; else empty."""
    tie = next((t for t in outcome.ties if t.decided and step.project in t.projects), None)
    if tie is None or step.funded or step.cost > _left_before(outcome, tie):
        return []
    before = tie.projects[: tie.projects.index(step.project)]
    return [project for project in before if project in outcome.winners]


def _left_before(outcome: Outcome, tie: Tie) -> int:
    """The money left when the first of the equals had its turn."""
    return next(step.left for step in outcome.steps if step.project == tie.projects[0])


def _runoff_why(outcome: Outcome, step: Step, titles: Titles) -> str:
    number = last_round(outcome, step)
    round_ = outcome.rounds[number - 1]
    playing = in_play(round_)
    values = {"round": show_number(number), "votes": show_number(step.votes), "all": show_number(playing)}
    if step.funded:
        return (
            ngettext(
                "Chosen in round %(round)s with %(votes)s of %(all)s vote, more than half.",
                "Chosen in round %(round)s with %(votes)s of %(all)s votes, more than half.",
                playing,
            )
            % values
        )
    if not playing:
        return _("Not chosen: no ballot named a project.")
    if round_.eliminated != step.project:
        return (
            ngettext(
                "Not chosen: in the last round it had %(votes)s of %(all)s vote.",
                "Not chosen: in the last round it had %(votes)s of %(all)s votes.",
                playing,
            )
            % values
        )
    tie = next((t for t in outcome.ties if t.place == number), None)
    if tie is None:
        return (
            ngettext(
                "Dropped out in round %(round)s with %(votes)s vote, the fewest.",
                "Dropped out in round %(round)s with %(votes)s votes, the fewest.",
                step.votes,
            )
            % values
        )
    others = [project for project in tie.projects if project != step.project]
    return ngettext(
        "Dropped out in round %(round)s. It and %(others)s had the fewest votes, %(votes)s vote each, "
        "and it came last in the published order.",
        "Dropped out in round %(round)s. It and %(others)s had the fewest votes, %(votes)s votes each, "
        "and it came last in the published order.",
        step.votes,
    ) % {**values, "others": names(others, titles)}


def tie_sentence(outcome: Outcome, tie: Tie, titles: Titles) -> str:
    """Who had equal votes, what the published order did about it, and whether that decided anything."""
    return " ".join(_runoff_tie(outcome, tie, titles) if outcome.rounds else _greedy_tie(outcome, tie, titles))


def _greedy_tie(outcome: Outcome, tie: Tie, titles: Titles) -> list[str]:
    steps = [step for step in outcome.steps if step.project in tie.projects]
    votes = steps[0].votes
    equal = ngettext("%(names)s had %(votes)s vote each.", "%(names)s had %(votes)s votes each.", votes) % {
        "names": names(tie.projects, titles),
        "votes": show_number(votes),
    }
    if not tie.decided:
        return [equal, _("Their order did not change what was chosen.")]
    start = _left_before(outcome, tie)
    chosen = [step.project for step in steps if step.funded]
    left_out = [step.project for step in steps if not step.funded and step.cost <= start]
    order = _("The published order put %(first)s first.") % {"first": titles[chosen[0]]}
    decided = _("It decided: %(chosen)s was chosen, %(left_out)s was not.") % {
        "chosen": names(chosen, titles),
        "left_out": names(left_out, titles),
    }
    return [equal, order, decided]


def _runoff_tie(outcome: Outcome, tie: Tie, titles: Titles) -> list[str]:
    round_ = outcome.rounds[tie.place - 1]
    out = round_.eliminated or ""
    votes = dict(round_.votes)[out]
    equal = ngettext(
        "In round %(round)s %(names)s had the fewest votes, %(votes)s vote each.",
        "In round %(round)s %(names)s had the fewest votes, %(votes)s votes each.",
        votes,
    ) % {"round": show_number(tie.place), "names": names(tie.projects, titles), "votes": show_number(votes)}
    order = _("The published order put %(last)s last, so it dropped out.") % {"last": titles[out]}
    if tie.decided:
        return [equal, order, _("This decided what was chosen.")]
    return [equal, order, _("This did not change what was chosen.")]


def second_count_sentence(outcome: Outcome) -> str:
    """What the second counter of an instant-runoff says, or why it was not asked."""
    match outcome.second_count:
        case "":
            return ""
        case "agrees":
            return _("Counted twice with two programs, the same result.")
        case "differs":
            return _("Counted twice with two programs, and the results differ. Find out why first.")
    if outcome.ties:
        return _("The second count was not compared: there was a tie, in which the second program draws lots.")
    if not outcome.winners:
        return _("The second count was not compared: no ballot named a project.")
    if len(outcome.steps) == 1:
        return _("The second count was not compared: there was only one project.")
    return _("The second count was not compared: the second program met a tie, in which it draws lots.")


def names(projects: Iterable[str], titles: Titles) -> str:
    """The titles as a list in words: "A, B and C"."""
    return format_list([titles[project] for project in projects], locale=current_language())
