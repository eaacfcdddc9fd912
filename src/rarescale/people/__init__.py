"""People: who asks, in which role, what that role may do, and how they prove who they are.

A person comes in by an API key of the people file (`Roll`), or through the house's own login (`Provider`, OpenID
Connect; needs the extra `people`). `Sessions` keeps a browser signed in, `Buckets` keeps everybody within limits.
"""

from rarescale.people.differences import Change
from rarescale.people.errors import LoginFailed, PeopleError, ProviderDown
from rarescale.people.file import (
    Person,
    add_key,
    add_person,
    change_people,
    only_the_owner_reads,
    read_people,
    remove_person,
    revoke_key,
    rotate_key,
    set_roles,
)
from rarescale.people.keys import Key, key_id_of
from rarescale.people.limits import Buckets
from rarescale.people.oidc_settings import OidcSettings, read_oidc
from rarescale.people.provider import Provider
from rarescale.people.roll import BadKey, Roll
from rarescale.people.sessions import Session, Sessions
from rarescale.people.who import LOCAL, NOBODY, RIGHTS, Right, Role, Who

__all__ = [
    "LOCAL",
    "NOBODY",
    "RIGHTS",
    "BadKey",
    "Buckets",
    "Change",
    "Key",
    "LoginFailed",
    "OidcSettings",
    "PeopleError",
    "Person",
    "Provider",
    "ProviderDown",
    "Right",
    "Role",
    "Roll",
    "Session",
    "Sessions",
    "Who",
    "add_key",
    "add_person",
    "change_people",
    "key_id_of",
    "only_the_owner_reads",
    "read_oidc",
    "read_people",
    "remove_person",
    "revoke_key",
    "rotate_key",
    "set_roles",
]
