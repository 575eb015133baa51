"""Alembic's entry: migrates the connection it is given (see pb.database.upgrade)."""

from alembic import context

import pb.audit
import pb.city.models
import pb.estimates.models
import pb.forgetting.models
import pb.ideas.models
import pb.opening.models
import pb.people.models
import pb.results.models
import pb.roll.models
import pb.rounds.models
import pb.traffic.models
import pb.trustees.models  # noqa: F401 — importing the models fills Base.metadata
from ballots.tables import metadata as box
from pb.database import Base


def is_ours(name: str | None, type_: str, parents: object) -> bool:
    """The queue's tables belong to pgqueuer, which describes them itself."""
    return not (type_ == "table" and name is not None and name.startswith("pgqueuer"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=[Base.metadata, box],
    include_schemas=True,
    include_name=is_ours,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
