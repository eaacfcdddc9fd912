"""What a provider publishes about itself, kept for a while: its addresses and its public keys."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rarescale.people.errors import LoginFailed, ProviderDown
from rarescale.people.fetching import fetch
from rarescale.people.oidc_settings import OidcSettings

if TYPE_CHECKING:
    from joserfc.jwk import Key

FRESH = 3600.0
"""Seconds for which the addresses and keys are believed."""

PATIENCE = 30.0
"""Seconds between two fetches of the keys for the sake of one that nobody knows."""

PAUSE = 5.0
"""Seconds for which a provider that failed is not asked again."""

MOST_KEYS = 50


class Metadata:
    """The discovery document and the key set of one provider. `clock` counts seconds and never goes back."""

    def __init__(self, settings: OidcSettings, *, clock: Callable[[], float]) -> None:
        """Nothing is asked before it is needed."""
        self._settings, self._clock, self._lock = settings, clock, threading.Lock()
        self._document: dict[str, Any] = {}
        self._keys: list[Key] = []
        self._document_at = self._keys_at = self._failed_at = float("-inf")

    def endpoint(self, name: str) -> str:
        """An address of the provider. Raises ProviderDown."""
        with self._lock:
            return self._endpoint(name)

    def key(self, kid: str | None, algorithm: str) -> Key:
        """The public key that signs with `algorithm`. Raises LoginFailed where it has none, ProviderDown.

        A key that is not known may be new, so the set is fetched again, but not for every token that somebody makes up.
        """
        with self._lock:
            if self._clock() - self._keys_at >= FRESH:
                self._fetch_keys()
            found = self._find(kid, algorithm)
            if found is None and self._clock() - self._keys_at >= PATIENCE:
                self._fetch_keys()
                found = self._find(kid, algorithm)
        if found is None:
            raise LoginFailed("unknown-signer", "found a token that is signed with no key of the provider.")
        return found

    def _endpoint(self, name: str) -> str:
        if self._clock() - self._document_at >= FRESH:
            address = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            document = self._ask(address)
            if document.get("issuer") != self._settings.issuer:
                raise ProviderDown("the provider calls itself by another name than the issuer in the settings.")
            self._document, self._document_at = document, self._clock()
        found = self._document.get(name)
        if not isinstance(found, str):
            raise ProviderDown(f"the provider: found no {name} in what it publishes; expected an address.")
        return found

    def _fetch_keys(self) -> None:
        from joserfc.errors import JoseError
        from joserfc.jwk import import_key

        given = self._ask(self._endpoint("jwks_uri")).get("keys")
        keys: list[Key] = []
        for entry in given[:MOST_KEYS] if isinstance(given, list) else ():
            # Kinds that we do not know, secrets and keys for encryption are not ours to use, but no fault either.
            if not isinstance(entry, dict) or entry.get("kty") not in ("RSA", "EC", "OKP") or entry.get("use") == "enc":
                continue
            try:
                keys.append(import_key(entry))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
        self._keys, self._keys_at = keys, self._clock()

    def _ask(self, address: str) -> dict[str, Any]:
        """Fetch, but leave a provider that has just failed alone, so that waiting for it cannot use up our threads."""
        if self._clock() - self._failed_at < PAUSE:
            raise ProviderDown("the provider has just failed to answer. Try again in a moment.")
        try:
            return fetch(address, seconds=self._settings.seconds)
        except ProviderDown:
            self._failed_at = self._clock()
            raise

    def _find(self, kid: str | None, algorithm: str) -> Key | None:
        kinds = {"R": "RSA", "P": "RSA", "E": "OKP" if algorithm == "EdDSA" else "EC"}
        fitting = [k for k in self._keys if k.key_type == kinds[algorithm[0]] and k.get("alg") in (None, algorithm)]
        if kid is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((k for k in fitting if k.get("kid") == kid), None)
