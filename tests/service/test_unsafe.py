"""Settings that would be unsafe start nothing, and all of them are said at once with what to do."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rarescale.errors import UsageError
from rarescale.people import change_people, key_id_of, revoke_key
from rarescale.service import ServiceSettings
from tests.service.people import House


def refusal(**settings: Any) -> str:
    with pytest.raises(UsageError) as refused:
        ServiceSettings(**settings)
    return str(refused.value)


@pytest.fixture
def safe(house: House) -> dict[str, Any]:
    """Other machines may connect, by a proxy that does TLS."""
    return {
        "host": "0.0.0.0",
        "allow_remote": True,
        "people": house.path,
        "behind_proxy": ("10.0.0.7",),
        "names": ("clinic.example",),
    }


def test_this_machine_needs_nothing() -> None:
    for host in ("127.0.0.1", "127.0.0.2", "::1", "localhost"):
        assert ServiceSettings(host=host).loopback and not ServiceSettings(host=host).login


def test_other_machines_need_people_and_tls(safe: dict[str, Any], house: House) -> None:
    assert ServiceSettings(**safe).secure
    assert not ServiceSettings(**safe | {"behind_proxy": (), "names": (), "plain_http": True}).secure
    key = house.folder / "tls.key"
    key.touch(0o600)
    assert ServiceSettings(**safe | {"behind_proxy": (), "tls_cert": house.path, "tls_key": key}).secure


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"allow_remote": False}, "--allow-remote"),
        ({"people": None}, "--people"),
        ({"behind_proxy": ()}, "--tls-cert"),
        ({"names": ()}, "--name"),
        ({"behind_proxy": ("proxy.example",)}, "no address"),
        ({"behind_proxy": ("0.0.0.0/0",)}, "everybody"),
        ({"behind_proxy": ("::/0",)}, "everybody"),
        ({"tls_cert": Path("/x")}, "both"),
        ({"plain_http": True}, "--plain-http"),
        ({"host": "127.0.0.1", "people": None}, "as you"),
        ({"host": "127.0.0.1", "people": None, "behind_proxy": ()}, "--name clinic.example"),
        ({"runs": Path("/nonexistent")}, "--runs"),
        ({"store_key": Path("/nonexistent")}, "--store-key"),
        ({"people": Path("/nonexistent")}, "people add"),
        ({"oidc": Path("/nonexistent")}, "--oidc"),
        ({"workers": 0}, "under 1"),
        ({"workers": 1000}, "at most 64"),
        ({"jobs": 0}, "under 1"),
        ({"sessions": 0}, "under 1"),
        ({"session_idle": 0.0}, "above 0"),
        ({"session_idle": 50_000.0}, "shorter"),
        ({"person_rate": 0.0}, "shut everybody out"),
        ({"failures_burst": 0.5}, "let nobody in"),
    ],
)
def test_each_is_refused_with_its_remedy(safe: dict[str, Any], change: dict[str, Any], says: str) -> None:
    assert says in refusal(**safe | change)


def test_all_are_said_at_once() -> None:
    said = refusal(host="0.0.0.0", workers=0, runs=Path("/nonexistent"))
    assert said.count("expected") >= 4 and "5 reasons" in said
    for part in ("--allow-remote", "--people", "--tls-cert", "--runs", "workers"):
        assert part in said


def test_files_that_others_can_read_are_refused(safe: dict[str, Any], house: House) -> None:
    key = house.folder / "store.key"
    key.touch(0o644)
    house.path.chmod(0o640)
    said = refusal(**safe | {"store_key": key})
    assert f"--store-key {key}" in said and f"chmod 600 {house.path}" in said


def test_a_file_without_anybody_who_could_come_in_is_refused(safe: dict[str, Any], house: House) -> None:
    with change_people(house.path) as people:
        for key in house.keys.values():
            revoke_key(people, str(key_id_of(key)), house.times.now() - timedelta(days=1))
    assert "nobody" in refusal(**safe)
    house.path.write_text("")
    assert "nobody" in refusal(**safe)
