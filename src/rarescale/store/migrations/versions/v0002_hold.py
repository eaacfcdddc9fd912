"""Cases can be held, so that retention leaves them alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from rarescale.store.errors import WrongSchema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """No case is held at first."""
    op.add_column("cases", sa.Column("hold", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Refused while a case is held: the older program would let retention delete it."""
    held = op.get_bind().execute(sa.text("SELECT count(*) FROM cases WHERE hold")).scalar_one()
    if held:
        raise WrongSchema(
            f"{held} cases are on hold, which schema 0001 cannot say, so an older program could delete them; release "
            "them first (rarescale store hold --release CASE), then migrate again"
        )
    op.drop_column("cases", "hold")
