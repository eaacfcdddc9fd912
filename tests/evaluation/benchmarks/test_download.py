"""Fetching, from a server in this process: whole or not at all, and only what has a plain address."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rarescale.errors import InputError, UsageError
from rarescale.evaluation.benchmarks import Benchmark, Wanted, benchmark_named, fetch_benchmark, open_benchmark
from rarescale.knowledge import Knowledge
from tests.evaluation.benchmarks.samples import PHENOBRAIN

BODY = PHENOBRAIN.encode()
HASH = hashlib.sha256(BODY).hexdigest()


class _Serving(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/gone":
            self.send_error(404)
            return
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/whole")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY) * (2 if self.path == "/cut" else 1)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    _Serving.asked = []
    with HTTPServer(("127.0.0.1", 0), _Serving) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()
        thread.join()


def at(url: str | None, sha256: str | None = None) -> Benchmark:
    wanted = Wanted(name="Public_Test_set.json", accept=("Public_Test_set.json",), url=url, sha256=sha256)
    return benchmark_named("phenobrain-public").model_copy(update={"files": (wanted,)})


@pytest.mark.parametrize("path", ["/whole", "/moved"])
@pytest.mark.parametrize("sha256", [None, HASH])
def test_a_file_is_fetched_whole_and_then_read(
    server: str, path: str, sha256: str | None, toy: Knowledge, tmp_path: Path
) -> None:
    told: list[str] = []
    benchmark = at(server + path, sha256)
    assert fetch_benchmark(benchmark, tmp_path / "new", told.append) == [tmp_path / "new" / "Public_Test_set.json"]
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["Public_Test_set.json"]
    assert HASH in told[1] and ("none is known" in told[1]) == (sha256 is None)
    assert len(open_benchmark(benchmark, tmp_path / "new", toy).loaded.cases) == 2


def test_a_file_that_is_there_is_not_fetched_again(server: str, tmp_path: Path) -> None:
    (tmp_path / "Public_Test_set.json").write_bytes(BODY)
    fetch_benchmark(at(f"{server}/whole"), tmp_path)
    assert _Serving.asked == []


@pytest.mark.parametrize(
    ("path", "sha256", "words"),
    [("/gone", None, "404"), ("/cut", None, "expected"), ("/whole", "0" * 64, "found SHA-256 " + HASH)],
)
def test_what_went_wrong_leaves_nothing_behind(
    server: str, path: str, sha256: str | None, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words):
        fetch_benchmark(at(server + path, sha256), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_nobody_there_is_an_error_to_act_on(tmp_path: Path, server: str) -> None:
    with pytest.raises(InputError, match=r"cannot be fetched .* or fetch it by hand"):
        fetch_benchmark(at("http://127.0.0.1:1/whole"), tmp_path)


@pytest.mark.parametrize("url", [None, "file:///etc/hosts", "ftp://127.0.0.1/x"])
def test_only_plain_addresses_are_fetched(url: str | None, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        fetch_benchmark(at(url), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_folder_with_another_checksum_is_refused(toy: Knowledge, tmp_path: Path) -> None:
    (tmp_path / "Public_Test_set.json").write_bytes(BODY)
    assert open_benchmark(at(None, HASH), tmp_path, toy).loaded.published == 2
    with pytest.raises(InputError, match="expected SHA-256 000"):
        open_benchmark(at(None, "0" * 64), tmp_path, toy)
