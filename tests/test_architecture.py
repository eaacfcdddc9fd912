"""The arrows of the floor plan point one way, and every package has a front door."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import rarescale

ROOT = Path(rarescale.__file__).parent

# From the ground up; a room may import rooms of lower levels only.
FLOORS = [
    {"errors", "record", "_version"},
    {"formats", "jobs", "llm", "people", "store"},
    {"knowledge"},
    {"reading", "expert"},
    {"simulation"},
    {"candidates"},
    {"differential", "interview", "understanding"},
    {"diagnose"},
    {"report", "weighing"},
    {"evaluation"},
    {"web"},
    {"service"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(p.relative_to(ROOT) for p in ROOT.rglob("*.py") if p.name != "__init__.py" or p.parent != ROOT)


def imported(path: Path) -> Iterator[tuple[str, list[str]]]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rarescale"):
            yield node.module or "", [a.name for a in node.names]
        elif isinstance(node, ast.Import):
            yield from ((a.name, []) for a in node.names if a.name.startswith("rarescale"))


def room_of(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


def test_every_room_stands_on_a_floor() -> None:
    assert {room_of(p) for p in MODULES} <= set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_arrows_point_downwards(path: Path) -> None:
    own = room_of(path)
    for module, _ in imported(path):
        parts = module.split(".")
        other = parts[1] if len(parts) > 1 else "diagnose"
        assert other == own or LEVEL[other] < LEVEL[own], f"{path} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_rooms_are_entered_by_the_front_door(path: Path) -> None:
    own = room_of(path)
    for module, names in imported(path):
        parts = module.split(".")
        if len(parts) > 1 and parts[1] != own:
            assert len(parts) == 2, f"{path} reaches into {module}"
            assert not [n for n in names if n.startswith("_") and n != "__version__"], f"{path} takes private names"


@pytest.mark.parametrize("package", sorted(p.parent for p in ROOT.rglob("__init__.py")), ids=lambda p: p.name)
def test_packages_list_what_they_export(package: Path) -> None:
    if package.name == "schemas":
        return
    tree = ast.parse((package / "__init__.py").read_text())
    names = [t.id for n in tree.body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)]
    assert "__all__" in names


def test_only_faces_print() -> None:
    for path in MODULES:
        if room_of(path) in ("cli", "report"):
            continue
        calls = [n for n in ast.walk(ast.parse((ROOT / path).read_text())) if isinstance(n, ast.Call)]
        assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"], path
