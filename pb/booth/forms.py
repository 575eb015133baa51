"""What travels in a voter's form from page to page, and nowhere else: the area they chose, and their choices."""

import re
from uuid import UUID

from litestar.datastructures import FormMultiDict

from ballots.types import InvalidBallot, Problem
from pb.rounds.rules import Rules

AREA = "area"
CHOICE = re.compile(r"a(\d{1,6})(?:p(\d{1,6}))?")  # as `pb.voting.forms` reads it


class NoArea(InvalidBallot):
    """Voters choose their area, and none of the round's was chosen."""


def read_area(rules: Rules, own: UUID | None, form: FormMultiDict) -> UUID | None:
    """The area whose papers a voter gets: their own of the roll, or the one chosen in the form. Raises NoArea."""
    if not rules.areas_to_choose:
        return own
    for area_id in rules.areas_to_choose:
        if form.get(AREA) == str(area_id):
            return area_id
    raise NoArea(Problem.OTHER_PAPERS)


def sent_fields(form: FormMultiDict) -> list[tuple[str, str]]:
    """The fields that carry choices and the area, as they were sent, so that a page can send them on."""
    sent = ((name, value) for name, value in form.multi_items() if isinstance(value, str) and value)
    return [(name, value) for name, value in sent if name == AREA or CHOICE.fullmatch(name)]
