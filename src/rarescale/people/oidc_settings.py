"""The file that says how people come in through the login of the house (OpenID Connect).

issuer = "https://login.example.org/realms/clinic"
client_id = "rarescale"
client_secret_file = "/etc/rarescale/oidc.secret"   # left out: a public client, with PKCE alone
roles_claim = "realm_access.roles"

[roles]                                             # value of the claim -> role here
doctors = "clinician"
"""

from __future__ import annotations

import ipaddress
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator

from rarescale.people.errors import PeopleError
from rarescale.people.file import only_the_owner_reads
from rarescale.people.who import Role
from rarescale.record import Record

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures with a public key only: never `none`, and no HS256, whose secret a public key could be mistaken for."""


def safe_address(url: str) -> bool:
    """Whether nobody on the way can read or change what is sent: https, or this very machine."""
    parts = urlsplit(url)
    if parts.scheme != "http":
        return parts.scheme == "https" and bool(parts.hostname)
    try:
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


class OidcSettings(Record):
    """A provider and what it says about people. Claims are named by a path with dots.

    `name_claim` is what stands in the audit log and owns saved cases, as `oidc:VALUE`: it must never pass from one
    person to another, so it is `sub` unless the house knows better. `audience` is that of access tokens for the API;
    without one, none are taken.
    """

    issuer: str = Field(max_length=500)
    client_id: str = Field(min_length=1, max_length=200)
    client_secret_file: Path | None = None
    scopes: tuple[str, ...] = ("openid",)
    name_claim: str = "sub"
    roles_claim: str = "roles"
    roles: dict[str, Role] = Field(min_length=1)
    audience: str | None = None
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    seconds: float = Field(default=5.0, gt=0, le=30, description="How long the provider may take to answer.")

    @field_validator("issuer")
    @classmethod
    def _safe(cls, issuer: str) -> str:
        if not safe_address(issuer):
            raise ValueError("found an address without TLS; expected https://… (http only on this machine)")
        return issuer

    @field_validator("algorithms")
    @classmethod
    def _known(cls, algorithms: tuple[str, ...]) -> tuple[str, ...]:
        if not algorithms or set(algorithms) - set(ALGORITHMS):
            raise ValueError(f"expected some of {', '.join(ALGORITHMS)}")
        return algorithms

    @model_validator(mode="after")
    def _apart(self) -> OidcSettings:
        if "openid" not in self.scopes:
            raise ValueError("scopes: expected openid among them")
        if self.audience == self.client_id:
            raise ValueError("audience: found the client_id; expected another, or a login would pass for API access")
        return self

    def client_secret(self) -> str | None:
        """The secret of the client. Raises PeopleError where its file cannot be read, or others can read it."""
        if self.client_secret_file is None:
            return None
        try:
            if not only_the_owner_reads(self.client_secret_file):
                raise PeopleError(f"{self.client_secret_file}: found a file that others may read; expected mode 0600")
            return self.client_secret_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise PeopleError(f"{self.client_secret_file}: cannot be read ({error.strerror})") from None


def read_oidc(path: Path) -> OidcSettings:
    """The settings in a TOML file. Raises PeopleError."""
    try:
        return OidcSettings.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise PeopleError(f"{path}: the file of the login cannot be read ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PeopleError(
            f"{path}: found no TOML ({error}); expected issuer, client_id, [roles]: docs/people.md"
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise PeopleError(f"{path}: {where}: {first['msg']}. See docs/people.md") from None
