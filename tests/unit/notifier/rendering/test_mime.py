"""The message on the wire: its headers, and what nobody can smuggle into them."""

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.rendering.mime import UnusableAddressError, build, usable
from tests.unit.notifier.making import contact, line, low_stock, reminder, snapshot
from tests.unit.notifier.reading import UNSUBSCRIBE, body, letter, sent


def test_the_headers_are_those_of_a_proper_bulk_message():
    message = sent(letter())
    assert message["Message-ID"] == f"<{reminder().reminder_id}@nordwind.example>"
    assert message["From"] == "Nordwind <hello@nordwind.example>"
    assert message["To"] == "anna@mail.example"
    assert message["Date"] == "Tue, 10 Mar 2026 12:00:00 +0000"
    assert message["List-Unsubscribe"] == f"<{UNSUBSCRIBE}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects


def test_the_parts_say_what_the_message_says():
    made = letter()
    kwargs: Any = {"sender_name": "Nord, wind", "recipient": "a@b.example", "date": datetime(2026, 1, 1, tzinfo=UTC)}
    envelope = build(made, reminder_id=reminder().reminder_id, sender="h@n.example", unsubscribe=UNSUBSCRIBE, **kwargs)
    parts, message = envelope.parts, email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert (parts.sender_name, parts.subject, parts.text, parts.html) == (
        "Nord, wind",
        made.subject,
        made.text,
        made.html,
    )
    assert [(name, message[name]) for name, _ in parts.headers] == list(parts.headers)
    assert {"List-Unsubscribe", "List-Unsubscribe-Post", "X-Evercart-Reminder"} <= dict(parts.headers).keys()
    transactional = build(made, reminder_id=reminder().reminder_id, sender="h@n.example", unsubscribe=None, **kwargs)
    assert "List-Unsubscribe" not in dict(transactional.parts.headers)


@settings(max_examples=60, deadline=None)
@given(name=st.text(max_size=80), title=st.text(min_size=1, max_size=120))
def test_no_text_adds_a_header_or_breaks_the_message(name, title):
    made = letter(low_stock(channel="email"), contact(name=name), snapshot(line(title=title)))
    message = sent(made)
    assert list(message.keys()) == list(sent(letter()).keys())
    assert message["Subject"] == made.subject
    assert body(message, "html").replace("\r\n", "\n").strip() == made.html.strip()


@pytest.mark.parametrize(
    "name",
    ["Nordwind", 'Nord "wind"', "Żółw, Sp. z o.o.", "a@b.example <x>", "=?utf-8?q?x?=", "Очень длинное название " * 4],
)
def test_the_sender_s_name_is_read_as_it_was_meant(name):
    envelope = build(
        letter(),
        reminder_id=reminder().reminder_id,
        sender="h@n.example",
        sender_name=name.strip(),
        recipient="a@b.example",
        date=datetime(2026, 1, 1, tzinfo=UTC),
        unsubscribe=UNSUBSCRIBE,
    )
    message = email.message_from_bytes(envelope.content, policy=email.policy.default)
    written, address = parseaddr(email.message_from_bytes(envelope.content)["From"])
    assert str(make_header(decode_header(written))) == name.strip()
    assert address == message["From"].addresses[0].addr_spec == "h@n.example"
    assert all(len(row) <= 998 for row in envelope.content.split(b"\r\n"))


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: c@d.example",
        "a b@c.example",
        "a@b.example>",
        "ü@b.example",
        "a@b..ü",
        "a",
        "",
        "a@" + "b" * 260,
    ],
)
def test_an_address_that_could_break_out_is_not_used(address):
    with pytest.raises(UnusableAddressError):
        build(
            letter(),
            reminder_id=reminder().reminder_id,
            sender="h@n.example",
            sender_name="N",
            recipient=address,
            date=datetime(2026, 1, 1, tzinfo=UTC),
            unsubscribe=UNSUBSCRIBE,
        )


def test_an_international_domain_is_written_as_every_relay_takes_it():
    assert usable("anna@bücher.example") == "anna@xn--bcher-kva.example"
