"""Real SMTP: encryption, log-in, and connections that the other side closes."""

import ipaddress
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from services.notifier.channels.email.conversation import Patience
from services.notifier.channels.email.smtp import SmtpSettings
from services.notifier.channels.outcome import Accepted, Postponed, Refused, Unclear, Withheld
from services.notifier.domain.envelope import Envelope
from tests.integration.notifier.scripted import LETTER, sends, smtp
from tests.integration.notifier.stand_ins import Relay


def authenticate(_server, _session, _envelope, _mechanism, data) -> AuthResult:
    genuine = isinstance(data, LoginPassword) and (data.login, data.password) == (b"notifier", b"secret")
    return AuthResult(success=genuine, handled=False)


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
    assert await sends(provider) == Accepted("00000001")
    assert await sends(provider) == Accepted("00000002")
    assert guarded.sessions == 1
    await provider.close()


async def test_a_relay_whose_certificate_nobody_vouches_for_is_told_nothing(guarded: Relay):
    provider = smtp(guarded, username="notifier", password="secret")
    assert await sends(provider) == Postponed("smtp_unreachable", down=True)
    assert guarded.messages == []


async def test_a_relay_that_speaks_tls_from_the_first_byte_is_served(certificate: Path):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    relay = Relay()
    await relay.start(tls=context)
    provider = smtp(relay, implicit_tls=True, ca_file=certificate)
    assert await sends(provider) == Accepted("00000001")
    assert await sends(smtp(relay, ca_file=certificate, patience=0.001)) == Postponed("smtp_unreachable", down=True)
    await provider.close()
    await relay.stop()


@pytest.mark.parametrize(
    ("said", "from_the_start"),
    [
        ({}, False),
        ({"port": 587}, False),
        ({"port": 465}, True),
        ({"port": 465, "implicit_tls": False}, False),
        ({"port": 2465, "implicit_tls": True}, True),
    ],
)
def test_tls_begins_with_the_first_byte_where_that_is_said_or_usual(said, from_the_start):
    assert SmtpSettings(host="relay.example", **said).encrypted_from_the_start is from_the_start


async def test_bounces_go_to_an_address_of_their_own_and_the_message_stays_the_store_s(relay: Relay):
    provider = smtp(relay, starttls=False, bounce_address="bounces@nordwind.example")
    assert await sends(provider) == Accepted("00000001")
    assert any(b"MAIL FROM:<bounces@nordwind.example>" in read for read in relay.read)
    assert relay.raw == [LETTER.content]
    await provider.close()


async def test_where_store_and_account_both_name_one_the_store_s_signed_one_counts(relay: Relay):
    provider = smtp(relay, starttls=False, bounce_address="bounces@relay.example")
    returning = replace(LETTER, return_path="bounces+1-2@nordwind.example")

    async def last_word() -> Envelope:
        return returning

    assert await provider.send(returning, last_word) == Accepted("00000001")
    assert any(b"MAIL FROM:<bounces+1-2@nordwind.example>" in read for read in relay.read)
    assert not any(b"relay.example" in read for read in relay.read)
    await provider.close()


async def test_a_password_that_is_refused_is_our_fault_and_waits(guarded: Relay, certificate: Path):
    provider = smtp(guarded, username="notifier", password="wrong", ca_file=certificate)
    assert await sends(provider) == Postponed("smtp_535_login", ours=True, down=True)


async def test_lines_of_dots_arrive_as_they_were(relay: Relay):
    provider = smtp(relay, starttls=False)
    await sends(provider)
    assert relay.raw == [LETTER.content]
    await provider.close()


async def test_a_kept_connection_that_the_relay_has_closed_is_replaced(relay: Relay):
    provider = smtp(relay, starttls=False)
    assert isinstance(await sends(provider), Accepted)
    relay.drop_all()
    assert isinstance(await sends(provider), Accepted)
    assert relay.sessions == 2
    await provider.close()


async def test_after_a_refusal_the_same_connection_goes_on(relay: Relay):
    relay.fails("550 5.1.1 nobody", "rcpt")
    provider = smtp(relay, starttls=False)
    await sends(provider)
    assert isinstance(await sends(provider), Accepted)
    assert relay.sessions == 1
    await provider.close()


async def test_after_421_a_new_connection_is_made(relay: Relay):
    relay.fails("421 4.3.2 closing", "rcpt")
    provider = smtp(relay, starttls=False)
    assert await sends(provider) == Postponed("smtp_421", down=True)
    assert isinstance(await sends(provider), Accepted)
    assert relay.sessions == 2
    await provider.close()


@pytest.mark.parametrize(
    ("says", "outcome"),
    [
        ({"MAIL": None}, Postponed("smtp_disconnected", down=True)),
        ({"MAIL": b"nonsense"}, Postponed("smtp_disconnected", down=True)),
        ({"RCPT": None}, Postponed("smtp_disconnected", down=True)),
        ({"DATA": None}, Postponed("smtp_disconnected", down=True)),
        ({"DATA": b"451 4.3.0 try later"}, Postponed("smtp_451")),
        ({"DATA": b"554 5.6.0 no valid recipients"}, Refused("smtp_554")),
        ({"DATA": b"nonsense"}, Postponed("smtp_disconnected", down=True)),
        ({"DOT": b"554 5.6.0 content rejected"}, Refused("smtp_554")),
        ({"DOT": b"452 4.3.1 no room"}, Postponed("smtp_452")),
        ({"DOT": b"nonsense"}, Unclear("smtp_no_answer")),
        ({"DOT": None}, Unclear("smtp_no_answer")),
        ({"DOT": b"250 2.0.0 Ok: queued as 4F1B22"}, Accepted("4F1B22")),
        ({"DOT": b"251 will forward"}, Accepted(None)),
    ],
)
async def test_only_what_breaks_after_the_final_dot_leaves_it_open_whether_the_relay_has_it(scripted, says, outcome):
    provider = smtp(await scripted(**says), starttls=False)
    assert await sends(provider) == outcome
    await provider.close()


async def test_a_relay_that_hangs_up_within_a_long_message_surely_has_nothing(scripted):
    long = replace(LETTER, content=b"Subject: x\r\n\r\n" + b"x" * 70 + b"\r\n" * 10_000_000)
    provider = smtp(await scripted(CONTENT=None), starttls=False)

    async def last_word() -> Envelope:
        return long

    assert await provider.send(long, last_word) == Postponed("smtp_disconnected", down=True)
    await provider.close()


async def test_data_is_never_sent_along_with_other_commands_and_a_no_ends_with_reset(scripted):
    relay = await scripted()
    provider = smtp(relay, starttls=False)
    heard_before: list[bytes] = []

    async def no() -> None:
        heard_before.extend(relay.heard)

    assert await provider.send(LETTER, no) == Withheld()
    await provider.close()
    assert heard_before[-1].startswith(b"RCPT")
    assert b"RSET\r\n" in relay.heard
    assert b"DATA\r\n" not in relay.heard


def test_time_outs_are_those_of_the_standard_unless_somebody_wants_less():
    patience = Patience()
    assert (patience.greeting, patience.command, patience.data) == (300, 300, 120)
    assert (patience.content, patience.final_dot) == (180, 600)
    assert Patience().times(0.5).final_dot == 300
