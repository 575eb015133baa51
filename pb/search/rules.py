"""What a visitor looks for among a round's ideas: all of it stands in the address, so a search can be shared."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from pb.forms import Blank
from pb.ideas.models import Theme

LONGEST = 100  # characters of search words that count


class Standing(StrEnum):
    """Where an idea has got to."""

    WAITING = "waiting"  # published, for an estimate
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    BALLOT = "ballot"
    WON = "won"
    LOST = "lost"
    REFUSED = "refused"
    MERGED = "merged"


class Order(StrEnum):
    DRAWN = "drawn"  # by lot, for each visitor
    NEWEST = "newest"
    SUPPORTED = "supported"


def _words(value: object) -> str:
    """Search words on one line, cut to what counts, without what PostgreSQL cannot hold."""
    return " ".join(str(value).replace("\x00", " ").split())[:LONGEST].strip()


class Filters(BaseModel):
    """The search; a field left out or empty asks for nothing."""

    words: Annotated[str, BeforeValidator(_words)] = ""
    area: Annotated[UUID | Literal["city"] | None, Blank] = None  # "city": ideas for the whole city
    service: Annotated[UUID | None, Blank] = None
    theme: Annotated[Theme | None, Blank] = None
    state: Annotated[Standing | None, Blank] = None
    order: Order = Order.DRAWN
    view: Literal["list", "map"] = "list"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    @property
    def narrows(self) -> bool:
        """Whether it asks for some of the ideas only."""
        return any((self.words, self.area, self.service, self.theme, self.state))

    def query(self, **changes: object) -> str:
        """The same search as an address's query, "?theme=arts", with changes (None: left out), from the first page."""
        asked = self.model_dump(mode="json", exclude_defaults=True) | {"page": None} | changes
        fields = {name: value for name, value in asked.items() if value not in (None, "")}
        return "?" + urlencode(fields) if fields else ""


def read_filters(sent: Mapping[str, str]) -> Filters:
    """The search that an address asks for; what it asks for wrongly is passed over."""
    asked = {name: sent[name] for name in Filters.model_fields if name in sent}
    try:
        return Filters.model_validate(asked)
    except ValidationError as invalid:
        wrong = {error["loc"][0] for error in invalid.errors(include_url=False)}
        return Filters.model_validate({name: value for name, value in asked.items() if name not in wrong})
