"""Alembic's entry: migrates the connection it is given (see pb.database.upgrade)."""

from importlib import import_module
from pathlib import Path

from alembic import context

import pb
from ballots.tables import metadata as box
from pb.database import Base

# Importing a folder's models enters its tables in Base.metadata; the audit trail's is at the root.
PB = Path(pb.__file__).parent
for models in ("audit", *(f"{path.parent.name}.models" for path in sorted(PB.glob("*/models.py")))):
    import_module(f"pb.{models}")


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
