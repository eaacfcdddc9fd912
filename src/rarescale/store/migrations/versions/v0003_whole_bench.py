"""A content can say all that a workbench holds; `needs` names the oldest schema whose programs can read it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rarescale.store.errors import WrongSchema

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """What is there can be read by every program."""
    op.add_column("contents", sa.Column("needs", sa.String(4), nullable=False, server_default="0001"))


def downgrade() -> None:
    """Refused while a content says more than an older program can read: it could not open the case."""
    newer = op.get_bind().execute(sa.text("SELECT count(*) FROM contents WHERE needs > '0002'")).scalar_one()
    if newer:
        raise WrongSchema(
            f"{newer} saved versions of cases say more than schema 0002 can (rare diseases only, findings beside a "
            "conversation, sex or age set by hand, a simulated patient), so an older program could not open them; "
            "keep this program, or delete those cases first"
        )
    op.drop_column("contents", "needs")
