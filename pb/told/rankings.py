"""The sentences of a count that goes round by round: who was elected, who dropped out, who was equal."""

from pb.language import gettext as _
from pb.language import ngettext, show_number
from pb.told.terms import Told, in_play, last_round
from tally import Outcome, Round, Step, Tie


def elected(told: Told, step: Step) -> str:
    outcome, number = told.outcome, last_round(told.outcome, step)
    playing = in_play(outcome.rounds[number - 1])
    values = {
        "round": show_number(number),
        "votes": told.votes(step.votes),
        "all": told.votes(playing),
        "quota": told.votes(outcome.quota),
    }
    if outcome.quota and step.votes >= outcome.quota:
        return _("Chosen in round %(round)s with %(votes)s votes: %(quota)s were enough.") % values
    if outcome.quota:
        return _("Chosen in round %(round)s with %(votes)s votes: as many were still in as could be chosen.") % values
    return (
        ngettext(
            "Chosen in round %(round)s with %(votes)s of %(all)s vote, more than half.",
            "Chosen in round %(round)s with %(votes)s of %(all)s votes, more than half.",
            playing,
        )
        % values
    )


def dropped(told: Told, step: Step) -> str:
    number = last_round(told.outcome, step)
    round_ = told.outcome.rounds[number - 1]
    playing = in_play(round_)
    values = {"round": show_number(number), "votes": told.votes(step.votes), "all": told.votes(playing)}
    if not playing:
        return _("Not chosen: no ballot named a project.")
    if round_.eliminated != step.project and told.outcome.quota:
        return (
            ngettext(
                "Not chosen: it had %(votes)s vote when the last place was filled.",
                "Not chosen: it had %(votes)s votes when the last place was filled.",
                told.many(step.votes),
            )
            % values
        )
    if round_.eliminated != step.project:
        return (
            ngettext(
                "Not chosen: in the last round it had %(votes)s of %(all)s vote.",
                "Not chosen: in the last round it had %(votes)s of %(all)s votes.",
                told.many(playing),
            )
            % values
        )
    tie = next((t for t in told.outcome.ties if t.place == number), None)
    if tie is None:
        return (
            ngettext(
                "Dropped out in round %(round)s with %(votes)s vote, the fewest.",
                "Dropped out in round %(round)s with %(votes)s votes, the fewest.",
                told.many(step.votes),
            )
            % values
        )
    others = [project for project in tie.projects if project != step.project]
    return ngettext(
        "Dropped out in round %(round)s. It and %(others)s had the fewest votes, %(votes)s vote each, "
        "and it came last in the published order.",
        "Dropped out in round %(round)s. It and %(others)s had the fewest votes, %(votes)s votes each, "
        "and it came last in the published order.",
        told.many(step.votes),
    ) % {**values, "others": told.names(others)}


def last_tie(told: Told, tie: Tie, round_: Round) -> list[str]:
    out = round_.eliminated or ""
    votes = dict(round_.votes)[out]
    equal = ngettext(
        "In round %(round)s %(names)s had the fewest votes, %(votes)s vote each.",
        "In round %(round)s %(names)s had the fewest votes, %(votes)s votes each.",
        told.many(votes),
    ) % {"round": show_number(tie.place), "names": told.names(tie.projects), "votes": told.votes(votes)}
    return [equal, _("The published order put %(last)s last, so it dropped out.") % {"last": told.titles[out]}]


def surplus_tie(told: Told, tie: Tie, round_: Round) -> list[str]:
    equal = _("In round %(round)s %(names)s had the same number of votes more than was enough.")
    order = _("The published order put %(first)s first, so its extra votes moved on first.")
    return [
        equal % {"round": show_number(tie.place), "names": told.names(tie.projects)},
        order % {"first": told.titles[round_.surplus_of or ""]},
    ]


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
