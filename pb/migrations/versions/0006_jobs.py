"""The queue's own tables, made by the queue's own words."""

from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

revision = "0006"
down_revision = "0005"


def run_script(script: str) -> None:
    """Several statements in one text: asyncpg takes them only outside a prepared statement."""
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(script))


def upgrade() -> None:
    run_script(QueryBuilderEnvironment().build_install_query())


def downgrade() -> None:
    run_script(QueryBuilderEnvironment().build_uninstall_query())
