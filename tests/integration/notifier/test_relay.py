"""Real SMTP: encryption, log-in, and connections that the other side closes."""

import asyncio
import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notifier.channels.email import EmailChannel, Server
from services.notifier.channels.outcome import Accepted, Postponed
from services.notifier.domain.envelope import Envelope
from tests.integration.notifier.stand_ins import Relay

LETTER = Envelope(UUID(int=1), "hello@nordwind.example", "anna@mail.example", b"Subject: x\r\n\r\n.\r\n..dots\r\n")


class Guarded(Relay):
    """A relay that wants STARTTLS and a log-in."""

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__()
        self.context = context

    def _session(self) -> SMTP:
        self.sessions += 1
        return SMTP(
            self,
            hostname="relay.test",
            tls_context=self.context,
            require_starttls=True,
            auth_required=True,
            authenticator=authenticate,
        )


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
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    relay = Guarded(context)
    await relay.start()
    yield relay
    await relay.stop()


@pytest.fixture
async def relay():
    relay = Relay()
    await relay.start()
    yield relay
    await relay.stop()


async def test_a_relay_with_encryption_and_log_in_is_served(guarded: Guarded, certificate: Path):
    channel = EmailChannel(Server("127.0.0.1", guarded.port, "notifier", "secret", ca_file=str(certificate)))
    assert await channel.send(LETTER) == Accepted("00000001")
    assert await channel.send(LETTER) == Accepted("00000002")
    assert guarded.sessions == 1
    await channel.close()


async def test_a_relay_whose_certificate_nobody_vouches_for_is_told_nothing(guarded: Guarded):
    channel = EmailChannel(Server("127.0.0.1", guarded.port, "notifier", "secret"))
    assert await channel.send(LETTER) == Postponed("smtp_unreachable")
    assert guarded.messages == []


async def test_a_password_that_is_refused_is_our_fault_and_waits(guarded: Guarded, certificate: Path):
    channel = EmailChannel(Server("127.0.0.1", guarded.port, "notifier", "wrong", ca_file=str(certificate)))
    assert await channel.send(LETTER) == Postponed("smtp_unreachable")


async def test_lines_of_dots_arrive_as_they_were(relay: Relay):
    channel = EmailChannel(Server("127.0.0.1", relay.port, starttls=False))
    await channel.send(LETTER)
    assert relay.raw == [LETTER.content]
    await channel.close()


async def test_a_kept_connection_that_the_relay_has_closed_is_replaced(relay: Relay):
    channel = EmailChannel(Server("127.0.0.1", relay.port, starttls=False))
    assert isinstance(await channel.send(LETTER), Accepted)
    relay.drop_all()
    assert isinstance(await channel.send(LETTER), Accepted)
    assert relay.sessions == 2
    await channel.close()


async def test_after_a_refusal_the_same_connection_goes_on(relay: Relay):
    relay.rcpt.append("550 5.1.1 nobody")
    channel = EmailChannel(Server("127.0.0.1", relay.port, starttls=False))
    await channel.send(LETTER)
    assert isinstance(await channel.send(LETTER), Accepted)
    assert relay.sessions == 1
    await channel.close()


async def test_after_421_a_new_connection_is_made(relay: Relay):
    relay.rcpt.append("421 4.3.2 closing")
    channel = EmailChannel(Server("127.0.0.1", relay.port, starttls=False))
    assert await channel.send(LETTER) == Postponed("smtp_421")
    assert isinstance(await channel.send(LETTER), Accepted)
    assert relay.sessions == 2
    await channel.close()


async def test_no_more_connections_than_allowed(relay: Relay):
    channel = EmailChannel(Server("127.0.0.1", relay.port, starttls=False), connections=2)
    outcomes = await asyncio.gather(*(channel.send(LETTER) for _ in range(10)))
    assert all(isinstance(o, Accepted) for o in outcomes)
    assert relay.sessions <= 2
    await channel.close()
