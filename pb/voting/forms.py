"""A ballot as form fields, and what is wrong with one as a sentence.

`a3=14` puts project 14 on allocation 3's paper; on a ranked paper `a3p14=2` gives project 14 the second place, on a
points paper two points. Between pages the choices travel in the form only.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from litestar.datastructures import FormMultiDict

from ballots.check import Papers
from ballots.types import BallotType, InvalidBallot, Problem
from pb.booth.forms import CHOICE, sent_fields
from pb.language import gettext as _
from pb.language import ngettext, show_money
from pb.rounds.rules import AllocationRules, Rules

Choices = dict[int, list[int]]
Mark = tuple[int, int, int]  # allocation, project, and its place or points; 0 where it has neither


class SamePlace(InvalidBallot):
    """Two projects were given the same place on a ranked paper."""


class Withdrawn(InvalidBallot):
    """A project was chosen that has been withdrawn from the ballot."""


class BadNumber(InvalidBallot):
    """What was written for a project is no whole number."""


def read_number(text: str) -> int | None:
    """A whole number of at most six digits; nothing is 0, and what is no such number None."""
    text = text.strip() or "0"
    return int(text) if text.isdecimal() and len(text) < 7 else None


def bad_numbers(form: FormMultiDict) -> dict[str, str]:
    """The fields for places or points with something else in them: their names and what was typed."""
    return {
        name: text
        for name, text in sent_fields(form)
        if (field := CHOICE.fullmatch(name)) and field[2] and read_number(text) is None
    }


def read_marks(form: FormMultiDict) -> list[Mark]:
    """Each mark in the form; a project with 0, or with no number at all, is not marked.

    A tick whose value is no number becomes project 0, which no ballot has: checking then refuses it.
    """
    marks = []
    for name, text in sent_fields(form):
        if not (field := CHOICE.fullmatch(name)):
            continue
        allocation, number = int(field[1]), read_number(text) or 0
        if field[2] is None:
            marks.append((allocation, number, 0))
        elif number:
            marks.append((allocation, int(field[2]), number))
    return marks


def gives_points(papers: Papers, allocation: int) -> bool:
    return allocation in papers and papers[allocation].type is BallotType.POINTS


def read_choices(papers: Papers, form: FormMultiDict) -> Choices:
    """Every paper's choices in the form, blank ones too; a project stands once for each of its points.

    Raises BadNumber, SamePlace for places given twice, or InvalidBallot for more points than the paper has.
    """
    if name := next(iter(bad_numbers(form)), None):
        allocation, project = (int(part) for part in name.removeprefix("a").split("p"))
        unknown = Problem.UNKNOWN_PROJECT if allocation in papers else Problem.OTHER_PAPERS
        raise BadNumber(unknown, allocation=allocation, number=project)
    choices: Choices = {number: [] for number in papers}
    marks = read_marks(form)
    check_marks(papers, marks)
    # Sorting keeps the order of marks without a place.
    for allocation, project, place in sorted(marks, key=lambda mark: mark[2]):
        points = place if gives_points(papers, allocation) else 1
        choices.setdefault(allocation, []).extend([project] * (points or 1))
    return choices


def check_marks(papers: Papers, marks: Sequence[Mark]) -> None:
    """What the choices do not show any more, or, as lists of so many points, would be too long to show."""
    points = Counter[int]()
    for allocation, _project, place in marks:
        points[allocation] += place if gives_points(papers, allocation) else 0
    for allocation, given in points.items():
        if given and (over := given - (papers[allocation].max_choices or 0)) > 0:
            raise InvalidBallot(Problem.TOO_MANY, allocation=allocation, over=over)
    for (allocation, place), times in Counter((a, place) for a, _project, place in marks if place).items():
        if times > 1 and allocation in papers and not gives_points(papers, allocation):
            raise SamePlace(Problem.REPEATED_PROJECT, allocation=allocation, number=place)


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
        for project, place in marks_of(allocation.ballot_type, choices.get(allocation.number, [])):
            if allocation.ballot_type in (BallotType.RANKED, BallotType.POINTS):
                fields.append((f"a{allocation.number}p{project}", place))
            else:
                fields.append((f"a{allocation.number}", project))
    return fields


def marks_of(ballot_type: BallotType, chosen: Sequence[int]) -> list[tuple[int, int]]:
    """One paper's choices as marks: each project with its points, or its place from 1."""
    if ballot_type is BallotType.POINTS:
        return list(Counter(chosen).items())
    return [(project, place) for place, project in enumerate(chosen, start=1)]


def sentence(error: InvalidBallot, rules: Rules) -> str:
    """What is wrong with the ballot and how to mend it, without blame."""
    allocation = next((a for a in rules.allocations if a.number == error.allocation), None)
    name = allocation.name if allocation else ""
    if isinstance(error, SamePlace):
        return _("%(name)s: two projects have place %(place)s. Give each place once.") % {
            "name": name,
            "place": error.number,
        }
    if isinstance(error, Withdrawn):
        return _("%(name)s: a project you chose has been withdrawn. Check your choices.") % {"name": name}
    if allocation and allocation.ballot_type is BallotType.POINTS and (error.over or isinstance(error, BadNumber)):
        return points_sentence(error, allocation)
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
        case Problem.OTHER_PAPERS:
            return _("This ballot has a pocket that is not yours. Choose again from your own ballot.")
        case Problem.REPEATED_PROJECT:
            return _("%(name)s: the same project was sent twice. Choose again.") % {"name": name}
        case _:
            return _("%(name)s: a project was sent that is not on this ballot. Choose again.") % {"name": name}


def points_sentence(error: InvalidBallot, allocation: AllocationRules) -> str:
    """No number of points, or too many of them: in all, or for one project."""
    if isinstance(error, BadNumber):
        values = {"name": allocation.name, "n": allocation.paper.most_each}
        return _("%(name)s: give whole points, from 0 to %(n)s.") % values
    over, most = error.over or 0, allocation.max_choices or 0
    if error.problem is Problem.TOO_MANY:
        values = {"name": allocation.name, "given": most + over, "most": most, "n": over}
        return _("%(name)s: you have given %(given)s points. You can give %(most)s. Take %(n)s away.") % values
    each = allocation.paper.most_each
    return ngettext(
        "%(name)s: give at most %(n)s point to one project.",
        "%(name)s: give at most %(n)s points to one project.",
        each,
    ) % {"name": allocation.name, "n": each}
