"""What a confirmed ballot says, as frozen data: the paper each voter gets and the order that breaks ties.

Everything that votes and counts reads this text and nothing else of the round.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict

from ballots.types import BallotType, Paper
from pb.permissions import ALLOWED, Act, Phase, Window, phase_at

FEWEST_SHOWN = 10  # ballots of an allocation: a list of fewer could reveal what everybody chose
FORMER_NAMES = {"instant-runoff": "irv"}  # of rules, in texts frozen before they were renamed


class WhyWithheld(StrEnum):
    """Why the ballots of an allocation are not published, in the words of the bundle's manifest."""

    FEW = f"fewer than {FEWEST_SHOWN} ballots"
    COVER = f"so that a group of fewer than {FEWEST_SHOWN} voters does not show in the lists for the whole city"


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProjectRules(Frozen):
    """A project as printed on the ballot: its number there, its title, its cost in cents."""

    id: UUID
    number: int
    title: str
    cost_cents: int


class AllocationRules(Frozen):
    """One ballot paper. `tie_order` lists its ballot numbers: of equals, the earlier one goes first.

    `min_votes` is what a project needs to be chosen; with `part_funding` the first that does not fit gets what is left.
    """

    number: int
    name: str
    area_id: UUID | None
    service: str
    amount_cents: int
    ballot_type: BallotType
    max_choices: int | None
    max_points: int | None = None
    rule: Annotated[str, BeforeValidator(lambda name: FORMER_NAMES.get(name, name))]
    min_votes: int = 0
    part_funding: bool = False
    projects: tuple[ProjectRules, ...]
    tie_order: tuple[int, ...]

    @property
    def paper(self) -> Paper:
        costs = {p.number: p.cost_cents for p in self.projects}
        return Paper(self.ballot_type, costs, self.amount_cents, self.max_choices, self.max_points)


class Rules(Frozen):
    """The round's rules. `seed` (hex) gave the ballot numbers and tie orders; empty if a file gave them.

    With `area_choice` voters choose the area they vote in, else it is that of their line of the roll.
    """

    version: int = 1
    round_id: UUID
    title: str
    service: str
    currency: str
    opens: datetime
    closes: datetime
    seed: str
    area_choice: bool = False
    allocations: tuple[AllocationRules, ...]

    def papers(self, area_id: UUID | None) -> dict[int, Paper]:
        """The papers of a voter of `area_id`, by allocation number: their area's and the whole city's."""
        return {a.number: a.paper for a in self.allocations_for(area_id)}

    def allocations_for(self, area_id: UUID | None) -> list[AllocationRules]:
        return [a for a in self.allocations if a.area_id is None or a.area_id == area_id]

    @property
    def areas_to_choose(self) -> set[UUID]:
        """The areas that a voter chooses one of: those with an allocation; none where the roll says the area."""
        return {a.area_id for a in self.allocations if a.area_id and self.area_choice}

    def papers_per_voter(self) -> list[dict[int, Paper]]:
        """Each set of papers that some voter gets: those of an area, or of none."""
        each = (self.papers(area_id) for area_id in {None, *(a.area_id for a in self.allocations)})
        return [papers for papers in each if papers]


def rules_text(rules: Rules) -> str:
    """The canonical JSON that is stored, hashed and published: sorted keys, no spaces, UTF-8."""
    return json.dumps(rules.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def rules_hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def read_rules(text: str) -> Rules:
    return Rules.model_validate_json(text)


def why_withheld(rules: Rules, voters: Mapping[int, int]) -> dict[int, WhyWithheld]:
    """The allocations whose ballots are not published, by number: no group of fewer than FEWEST_SHOWN voters shows.

    `voters` counts the ballots of each allocation. A short list is left out. Its voters still stand in the lists for
    the whole city, like those whose area has no allocation: theirs are the codes that no area's list has. If they are
    few, the smallest area shown is left out too, of equal ones the first in the rules; it has enough, so one will do.
    Source: primary and secondary suppression, Hundepool et al., Handbook on Statistical Disclosure Control, chapter 4.
    """
    why = {a.number: WhyWithheld.FEW for a in rules.allocations if voters.get(a.number, 0) < FEWEST_SHOWN}
    shown = [allocation for allocation in rules.allocations if allocation.number not in why]
    city = max((voters[a.number] for a in shown if a.area_id is None), default=0)
    areas = {a.area_id: voters[a.number] for a in shown if a.area_id is not None}
    if 0 < city - sum(areas.values()) < FEWEST_SHOWN:
        smallest = min(areas, key=lambda area_id: areas[area_id])
        why |= {a.number: WhyWithheld.COVER for a in shown if a.area_id == smallest}
    return why


def draw(seed: str, purpose: str, ids: Iterable[UUID]) -> list[UUID]:
    """`ids` in an order drawn by lot: sorted by SHA-256 of `seed|purpose|id`, so anyone can draw it again."""
    return sorted(ids, key=lambda id_: hashlib.sha256(f"{seed}|{purpose}|{id_}".encode()).digest())


def is_public(windows: Sequence[Window], now: datetime) -> bool:
    """A round is shown to everybody from the day its first phase opens; before that it is a draft."""
    return bool(windows) and min(w.opens for w in windows) <= now


def phase_line(windows: Sequence[Window], now: datetime) -> list[tuple[Window, str]]:
    """Each phase in order with "past", "now" or "next"."""
    states = ("past" if w.closes <= now else "now" if w.opens <= now else "next" for w in windows)
    return list(zip(windows, states, strict=True))


def next_window(windows: Sequence[Window], now: datetime) -> Window | None:
    return next((w for w in windows if w.opens > now), None)


def voting_is_open(confirmed: bool, windows: Sequence[Window], now: datetime) -> bool:
    """Voting needs both the clock and the officer's act of confirming the ballot."""
    return confirmed and Act.CAST_BALLOT in ALLOWED[phase_at(windows, now)]


def overlaps(windows: Mapping[Phase, tuple[datetime, datetime]]) -> set[Phase]:
    """The phases that open before the one before them has closed."""
    ordered = sorted(windows.items(), key=lambda item: item[1])
    return {later for (_, (_, closes)), (later, (opens, _)) in pairwise(ordered) if opens < closes}
