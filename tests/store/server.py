"""A real PostgreSQL of the test run's own: in a temporary folder, on a unix socket, as a user without rights."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg


def programs() -> Path | None:
    """Folder of initdb and postgres of the newest installed version, None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


@dataclass
class Server:
    bin: Path
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="rarescale-pg-")))
    process: subprocess.Popen[bytes] | None = None
    made: int = 0
    used: int = 0

    def __post_init__(self) -> None:
        if os.getuid() == 0:
            shutil.chown(self.folder, self._user(), -1)
        made = [self.bin / "initdb", "-D", self.folder / "data", "-U", "tester", "-A", "trust", "-N", "-E", "UTF8"]
        subprocess.run([*made, "--locale=C.UTF-8"], check=True, capture_output=True, **self._as())

    def start(self) -> None:
        command = [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="]
        # fsync is off for speed: these tests kill clients and servers, they do not cut the power.
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "-c", "fsync=off", "-c", "max_connections=60"], stdout=log, stderr=log, **self._as()
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self._dsn("postgres")).close()
                return
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: sessions are ended, all is written. SIGQUIT: at once, as in a crash."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(60)
            self.process = None

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder)

    def new_database(self) -> str:
        """The URL of an empty database; those of earlier tests are emptied and used again."""
        name = f"cases{self.used}"
        if self.used == self.made:
            self._run("postgres", f"CREATE DATABASE {name}")
            self.made += 1
        else:
            self._run(name, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        self.used += 1
        return f"postgresql://tester@/{name}?host={self.folder}"

    def _run(self, database: str, *commands: str) -> None:
        with psycopg.connect(self._dsn(database), autocommit=True) as connection:
            for command in commands:
                connection.execute(command.encode())

    def _dsn(self, name: str) -> str:
        return f"host={self.folder} user=tester dbname={name}"

    def _user(self) -> str:
        names = {entry.pw_name for entry in pwd.getpwall()}
        return "postgres" if "postgres" in names else "nobody"

    def _as(self) -> dict[str, Any]:
        if os.getuid() != 0:
            return {}
        entry = pwd.getpwnam(self._user())
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": self.folder}
