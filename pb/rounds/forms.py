"""What an officer writes of a round."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, model_validator

from ballots.types import BallotType
from pb.errors import FieldErrors
from pb.forms import Blank, Cents, Line, Moment, OptionalText
from pb.language import gettext as _
from pb.permissions import Phase
from pb.rounds.models import FUNDS_IN_PART, MOST_POINTS, PLAIN, RANKED, WITHOUT_MINIMUM, CountRule
from pb.rounds.rules import overlaps

Instant = Annotated[Moment | None, Blank]
Positive = Annotated[Cents, Field(gt=0)]
Limit = Annotated[Annotated[int, Field(ge=1, le=1000)] | None, Blank]
Minimum = Annotated[int, Field(ge=0, le=10**9), BeforeValidator(lambda value: value or 0)]


class RoundForm(BaseModel):
    title: Line
    summary: OptionalText = ""
    service_id: UUID
    area_choice: bool = False
    ideas_opens: Instant = None
    ideas_closes: Instant = None
    estimates_opens: Instant = None
    estimates_closes: Instant = None
    voting_opens: Moment
    voting_closes: Moment
    results_opens: Instant = None
    results_closes: Instant = None

    def windows(self) -> dict[Phase, tuple[datetime, datetime]]:
        """The phases in use with their times. Raises FieldErrors for half a phase or phases that overlap."""
        found: dict[Phase, tuple[datetime, datetime]] = {}
        errors: dict[str, str] = {}
        for phase in Phase:
            opens, closes = getattr(self, f"{phase}_opens"), getattr(self, f"{phase}_closes")
            if opens is None and closes is None:
                continue
            if opens is None or closes is None:
                missing = "opens" if opens is None else "closes"
                errors[f"{phase}_{missing}"] = _("Give both times of this phase, or leave both empty.")
            elif closes <= opens:
                errors[f"{phase}_closes"] = _("The phase must close after it opens.")
            else:
                found[phase] = (opens, closes)
        for phase in overlaps(found):
            errors.setdefault(f"{phase}_opens", _("This phase opens before the one before it has closed."))
        if errors:
            raise FieldErrors(**errors)
        return found


class BallotForm(BaseModel):
    """How one allocation is voted on and counted."""

    ballot_type: BallotType
    max_choices: Limit = None
    max_points: Limit = None
    rule: CountRule = CountRule.GREEDY
    min_votes: Minimum = 0
    part_funding: bool = False

    @model_validator(mode="after")
    def fits(self) -> "BallotForm":
        if self.ballot_type is BallotType.KNAPSACK:
            self.max_choices = None  # the money is the limit
        if self.ballot_type is not BallotType.POINTS:
            self.max_points = None
        return self

    def check(self) -> None:
        """Raises FieldErrors for a limit or a rule that the ballot type does not go with, or terms not the rule's."""
        if self.ballot_type is BallotType.POINTS:
            self.check_points()
        if self.ballot_type is not BallotType.KNAPSACK and self.max_choices is None:
            raise FieldErrors(max_choices=_("Say how many projects a voter may choose at most."))
        if self.ballot_type is BallotType.RANKED and self.rule not in RANKED:
            raise FieldErrors(rule=_("This rule does not count ranked ballots. Choose one of the last four."))
        if self.ballot_type is not BallotType.RANKED and self.rule in RANKED:
            raise FieldErrors(rule=_("This rule counts ranked ballots only. Choose one above the last four."))
        if self.rule is CountRule.THRESHOLD and not self.min_votes:
            raise FieldErrors(min_votes=_("Say how many votes a project needs at least."))
        if self.rule in WITHOUT_MINIMUM and self.min_votes:
            raise FieldErrors(min_votes=_("This rule knows no minimum of votes. Write 0."))
        if self.part_funding and self.rule not in FUNDS_IN_PART:
            raise FieldErrors(part_funding=_("This rule funds no project in part. Take the mark away."))

    def check_points(self) -> None:
        if self.max_choices is None:
            raise FieldErrors(max_choices=_("Say how many points a voter can give."))
        if self.max_choices > MOST_POINTS:
            raise FieldErrors(max_choices=_("A voter can give %(n)s points at most.") % {"n": MOST_POINTS})
        if self.max_points and self.max_points > self.max_choices:
            raise FieldErrors(max_points=_("A voter has fewer points than this. Write fewer, or leave it empty."))
        if self.rule in PLAIN:
            raise FieldErrors(rule=_("This rule does not count points, only who gave some. Choose another one."))


class AllocationForm(BallotForm):
    name: Line
    area_id: Annotated[UUID | None, Blank] = None
    service_id: UUID
    amount: Positive


class ShareForm(BallotForm):
    """Money to divide among all areas by population."""

    total: Positive
