"""Why each project was chosen or not, in one sentence for its fate, and what it would have needed."""

from collections.abc import Mapping

from pb.language import gettext as _
from pb.language import ngettext, show_number
from pb.told.rankings import dropped, elected
from pb.told.terms import Told, put_first
from tally import Margin, Step, Why
from tally.outcome import MICRO


def why(told: Told, step: Step) -> str:
    """Why this project was chosen or not, with what it would have needed where that is known."""
    if told.outcome.rounds:
        sentence = elected(told, step) if step.funded else dropped(told, step)
    else:
        sentence = _fate(told, step)
    margin = None if step.why is Why.PART else told.margins.get(step.project)
    return " ".join([sentence, *needed(margin, told)]) if margin else sentence


def withdrawn_why() -> str:
    return _("The city withdrew the project. Votes for it were not counted.")


def needed(margin: Margin, told: Told) -> list[str]:
    """What would have been enough, a sentence for votes and one for the cost."""
    if margin.share == 0:
        return []  # where most votes first won the comparison no voter had a share that this could be so with
    found = []
    if margin.votes is not None:
        votes = ngettext(
            "With %(votes)s more vote it would have been chosen.",
            "With %(votes)s more votes it would have been chosen.",
            margin.votes,
        )
        points = ngettext(
            "With %(votes)s more point it would have been chosen.",
            "With %(votes)s more points it would have been chosen.",
            margin.votes,
        )
        found.append((points if told.points else votes) % {"votes": show_number(margin.votes)})
    if margin.cost is not None:
        found.append(_("At %(cost)s it would have been chosen.") % {"cost": told.money(margin.cost)})
    if found and margin.share is not None:
        found.append(
            _("That is so with the same share of %(share)s for every voter.") % {"share": told.money(margin.share)}
        )
    return found


def unmeasured(told: Told) -> str:
    """For how many that lost the work was too much to find what would have been enough; empty for none."""
    lost = [step.project for step in told.outcome.steps if not step.funded and step.why is not Why.PART]
    left = len([project for project in lost if project not in told.margins])
    if not left or not told.outcome.proven:
        return ""
    return ngettext(
        "For %(n)s project it was not worked out what would have been enough: "
        "it takes too long to count again that often.",
        "For %(n)s projects it was not worked out what would have been enough: "
        "it takes too long to count again that often.",
        left,
    ) % {"n": show_number(left)}


def _fate(told: Told, step: Step) -> str:
    values = {
        "left": told.money(step.left),
        "cost": told.money(step.cost),
        "missing": told.money(step.cost - step.left),
        "other": told.titles[step.other] if step.other else "",
    }
    match step.why:
        case Why.FUNDED:
            return _chosen(told, step, values)
        case Why.COMPLETED:
            votes = _("Chosen when the rest went to most votes first: %(left)s was left and it costs %(cost)s.")
            points = _("Chosen when the rest went to most points first: %(left)s was left and it costs %(cost)s.")
            return (points if told.points else votes) % values
        case Why.PART:
            return _("Chosen in part: it costs %(cost)s and gets the %(left)s that was left.") % values
        case Why.OVER_BUDGET:
            return _("Not chosen: it costs %(cost)s, more than there is in all.") % values
        case Why.FEW_VOTES:
            return _few(told, step)
        case Why.CONFLICT:
            return _("Not chosen: %(other)s was chosen, and only one of the two can be.") % values
        case Why.STOPPED:
            return _("Not chosen: the count had ended at %(other)s, for which too little money was left.") % values
        case Why.NOT_BEST:
            return _not_best(told, step, values)
        case Why.NO_SUPPORT:
            return _unpaid(told, step)
    return _too_dear(told, step, values)


def _chosen(told: Told, step: Step, values: Mapping[str, str]) -> str:
    supporters = {**values, "votes": show_number(step.votes)}
    if told.rule.startswith("equal-shares"):
        shares = ngettext(
            "Chosen: its %(votes)s supporter paid its %(cost)s from their share.",
            "Chosen: its %(votes)s supporters paid its %(cost)s from their shares, at most %(most)s each.",
            step.votes,
        )
        points = ngettext(
            "Chosen: who gave it its %(votes)s point paid its %(cost)s from their share.",
            "Chosen: its supporters paid its %(cost)s from their shares, at most %(most)s for each of its %(votes)s "
            "points.",
            step.votes,
        )
        most = told.money(-(-step.price // MICRO))  # rounded up: it says "at most"
        return (points if told.points else shares) % {**supporters, "most": most}
    if told.rule == "expanding-approvals":
        return _("Chosen: its supporters had %(support)s of their share left and it costs %(cost)s.") % {
            **values,
            "support": told.money(step.support or 0),
        }
    if told.rule == "phragmen":
        earned = ngettext(
            "Chosen: its %(votes)s supporter was the next to have saved its %(cost)s.",
            "Chosen: its %(votes)s supporters were the next to have saved its %(cost)s together.",
            step.votes,
        )
        return earned % supporters
    if told.rule == "knapsack":
        if told.outcome.proven and told.points:
            return _("Chosen: it belongs to the set with most points in all that the money can pay.")
        if told.outcome.proven:
            return _("Chosen: it belongs to the set with most votes in all that the money can pay.")
        return _("Chosen: it belongs to the best set that was found.")
    chosen = _("Chosen, because at its turn %(left)s was left and it costs %(cost)s.")
    nobody = _("Chosen, although nobody voted for it: at its turn %(left)s was left and it costs %(cost)s.")
    return (chosen if step.votes else nobody) % values


def _few(told: Told, step: Step) -> str:
    values = {"got": show_number(step.votes), "least": show_number(told.min_votes)}
    if told.points or told.rule == "rank-points":
        few = ngettext(
            "Not chosen: it got %(got)s point and needed at least %(least)s.",
            "Not chosen: it got %(got)s points and needed at least %(least)s.",
            step.votes,
        )
    else:
        few = ngettext(
            "Not chosen: it got %(got)s vote and needed at least %(least)s.",
            "Not chosen: it got %(got)s votes and needed at least %(least)s.",
            step.votes,
        )
    return few % values


def _not_best(told: Told, step: Step, values: Mapping[str, str]) -> str:
    best = ngettext(
        "Not chosen: with %(votes)s vote for %(cost)s it is not in the best set that the money can pay.",
        "Not chosen: with %(votes)s votes for %(cost)s it is not in the best set that the money can pay.",
        step.votes,
    )
    found = ngettext(
        "Not chosen: with %(votes)s vote for %(cost)s it is not in the best set that was found.",
        "Not chosen: with %(votes)s votes for %(cost)s it is not in the best set that was found.",
        step.votes,
    )
    if told.points:
        best = _(
            "Not chosen: with its points (%(votes)s) for %(cost)s it is not in the best set that the money can pay."
        )
        found = _("Not chosen: with its points (%(votes)s) for %(cost)s it is not in the best set that was found.")
    sentence = best if told.outcome.proven else found
    return sentence % {**values, "votes": show_number(step.votes)}


def _unpaid(told: Told, step: Step) -> str:
    """Its supporters could not pay, where a rule gives voters money of their own."""
    if not step.votes or step.support is None:
        return _("Not chosen: nobody voted for it.")
    sentence = ngettext(
        "Not chosen: its %(votes)s supporter had %(support)s of their share left, and it cost %(cost)s.",
        "Not chosen: its %(votes)s supporters had %(support)s of their share left, and it cost %(cost)s.",
        step.votes,
    )
    if told.points:
        sentence = _("Not chosen: its supporters had %(support)s of their share left, and it cost %(cost)s.")
    return sentence % {
        "votes": show_number(step.votes),
        "support": told.money(step.support),
        "cost": told.money(step.cost),
    }


def _too_dear(told: Told, step: Step, values: Mapping[str, str]) -> str:
    if told.rule.startswith("equal-shares"):
        votes = _(
            "Not chosen: its supporters could not pay for it. When the rest went to most votes first, %(left)s "
            "was left and it costs %(cost)s, so %(missing)s was missing."
        )
        points = _(
            "Not chosen: its supporters could not pay for it. When the rest went to most points first, %(left)s "
            "was left and it costs %(cost)s, so %(missing)s was missing."
        )
        return (points if told.points else votes) % values
    if told.rule in ("no-skip", "phragmen"):
        return (
            _(
                "Not chosen: it was next, but %(left)s was left and it costs %(cost)s, so %(missing)s was missing. "
                "The count ended there."
            )
            % values
        )
    if first := put_first(told, step):
        if told.counts_votes and told.points:
            sentence = _(
                "Not chosen: %(others)s got as many points and came first in the published order. "
                "Then %(left)s was left and the project costs %(cost)s, so %(missing)s was missing."
            )
        elif told.counts_votes:
            sentence = _(
                "Not chosen: %(others)s got as many votes and came first in the published order. "
                "Then %(left)s was left and the project costs %(cost)s, so %(missing)s was missing."
            )
        else:
            sentence = _(
                "Not chosen: it was equal with %(others)s, and the published order put that first. "
                "Then %(left)s was left and the project costs %(cost)s, so %(missing)s was missing."
            )
        return sentence % {**values, "others": told.names(first)}
    lost = _("Not chosen: at its turn %(left)s was left and it costs %(cost)s, so %(missing)s was missing.")
    sentence = lost % values
    return sentence if step.votes else _("Nobody voted for it.") + " " + sentence
