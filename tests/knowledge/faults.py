"""Faults for the tests of upkeep: a web server that misbehaves, and a disk that is full."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def whole(handler: BaseHTTPRequestHandler, data: bytes, _stop: threading.Event) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def cut(handler: BaseHTTPRequestHandler, data: bytes, _stop: threading.Event) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[: len(data) // 2])


def chunked(handler: BaseHTTPRequestHandler, data: bytes, _stop: threading.Event) -> None:
    cut_in_chunks(handler, data, _stop)
    handler.wfile.write(b"0\r\n\r\n")


def cut_in_chunks(handler: BaseHTTPRequestHandler, data: bytes, _stop: threading.Event) -> None:
    handler.protocol_version = "HTTP/1.1"
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for start in range(0, len(data), 700):
        part = data[start : start + 700]
        handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
    handler.close_connection = True


def of_unknown_length(handler: BaseHTTPRequestHandler, data: bytes, _stop: threading.Event) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(data)


def missing(handler: BaseHTTPRequestHandler, _data: bytes, _stop: threading.Event) -> None:
    handler.send_error(404)


def broken(handler: BaseHTTPRequestHandler, _data: bytes, _stop: threading.Event) -> None:
    handler.send_error(503)


def login_page(handler: BaseHTTPRequestHandler, _data: bytes, stop: threading.Event) -> None:
    whole(handler, b"<!DOCTYPE html>\n<html><body>Please sign in to the hospital network</body></html>\n", stop)


def empty(handler: BaseHTTPRequestHandler, _data: bytes, stop: threading.Event) -> None:
    whole(handler, b"", stop)


def silent(handler: BaseHTTPRequestHandler, data: bytes, stop: threading.Event) -> None:
    """Sends half and then nothing, with the line open."""
    cut(handler, data, stop)
    handler.wfile.flush()
    stop.wait(30)


def trickling(handler: BaseHTTPRequestHandler, data: bytes, stop: threading.Event) -> None:
    """Never silent, never done."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    for byte in data:
        if stop.wait(0.02):
            return
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()


Manner = Callable[[BaseHTTPRequestHandler, bytes, threading.Event], None]


@contextmanager
def serving(folder: Path, manners: dict[str, Manner]) -> Iterator[str]:
    """The address of a server of the files in `folder`; `manners` say how a file is sent, else `whole`."""
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            try:
                manners.get(name, whole)(self, (folder / name).read_bytes(), stop)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has had enough, as it should

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/release"
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def disk_that_takes(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes: a write past it fails as on a full disk (POSIX only)."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
