"""What is to be known of a whole outcome: its ties and whether they decided, and how good it is shown to be."""

from pb.language import gettext as _
from pb.language import ngettext, show_number, show_percent
from pb.told.rankings import last_tie, surplus_tie
from pb.told.terms import Told, left_before
from tally import Outcome, Tie


def tie_sentence(told: Told, tie: Tie) -> str:
    """Who was equal, what the published order did about it, and whether that decided anything."""
    if told.outcome.rounds:
        return " ".join(_ranked_tie(told, tie))
    return " ".join(_votes_tie(told, tie) if told.counts_votes else _other_tie(told, tie))


def _votes_tie(told: Told, tie: Tie) -> list[str]:
    steps = [step for step in told.outcome.steps if step.project in tie.projects]
    votes = steps[0].votes
    equal = ngettext("%(names)s had %(votes)s vote each.", "%(names)s had %(votes)s votes each.", votes) % {
        "names": told.names(tie.projects),
        "votes": show_number(votes),
    }
    if not tie.decided:
        return [equal, _("Their order did not change what was chosen.")]
    start = left_before(told.outcome, tie)
    chosen = [step.project for step in steps if step.funded]
    left_out = [step.project for step in steps if not step.funded and step.cost <= start]
    order = _("The published order put %(first)s first.") % {"first": told.titles[chosen[0]]}
    decided = _("It decided: %(chosen)s was chosen, %(left_out)s was not.") % {
        "chosen": told.names(chosen),
        "left_out": told.names(left_out),
    }
    return [equal, order, decided]


def _other_tie(told: Told, tie: Tie) -> list[str]:
    equal = _("The rule could not tell %(names)s apart.") % {"names": told.names(tie.projects)}
    if tie.decided:
        return [equal, _("The published order decided what was chosen.")]
    return [equal, _("Their order did not change what was chosen.")]


def _ranked_tie(told: Told, tie: Tie) -> list[str]:
    round_ = told.outcome.rounds[tie.place - 1]
    first = last_tie(told, tie, round_) if round_.eliminated in tie.projects else surplus_tie(told, tie, round_)
    if tie.decided:
        return [*first, _("This decided what was chosen.")]
    return [*first, _("This did not change what was chosen.")]


def unproven(outcome: Outcome) -> str:
    """How far from the best the chosen set can be, rounded up; empty when it is proven best."""
    if outcome.proven:
        return ""
    tenths = -(-1000 * (outcome.bound - outcome.value) // outcome.bound)
    return _(
        "It is not proven that this set has most votes. It has at most %(share)s fewer votes than any other could."
    ) % {"share": show_percent(tenths, 1000)}


def preferring(outcome: Outcome) -> str:
    """Which of two outcomes more voters had more of, where they were compared; else empty."""
    if outcome.preferring is None:
        return ""
    shares, greedy = outcome.preferring
    values = {"shares": show_number(shares), "greedy": show_number(greedy)}
    sentence = _(
        "Two counts were compared. %(shares)s voters have more of their own projects chosen by equal shares, "
        "%(greedy)s by most votes first."
    )
    chosen = _("So most votes first counts.") if greedy > shares else _("So equal shares count.")
    return f"{sentence % values} {chosen}"
