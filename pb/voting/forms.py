"""A ballot as form fields, and what is wrong with one as a sentence.

`a3=14` puts project 14 on allocation 3's paper; on a ranked paper `a3p14=2` gives project 14 the second place.
Between pages the choices travel in the form only.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from litestar.datastructures import FormMultiDict

from ballots.types import BallotType, InvalidBallot, Problem
from pb.language import gettext as _
from pb.language import ngettext, show_money
from pb.rounds.rules import AllocationRules, Rules

CHOICE = re.compile(r"a(\d{1,6})(?:p(\d{1,6}))?")
Choices = dict[int, list[int]]


class SamePlace(InvalidBallot):
    """Two projects were given the same place on a ranked paper."""


class Withdrawn(InvalidBallot):
    """A project was chosen that has been withdrawn from the ballot."""


def sent_fields(form: FormMultiDict) -> list[tuple[str, str]]:
    """The fields that carry choices, as they were sent, so that a page can send them on."""
    return [(n, v) for n, v in form.multi_items() if isinstance(v, str) and v and CHOICE.fullmatch(n)]


def read_marks(form: FormMultiDict) -> list[tuple[int, int, int]]:
    """Each mark in the form as (allocation, project, place), place 0 where the paper has no order.

    What is no number becomes project 0, which no ballot has: checking then refuses it.
    """
    marks = []
    for name, value in sent_fields(form):
        allocation, project = CHOICE.fullmatch(name).groups()
        number = int(value) if value.isdecimal() and len(value) < 7 else 0
        if project is None:
            marks.append((int(allocation), number, 0))
        else:
            marks.append((int(allocation), int(project) if number else 0, number))
    return marks


def read_choices(papers: Mapping[int, object], form: FormMultiDict) -> Choices:
    """Every paper's choices in the form, blank ones too. Raises SamePlace for places given twice."""
    choices: Choices = {number: [] for number in papers}
    marks = read_marks(form)
    # Sorting keeps the order of marks without a place.
    for allocation, project, _place in sorted(marks, key=lambda mark: mark[2]):
        choices.setdefault(allocation, []).append(project)
    for (allocation, place), times in Counter((a, place) for a, _project, place in marks if place).items():
        if times > 1 and allocation in papers:
            raise SamePlace(Problem.REPEATED_PROJECT, allocation=allocation, number=place)
    return choices


def check_withdrawn(choices: Choices, withdrawn: Collection[int]) -> None:
    """Raises Withdrawn for a choice that the count would skip; `withdrawn` holds ballot numbers."""
    for allocation, projects in choices.items():
        for number in projects:
            if number in withdrawn:
                raise Withdrawn(Problem.UNKNOWN_PROJECT, allocation=allocation, number=number)


def hidden_fields(rules: Sequence[AllocationRules], choices: Choices) -> list[tuple[str, int]]:
    """The choices as fields that `read_choices` reads back."""
    fields = []
    for allocation in rules:
        for place, project in enumerate(choices.get(allocation.number, []), start=1):
            if allocation.ballot_type is BallotType.RANKED:
                fields.append((f"a{allocation.number}p{project}", place))
            else:
                fields.append((f"a{allocation.number}", project))
    return fields


def sentence(error: InvalidBallot, rules: Rules) -> str:
    """What is wrong with the ballot and how to mend it, without blame."""
    name = next((a.name for a in rules.allocations if a.number == error.allocation), "")
    if isinstance(error, SamePlace):
        return _("%(name)s: two projects have place %(place)s. Give each place once.") % {
            "name": name,
            "place": error.number,
        }
    if isinstance(error, Withdrawn):
        return _("%(name)s: a project you chose has been withdrawn. Check your choices.") % {"name": name}
    match error.problem:
        case Problem.OVER_MONEY:
            over = show_money(error.over or 0, rules.currency)
            return _("%(name)s: the pocket is %(over)s over. Take out one project or more.") % {
                "name": name,
                "over": over,
            }
        case Problem.TOO_MANY:
            n = error.over or 0
            return ngettext(
                "%(name)s: one project too many is chosen. Take one out.",
                "%(name)s: %(n)s projects too many are chosen. Take them out.",
                n,
            ) % {"name": name, "n": n}
        case Problem.UNKNOWN_ALLOCATION | Problem.MISSING_ALLOCATION:
            return _("This ballot has a pocket that is not yours. Choose again from your own ballot.")
        case Problem.REPEATED_PROJECT:
            return _("%(name)s: the same project was sent twice. Choose again.") % {"name": name}
        case _:
            return _("%(name)s: a project was sent that is not on this ballot. Choose again.") % {"name": name}
