"""Every setting that would be unsafe or makes no sense, with its remedy; all that are found are said at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from rarescale.people import PeopleError, only_the_owner_reads, read_oidc, read_people

if TYPE_CHECKING:
    from rarescale.service.settings import ServiceSettings

Unsafe = Callable[["ServiceSettings"], bool]

TABLE: tuple[tuple[Unsafe, str], ...] = (
    (
        lambda s: not s.loopback and not s.allow_remote,
        "--host {s.host}: found an address that other machines can reach; expected 127.0.0.1, ::1 or localhost. Give "
        "--allow-remote if that is meant.",
    ),
    (
        lambda s: not s.loopback and not s.login,
        "--host {s.host}: found an address that other machines can reach, and nobody who may come in; expected people. "
        "Make them with `rarescale people add` and give --people FILE, or --oidc FILE.",
    ),
    (
        lambda s: not s.loopback and not s.secure and not s.plain_http,
        "--host {s.host}: found no TLS, so that all could be read on the way; expected it. Give --tls-cert and "
        "--tls-key, or --behind-proxy ADDRESS of a proxy that does TLS; --plain-http only for a network you trust.",
    ),
    (
        lambda s: s.loopback and bool(s.names) and not s.login,
        "--name {s.names[0]}: found a name for others to come by, and nobody who may come in; expected people, or a "
        "proxy would let everybody in as you. Give --people FILE or --oidc FILE, or leave --name out.",
    ),
    (
        lambda s: bool(s.behind_proxy) and not s.login,
        "--behind-proxy: found nobody who may come in; expected people, or the proxy would let everybody in as you. "
        "Give --people FILE or --oidc FILE.",
    ),
    (
        lambda s: bool(s.behind_proxy) and not s.names,
        "--behind-proxy: found no name that people use; expected one. Give --name HOST, as the proxy passes it on.",
    ),
    (
        lambda s: not all(_is_network(proxy) for proxy in s.behind_proxy),
        "--behind-proxy: found what is no address; expected one such as 127.0.0.1 or 10.0.0.0/24.",
    ),
    (
        lambda s: any(_is_network(proxy) and _everybody(proxy) for proxy in s.behind_proxy),
        "--behind-proxy: found a network that has everybody in it, who could say they are anybody; expected the "
        "address of the proxy alone.",
    ),
    (
        lambda s: (s.tls_cert is None) != (s.tls_key is None),
        "--tls-cert, --tls-key: found one of the two; expected both.",
    ),
    (
        lambda s: s.tls_cert is not None and bool(s.behind_proxy),
        "--tls-cert, --behind-proxy: found two that do TLS; expected one. Leave out the other.",
    ),
    (
        lambda s: s.plain_http and s.secure,
        "--plain-http: found TLS as well; expected one of the two. Leave out the other.",
    ),
    (
        lambda s: s.runs is not None and not s.runs.is_dir(),
        "--runs {s.runs}: found no such folder; expected a folder with evaluation runs.",
    ),
    (
        lambda s: min(s.workers, s.jobs, s.jobs_each, s.job_inputs, s.request_bytes, s.job_bytes, s.sessions) < 1,
        "workers, jobs, sessions and sizes: found one under 1; expected at least 1 of each.",
    ),
    (
        lambda s: s.workers > 64,
        "workers: found {s.workers}; expected at most 64, for they share one Python. Start several services instead.",
    ),
    (
        lambda s: min(s.job_seconds, s.session_idle, s.session_seconds) <= 0,
        "times: found one that is over at once; expected seconds above 0.",
    ),
    (
        lambda s: s.session_idle > s.session_seconds,
        "sessions: found an idle time of {s.session_idle:.0f} s, longer than the {s.session_seconds:.0f} s a session "
        "may live; expected it to be shorter.",
    ),
    (
        lambda s: min(s.person_rate, s.address_rate, s.failures_rate) <= 0,
        "rates: found one of 0 or less, which would shut everybody out in the end; expected more than 0.",
    ),
    (
        lambda s: min(s.person_burst, s.address_burst, s.failures_burst) < 1,
        "bursts: found one under 1, which would let nobody in; expected at least 1.",
    ),
)


def problems_of(settings: ServiceSettings) -> list[str]:
    """All that is wrong, a sentence each."""
    found = [message.format(s=settings) for unsafe, message in TABLE if unsafe(settings)]
    return [*found, *_secrets(settings), *_people(settings), *_oidc(settings)]


def _secrets(settings: ServiceSettings) -> list[str]:
    """Files that nobody else may read."""
    files = {"--tls-key": settings.tls_key, "--store-key": settings.store_key}
    return [found for option, path in files.items() if path is not None and (found := _open_to_others(option, path))]


def _open_to_others(option: str, path: Path) -> str:
    try:
        alone = only_the_owner_reads(path)
    except OSError as error:
        return f"{option} {path}: cannot be read ({error.strerror}); expected a file."
    return "" if alone else f"{option} {path}: found a file that others may read; expected mode 0600. chmod 600 {path}"


def _people(settings: ServiceSettings) -> list[str]:
    if settings.people is None:
        return []
    try:
        people = read_people(settings.people).values()
    except PeopleError as error:
        return [f"--people: {error}"]
    now = datetime.now(UTC)
    if settings.oidc or any(key.state(now) == "good" for person in people for key in person.keys):
        return []
    return [
        f"--people {settings.people}: found nobody with a key that opens anything; expected somebody. "
        "rarescale people add NAME --role ROLE, then rarescale people key NAME"
    ]


def _oidc(settings: ServiceSettings) -> list[str]:
    if settings.oidc is None:
        return []
    if find_spec("joserfc") is None:
        return ["--oidc: needs joserfc; install it with: pip install 'rarescale[people]'"]
    try:
        read_oidc(settings.oidc).client_secret()
    except PeopleError as error:
        return [f"--oidc: {error}"]
    return []


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _everybody(text: str) -> bool:
    return ipaddress.ip_network(text, strict=False).prefixlen == 0
