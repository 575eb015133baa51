"""What is to be known of a whole outcome: its ties and whether they decided, and how good it is shown to be."""

from pb.language import gettext as _
from pb.language import ngettext, show_number, show_percent
from pb.told.rankings import last_tie, surplus_tie
from pb.told.terms import Told, have_equal_votes, left_before
from tally import Tie
from tally.equal_shares import MOST_TIES
from tally.ties import MOST_SWAPPED

MOST_DROPPED = 10  # so many equals of an instant-runoff are surely followed in every order
BY_KEYS = ("greedy", "threshold", "no-skip", "per-euro", "rank-points", "knapsack")  # one look tells of every order


def tie_sentence(told: Told, tie: Tie) -> str:
    """Who was equal, what the published order did about it, and whether that decided anything."""
    if told.outcome.rounds:
        return " ".join(_ranked_tie(told, tie))
    by_votes = told.counts_votes and have_equal_votes(told.outcome, tie)
    sentences = _votes_tie(told, tie) if by_votes else []
    return " ".join(sentences or _other_tie(told, tie))


def _votes_tie(told: Told, tie: Tie) -> list[str]:
    """Empty when the order decided otherwise than by who of the tied was chosen: in the outcome compared."""
    steps = [step for step in told.outcome.steps if step.project in tie.projects]
    votes = steps[0].votes
    equal = ngettext("%(names)s had %(votes)s vote each.", "%(names)s had %(votes)s votes each.", votes)
    if told.points:
        equal = ngettext("%(names)s had %(votes)s point each.", "%(names)s had %(votes)s points each.", votes)
    equal %= {"names": told.names(tie.projects), "votes": show_number(votes)}
    if not tie.decided:
        return [equal, _undecided(told, tie, _("Their order did not change what was chosen."))]
    start = left_before(told.outcome, tie)
    chosen = [step.project for step in steps if step.funded]
    left_out = [step.project for step in steps if not step.funded and step.cost <= start]
    if not chosen or not left_out:
        return []
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
    return [equal, _undecided(told, tie, _("Their order did not change what was chosen."))]


def _undecided(told: Told, tie: Tie, without_effect: str) -> str:
    """That the order had no effect, or less where not every order was tried."""
    rule = told.outcome.rule
    if rule.startswith("equal-shares") and told.outcome.ties.index(tie) >= MOST_TIES:
        return _("It was not tried whether another order would have changed what was chosen.")
    most = MOST_DROPPED if rule == "irv" else MOST_SWAPPED
    if len(tie.projects) <= most or (rule in BY_KEYS and not told.part_funding):
        return without_effect
    return _("No other order that was tried would have changed what was chosen.")


def _ranked_tie(told: Told, tie: Tie) -> list[str]:
    round_ = told.outcome.rounds[tie.place - 1]
    first = last_tie(told, tie, round_) if round_.eliminated in tie.projects else surplus_tie(told, tie, round_)
    if tie.decided:
        return [*first, _("This decided what was chosen.")]
    return [*first, _undecided(told, tie, _("This did not change what was chosen."))]


def unproven(told: Told) -> str:
    """How far from the best the chosen set can be, rounded up; empty when it is proven best."""
    outcome = told.outcome
    if outcome.proven:
        return ""
    tenths = -(-1000 * (outcome.bound - outcome.value) // outcome.bound)
    sentence = _(
        "It is not proven that this set has most votes. It has at most %(share)s fewer votes than any other could."
    )
    if told.points:
        sentence = _(
            "It is not proven that this set has most points. "
            "It has at most %(share)s fewer points than any other could."
        )
    return sentence % {"share": show_percent(tenths, 1000)}


def preferring(told: Told) -> str:
    """Which of two outcomes more voters had more of, where they were compared; else empty."""
    if told.outcome.preferring is None:
        return ""
    shares, greedy = told.outcome.preferring
    values = {"shares": show_number(shares), "greedy": show_number(greedy)}
    sentence = _(
        "Two counts were compared. %(shares)s voters have more of their own projects chosen by equal shares, "
        "%(greedy)s by most votes first."
    )
    chosen = _("So most votes first counts.")
    if told.points:
        sentence = _(
            "Two counts were compared. %(shares)s voters have more of their own projects chosen by equal shares, "
            "%(greedy)s by most points first."
        )
        chosen = _("So most points first counts.")
    return f"{sentence % values} {chosen if greedy > shares else _('So equal shares count.')}"
