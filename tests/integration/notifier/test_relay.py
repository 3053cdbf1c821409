"""Real SMTP: encryption, log-in, and connections that the other side closes."""

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notifier.channels.email.smtp import Smtp, SmtpSettings
from services.notifier.channels.outcome import Accepted, Postponed
from services.notifier.channels.ports import Limits
from services.notifier.domain.envelope import Envelope
from tests.integration.notifier.stand_ins import Relay

LETTER = Envelope(UUID(int=1), "hello@nordwind.example", "anna@mail.example", b"Subject: x\r\n\r\n.\r\n..dots\r\n")


def smtp(relay: Relay, limits: Limits | None = None, **settings: Any) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=relay.port, **settings), limits or Limits())


def authenticate(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    genuine = isinstance(data, LoginPassword) and (data.login, data.password) == (b"notifier", b"secret")
    return AuthResult(success=genuine)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "relay.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
async def guarded(certificate: Path):
    """A relay that wants STARTTLS and a log-in."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    relay = Relay(tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate)
    await relay.start()
    yield relay
    await relay.stop()


@pytest.fixture
async def relay():
    relay = Relay()
    await relay.start()
    yield relay
    await relay.stop()


async def test_a_relay_with_encryption_and_log_in_is_served(guarded: Relay, certificate: Path):
    provider = smtp(guarded, username="notifier", password="secret", ca_file=certificate)
    assert await provider.send(LETTER) == Accepted("00000001")
    assert await provider.send(LETTER) == Accepted("00000002")
    assert guarded.sessions == 1
    await provider.close()


async def test_a_relay_whose_certificate_nobody_vouches_for_is_told_nothing(guarded: Relay):
    provider = smtp(guarded, username="notifier", password="secret")
    assert await provider.send(LETTER) == Postponed("smtp_unreachable")
    assert guarded.messages == []


async def test_a_password_that_is_refused_is_our_fault_and_waits(guarded: Relay, certificate: Path):
    provider = smtp(guarded, username="notifier", password="wrong", ca_file=certificate)
    assert await provider.send(LETTER) == Postponed("smtp_535_login", ours=True)


async def test_lines_of_dots_arrive_as_they_were(relay: Relay):
    provider = smtp(relay, starttls=False)
    await provider.send(LETTER)
    assert relay.raw == [LETTER.content]
    await provider.close()


async def test_a_kept_connection_that_the_relay_has_closed_is_replaced(relay: Relay):
    provider = smtp(relay, starttls=False)
    assert isinstance(await provider.send(LETTER), Accepted)
    relay.drop_all()
    assert isinstance(await provider.send(LETTER), Accepted)
    assert relay.sessions == 2
    await provider.close()


async def test_after_a_refusal_the_same_connection_goes_on(relay: Relay):
    relay.fails("550 5.1.1 nobody", "rcpt")
    provider = smtp(relay, starttls=False)
    await provider.send(LETTER)
    assert isinstance(await provider.send(LETTER), Accepted)
    assert relay.sessions == 1
    await provider.close()


async def test_after_421_a_new_connection_is_made(relay: Relay):
    relay.fails("421 4.3.2 closing", "rcpt")
    provider = smtp(relay, starttls=False)
    assert await provider.send(LETTER) == Postponed("smtp_421")
    assert isinstance(await provider.send(LETTER), Accepted)
    assert relay.sessions == 2
    await provider.close()


async def test_no_more_connections_than_allowed(relay: Relay):
    provider = smtp(relay, limits=Limits(in_flight=2), starttls=False)
    outcomes = await asyncio.gather(*(provider.send(LETTER) for _ in range(10)))
    assert all(isinstance(o, Accepted) for o in outcomes)
    assert relay.sessions <= 2
    await provider.close()
