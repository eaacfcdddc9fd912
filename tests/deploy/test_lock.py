"""The lock covers what pyproject.toml asks for, and the bill of materials says the same as the lock."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rarescale

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"


def _script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_sbom = _script(DEPLOY / "make_sbom.py")
LOCK = (DEPLOY / "requirements.lock").read_text()
PINNED = make_sbom.locked(LOCK)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WANTED = [*PROJECT["dependencies"], *(r for e in ("store", "people") for r in PROJECT["optional-dependencies"][e])]


@pytest.mark.parametrize("wanted", WANTED)
def test_each_dependency_is_pinned_within_its_range(wanted: str) -> None:
    requirement = Requirement(wanted)
    version, _ = PINNED[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version), "run `make lock`"


def test_each_pin_has_hashes_and_no_address() -> None:
    assert len(PINNED) >= len(WANTED)
    assert all(hashes for _, hashes in PINNED.values())
    assert "://" not in LOCK and "--index" not in LOCK and "--find-links" not in LOCK and " @ " not in LOCK
    assert len(PINNED) == len(re.findall(r"^[a-z0-9]", LOCK, re.MULTILINE))


def test_the_bill_of_materials_is_that_of_the_lock() -> None:
    written = json.loads((DEPLOY / "sbom.cdx.json").read_text())
    assert written == make_sbom.sbom(LOCK, rarescale.__version__), "run `make sbom`"
    assert {(c["name"], c["version"]) for c in written["components"]} == {(n, v) for n, (v, _) in PINNED.items()}
