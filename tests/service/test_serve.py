"""`rarescale serve` as a process: it says where it is, answers, and leaves quietly."""

from __future__ import annotations

import signal
import ssl
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from rarescale.cli.app import app
from tests.service.people import House
from tests.service.started import PATIENCE, started


def test_it_says_where_it_is_and_ends_with_ctrl_c() -> None:
    with started() as (process, address):
        assert process.stderr is not None and process.stdout is not None
        with urllib.request.urlopen(f"{address}/workbench", timeout=PATIENCE) as answer:
            assert b"Who is in front of you?" in answer.read()
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(PATIENCE) in (0, 130)
        assert "GET /workbench 200" in rest and "Traceback" not in rest
        assert process.stdout.read() == ""


def test_a_remote_address_is_refused_with_all_remedies() -> None:
    result = CliRunner().invoke(app, ["serve", "--host", "0.0.0.0"])
    assert result.exit_code != 0
    for remedy in ("--allow-remote", "--people", "--tls-cert", "--behind-proxy", "--plain-http"):
        assert remedy in str(result.exception)


def test_plain_http_is_warned_about(house: House) -> None:
    options = ["--host", "0.0.0.0", "--allow-remote", "--people", str(house.path), "--plain-http"]
    result = CliRunner().invoke(app, ["serve", *options, "--knowledge", "/nonexistent", "--port", "0"])
    assert "WARNING" in result.stderr and "encrypted" in result.stderr


def test_with_tls_and_people_a_key_comes_in_over_https(house: House) -> None:
    cert, key = self_signed(house.folder)
    with started("--people", house.path, "--tls-cert", cert, "--tls-key", key) as (process, address):
        assert process.stderr is not None and address.startswith("https:")
        trust = ssl.create_default_context(cafile=cert)
        request = urllib.request.Request(f"{address}/help", headers=house.bearer("ann"))
        with urllib.request.urlopen(request, timeout=PATIENCE, context=trust) as answer:
            assert answer.status == 200 and "max-age" in answer.headers["Strict-Transport-Security"]
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}/v1/findings?q=x", timeout=PATIENCE, context=trust)
        refused.value.close()
        assert refused.value.code == 401
        process.send_signal(signal.SIGINT)
        assert '"reason": "no-login"' in process.stderr.read()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate of 127.0.0.1 and its key, for a day."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(secret, hashes.SHA256())
    )
    cert, key = folder / "tls.crt", folder / "tls.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.touch(0o600)
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert, key


def test_names_proxies_and_tls_also_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RARESCALE_NAME", "one.example two.example")
    monkeypatch.setenv("RARESCALE_BEHIND_PROXY", "10.0.0.7 nonsense")
    monkeypatch.setenv("RARESCALE_TLS_CERT", "/nonexistent/cert.pem")
    said = str(CliRunner().invoke(app, ["serve", "--port", "0"]).exception)
    assert "--name one.example" in said
    assert "--behind-proxy: found what is no address" in said
    assert "--tls-cert, --tls-key: found one of the two" in said
