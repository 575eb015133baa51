"""A round, its phases, its money, and what was amended after its ballot was confirmed."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ballots.types import BallotType
from pb.city.models import Area, Service, text_enum
from pb.database import Base
from pb.permissions import Phase, Scope
from pb.translation import Translated


class Round(Translated, Base):
    """One budget round, owned by a service. Once confirmed, `rules` is the frozen JSON that counts."""

    __tablename__ = "round"
    WORDS = ("title", "summary")
    __table_args__ = (
        CheckConstraint("(rules IS NULL) = (confirmed_at IS NULL)", name="confirmed_has_rules"),
        CheckConstraint("published_at IS NULL OR confirmed_at IS NOT NULL", name="published_was_confirmed"),
        CheckConstraint("currency ~ '^([A-Z]{3})?$'", name="currency"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    title: Mapped[str]
    summary: Mapped[str]
    currency: Mapped[str] = mapped_column(default="EUR")  # "" where a file of real votes names none
    area_choice: Mapped[bool] = mapped_column(default=False)  # voters choose the area they vote in
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    rules: Mapped[str | None]
    rules_sha256: Mapped[bytes | None]
    published_at: Mapped[datetime | None]
    service: Mapped[Service] = relationship(lazy="raise")
    windows: Mapped[list["PhaseWindow"]] = relationship(
        order_by="PhaseWindow.opens", lazy="raise", cascade="all, delete-orphan"
    )
    allocations: Mapped[list["Allocation"]] = relationship(
        order_by="Allocation.number", lazy="raise", cascade="all, delete-orphan", back_populates="round"
    )

    @property
    def scope(self) -> Scope:
        return Scope(service_id=self.service_id)

    def window(self, phase: Phase) -> "PhaseWindow | None":
        return next((w for w in self.windows if w.phase == phase), None)


class PhaseWindow(Base):
    """When a phase of a round is open: `closes` is the first instant it is over. Phases never overlap."""

    __tablename__ = "phase_window"
    __table_args__ = (
        CheckConstraint("closes > opens", name="closes_after_opens"),
        ExcludeConstraint(
            ("round_id", "="),
            (text("tstzrange(opens, closes)"), "&&"),
            using="gist",
            name="ex_phase_window_no_overlap",
            # Checked at the end, so that two phases may be moved in one form.
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(text_enum(Phase), primary_key=True)
    opens: Mapped[datetime]
    closes: Mapped[datetime]


MOST_POINTS = 100  # that a voter may give in all: every envelope of the round has room for them


class CountRule(StrEnum):
    """How an allocation's votes are counted, by the names of `tally.RULES`; the last four count ranked ballots."""

    GREEDY = "greedy"
    THRESHOLD = "threshold"
    NO_SKIP = "no-skip"
    PER_EURO = "per-euro"
    KNAPSACK = "knapsack"
    EQUAL_SHARES = "equal-shares"
    EQUAL_SHARES_ADD1 = "equal-shares/add1"
    EQUAL_SHARES_ADD1_GREEDY = "equal-shares/add1-greedy"
    EQUAL_SHARES_ADD1_COMPARISON = "equal-shares/add1-comparison"
    PHRAGMEN = "phragmen"
    IRV = "irv"
    STV = "stv"
    EXPANDING_APPROVALS = "expanding-approvals"
    RANK_POINTS = "rank-points"


RANKED = (CountRule.IRV, CountRule.STV, CountRule.EXPANDING_APPROVALS, CountRule.RANK_POINTS)
PLAIN = (CountRule.PHRAGMEN,)  # sees who names a project, and would pass over how many points each gives
WITHOUT_MINIMUM = (CountRule.IRV, CountRule.STV)
FUNDS_IN_PART = (
    CountRule.GREEDY,
    CountRule.THRESHOLD,
    CountRule.NO_SKIP,
    CountRule.PER_EURO,
    CountRule.PHRAGMEN,
    CountRule.RANK_POINTS,
)


def among(rules: tuple[CountRule, ...]) -> str:
    """The condition that `rule` is one of these, for the database."""
    return f"rule IN ({', '.join(repr(rule.value) for rule in rules)})"


class Allocation(Translated, Base):
    """Money of a service for an area (or, with no area, for the whole city), and its ballot. Whole cents."""

    __tablename__ = "allocation"
    WORDS = ("name",)
    __table_args__ = (
        UniqueConstraint("round_id", "number"),
        UniqueConstraint("id", "round_id"),
        UniqueConstraint("round_id", "area_id", "service_id", "name", postgresql_nulls_not_distinct=True),
        CheckConstraint("amount_cents > 0", name="amount"),
        CheckConstraint(
            f"(ballot_type = 'ranked') = ({among(RANKED)}) AND (ballot_type <> 'points' OR NOT {among(PLAIN)})",
            name="rule_fits_ballot",
        ),
        CheckConstraint("(ballot_type = 'knapsack') = (max_choices IS NULL)", name="limit_fits_ballot"),
        CheckConstraint("max_choices BETWEEN 1 AND 1000", name="max_choices"),
        CheckConstraint(f"ballot_type <> 'points' OR max_choices <= {MOST_POINTS}", name="points_in_all"),
        CheckConstraint("max_points IS NULL OR ballot_type = 'points'", name="points_fit_ballot"),
        CheckConstraint("max_points BETWEEN 1 AND max_choices", name="max_points"),
        CheckConstraint("min_votes >= 0", name="min_votes"),
        CheckConstraint("rule <> 'threshold' OR min_votes > 0", name="threshold_has_minimum"),
        CheckConstraint(f"min_votes = 0 OR NOT {among(WITHOUT_MINIMUM)}", name="minimum_fits_rule"),
        CheckConstraint(f"NOT part_funding OR {among(FUNDS_IN_PART)}", name="part_fits_rule"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str]  # what the pocket is called: "Lammi", "Koko kaupunki"
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"))
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    amount_cents: Mapped[int]
    ballot_type: Mapped[BallotType] = mapped_column(text_enum(BallotType))
    max_choices: Mapped[int | None]  # on a points ballot: how many points a voter gives in all
    max_points: Mapped[int | None]  # on a points ballot: how many to one project; None: all of them
    rule: Mapped[CountRule] = mapped_column(text_enum(CountRule, length=40))
    min_votes: Mapped[int] = mapped_column(default=0)  # that a project needs; points, where ballots or ranks give them
    part_funding: Mapped[bool] = mapped_column(default=False)  # the first that does not fit gets what is left
    round: Mapped[Round] = relationship(lazy="raise", back_populates="allocations")
    area: Mapped[Area | None] = relationship(lazy="raise")
    service: Mapped[Service] = relationship(lazy="raise")


class AmendmentKind(StrEnum):
    EXTENDED = "extended"  # the close of voting was moved later
    WITHDRAWN = "withdrawn"  # a project was withdrawn: the count skips it
    CORRECTED = "corrected"  # a description was corrected


class Amendment(Base):
    """What was changed after the ballot was confirmed, when and why: shown on the round's page."""

    __tablename__ = "amendment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    round_id: Mapped[UUID] = mapped_column(ForeignKey("round.id"), index=True)
    kind: Mapped[AmendmentKind] = mapped_column(text_enum(AmendmentKind))
    subject: Mapped[str]  # the project's title, or the phase
    language: Mapped[str | None]  # of the translation that was changed
    reason: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    at: Mapped[datetime]
