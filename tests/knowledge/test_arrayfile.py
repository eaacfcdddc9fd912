from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rarescale.knowledge import pack_strings, unpack_strings
from rarescale.knowledge.arrayfile import ArrayFileError, read_arrays, write_arrays
from rarescale.knowledge.cache import load_or_build


def sample() -> dict[str, np.ndarray]:
    return {
        "a": np.arange(7, dtype=np.int32),
        "b": np.linspace(0, 1, 6).reshape(2, 3),
        "empty": np.zeros((0, 4), np.float32),
        "flags": np.array([True, False]),
    }


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    write_arrays(tmp_path / "x", "k1", sample())
    back = read_arrays(tmp_path / "x", "k1")
    assert back.keys() == sample().keys()
    for name, array in sample().items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))))
def test_texts_come_back_as_they_were(texts: list[str]) -> None:
    strings = unpack_strings("t", pack_strings("t", texts))
    assert strings.tolist() == texts
    assert [strings[i] for i in range(len(strings))] == texts


def test_a_text_past_the_end_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        unpack_strings("t", pack_strings("t", ["a"]))[1]


@pytest.mark.parametrize("keep", [0, 5, 20, 300, -1])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "x"
    write_arrays(path, "k1", sample())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ArrayFileError):
        read_arrays(path, "k1")


def test_one_flipped_bit_in_the_data_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "x"
    write_arrays(path, "k1", sample())
    raw = bytearray(path.read_bytes())
    raw[-70] ^= 1
    path.write_bytes(raw)
    with pytest.raises(ArrayFileError, match="damaged"):
        read_arrays(path, "k1")


def test_a_file_compiled_for_something_else_is_refused(tmp_path: Path) -> None:
    write_arrays(tmp_path / "x", "k1", sample())
    with pytest.raises(ArrayFileError, match="k2"):
        read_arrays(tmp_path / "x", "k2")


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"PK\x03\x04" + b"nonsense" * 50)
    with pytest.raises(ArrayFileError, match="not a compiled"):
        read_arrays(tmp_path / "x", "k1")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RARESCALE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_an_artifact_is_built_once(cache: Path) -> None:
    calls = []

    def build() -> dict[str, np.ndarray]:
        calls.append(1)
        return sample()

    for _ in range(3):
        np.testing.assert_array_equal(load_or_build("art", "k", build)["a"], sample()["a"])
    assert len(calls) == 1


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_a_damaged_artifact_is_rebuilt(cache: Path, damage: bytes | None, caplog: pytest.LogCaptureFixture) -> None:
    load_or_build("art", "k", sample)
    (path,) = cache.glob("art-*")
    path.write_bytes(path.read_bytes()[:-100] if damage is None else damage)
    np.testing.assert_array_equal(load_or_build("art", "k", sample)["b"], sample()["b"])
    assert "rebuilding" in caplog.text
    caplog.clear()
    load_or_build("art", "k", sample)
    assert not caplog.text


def test_a_cache_that_cannot_be_written_costs_only_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("RARESCALE_CACHE", str(tmp_path / "file" / "below"))
    np.testing.assert_array_equal(load_or_build("art", "k", sample)["a"], sample()["a"])
    assert "RARESCALE_CACHE" in caplog.text
