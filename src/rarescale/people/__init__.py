"""People: who asks, in which role, and what that role may do."""

from rarescale.people.who import LOCAL, RIGHTS, Right, Role, Who

__all__ = ["LOCAL", "RIGHTS", "Right", "Role", "Who"]
