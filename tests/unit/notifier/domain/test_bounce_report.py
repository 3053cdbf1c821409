"""Delivery reports and complaints as servers write them; of what is no report nothing follows."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.bounce_report import BounceReport, read_report

REMINDER = UUID("5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee")
BACK = "bounces+5f0c2b5e7f0b5c1d9a50000000c0ffee-0123456789abcdef@shop.example"
ORIGINAL = f"""From: Nordwind <hello@shop.example>
To: <anna@mail.example>
Return-Path: <{BACK}>
Message-ID: <{REMINDER}@shop.example>
Subject: Your cart"""
FAILED = """Reporting-MTA: dns; mx.relay.example
Arrival-Date: Tue, 1 Dec 2026 10:15:00 +0000

Final-Recipient: rfc822; anna@mail.example
Original-Recipient: rfc822;anna@mail.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mail.example
Diagnostic-Code: smtp; 550 5.1.1 <anna@mail.example>: Recipient address
    rejected: User unknown
"""
ABUSE = f"""Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{BACK}>
Original-Rcpt-To: <redacted@mail.example>
"""


def report(kind: str, fields: str, *, original: str = ORIGINAL, to: str = BACK, part: str = "rfc822-headers") -> bytes:
    """A report as Postfix writes it, or a mailbox provider."""
    inside = {"delivery-status": "message/delivery-status", "feedback-report": "message/feedback-report"}[kind]
    returned = {"rfc822-headers": "text/rfc822-headers", "rfc822": "message/rfc822"}[part]
    return f"""From: MAILER-DAEMON@mx.relay.example
To: {to}
Message-ID: <20261201101500.4F1@mx.relay.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind};
\tboundary="4F1.1764584100/mx.relay.example"

This is a MIME-encapsulated message.

--4F1.1764584100/mx.relay.example
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--4F1.1764584100/mx.relay.example
Content-Type: {inside}

{fields}
--4F1.1764584100/mx.relay.example
Content-Type: {returned}

{original}

--4F1.1764584100/mx.relay.example--
""".encode()


def read(raw: bytes) -> BounceReport:
    found = read_report(raw)
    assert found is not None
    return found


def dsn(action: str, status: str, diagnostic: str = "") -> BounceReport:
    fields = f"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b\nAction: {action}\nStatus: {status}\n"
    return read(report("delivery-status", fields + (f"Diagnostic-Code: {diagnostic}\n" if diagnostic else "")))


@pytest.mark.parametrize("part", ["rfc822-headers", "rfc822"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_delivery_report_says_status_and_where_the_message_came_back_to(part: str, ending: bytes):
    raw = report("delivery-status", FAILED, part=part).replace(b"\n", ending)
    found = read(raw)
    assert (found.kind, found.status, found.reason) == ("bounced", "5.1.1", "dsn_failed")
    assert found.addresses == (BACK, BACK)
    assert found.named == REMINDER


@pytest.mark.parametrize(
    ("action", "status", "diagnostic", "expected"),
    [
        ("failed", "5.0.0", "smtp; 550 5.1.1 unknown", ("bounced", "5.1.1")),
        ("FAILED", "4.4.7", "", ("bounced", "4.4.7")),
        ("failed (bounced)", "5.1.1", "", None),
        ("delayed", "4.4.1", "smtp; 451 later", ("deferred", "4.4.1")),
        ("delivered", "2.1.5", "", ("delivered", None)),
        ("relayed", "2.1.9", "", None),
        ("expanded", "2.1.5", "", None),
        ("", "5.1.1", "", None),
    ],
)
def test_the_action_says_what_it_is(action: str, status: str, diagnostic: str, expected: tuple[str, str | None] | None):
    if expected is None:
        with pytest.raises(AssertionError):
            dsn(action, status, diagnostic)
    else:
        found = dsn(action, status, diagnostic)
        assert (found.kind, found.status) == expected


def test_of_several_recipients_what_was_refused_counts():
    groups = ["Action: delivered\nStatus: 2.1.5", "Action: delayed\nStatus: 4.2.2", "Action: failed\nStatus: 5.1.1"]
    for order in (groups, groups[::-1]):
        found = read(report("delivery-status", "Reporting-MTA: dns; x\n\n" + "\n\n".join(order) + "\n"))
        assert (found.kind, found.status, found.reason) == ("bounced", "5.1.1", "dsn_failed")


@pytest.mark.parametrize("part", ["rfc822-headers", "rfc822"])
def test_a_complaint_says_which_message_it_is_about(part: str):
    found = read(report("feedback-report", ABUSE, to="abuse@shop.example", part=part))
    assert (found.kind, found.status, found.reason) == ("complained", None, "arf_abuse")
    assert found.addresses == ("abuse@shop.example", BACK, BACK)
    assert found.named == REMINDER


def test_only_what_complains_is_a_complaint():
    for kind in ("abuse", "fraud", "opt-out", "virus", "other", "ABUSE"):
        found = read(report("feedback-report", ABUSE.replace("abuse", kind)))
        assert found.reason == "arf_" + kind.lower().replace("-", "_")
    for kind in ("not-spam", "auth-failure", ""):
        assert read_report(report("feedback-report", ABUSE.replace("Type: abuse", f"Type: {kind}"))) is None


def test_a_report_is_shown_without_whom_the_message_went_to():
    found = read(report("feedback-report", ABUSE, to="anna@mail.example"))
    assert "anna@mail.example" in found.addresses
    assert "mail.example" not in repr(found)


def test_of_two_complaints_in_a_report_the_first_counts():
    raw = report("feedback-report", ABUSE)
    second = b"Content-Type: message/feedback-report\n\nFeedback-Type: fraud\n\n--4F1.1764584100/mx.relay.example\n"
    head, returned = raw.split(b"Content-Type: text/rfc822-headers")
    assert read(head + second + b"Content-Type: text/rfc822-headers" + returned).reason == "arf_abuse"


def test_our_own_header_names_the_reminder_before_a_message_id_that_was_replaced():
    replaced = ORIGINAL.replace(f"<{REMINDER}@shop.example>", f"<{UUID(int=1)}@eu-central-1.amazonses.com>")
    found = read(report("feedback-report", ABUSE, original=replaced + f"\nX-Evercart-Reminder: {REMINDER}"))
    assert found.named == REMINDER
    nobody = ORIGINAL.replace(f"<{REMINDER}@shop.example>", "<20261201.1@shop.example>")
    assert read(report("feedback-report", ABUSE, original=nobody)).named is None
    named_by_the_server = FAILED + f"Message-ID: <{REMINDER}@shop.example>\n"
    assert read(report("delivery-status", named_by_the_server, original=nobody)).named is None


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To"])
def test_where_it_arrived_stands_in_headers_of_several_names(name: str):
    raw = report("delivery-status", FAILED, to="undisclosed", original="Subject: x")
    assert read(raw).addresses == ()
    assert read(f"{name}: <{BACK}>\n".encode() + raw).addresses == (BACK,)


def test_a_report_has_one_name_however_often_it_is_read():
    raw = report("delivery-status", FAILED)
    again = b"Received: from elsewhere\n" + raw
    other = raw.replace(b"20261201101500.4F1", b"20261201101500.4F2")
    assert read(raw).report_id == read(again).report_id != read(other).report_id
    nameless = raw.replace(b"Message-ID: <20261201101500.4F1@mx.relay.example>\n", b"")
    assert read(nameless).report_id == read(nameless).report_id != read(nameless + b" ").report_id
    complaint = report("feedback-report", ABUSE)
    assert read(complaint).report_id != read(raw).report_id


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\xff",
        b"Subject: I am away\nAuto-Submitted: auto-replied\n\nUntil Monday.",
        report("delivery-status", FAILED).replace(b"multipart/report", b"multipart/mixed"),
        report("delivery-status", FAILED).replace(
            b"report-type=delivery-status", b"report-type=disposition-notification"
        ),
        report("delivery-status", FAILED).replace(b"report-type=delivery-status;", b""),
        report("delivery-status", FAILED).replace(b"message/delivery-status", b"text/plain"),
        report("feedback-report", ABUSE).replace(b"message/feedback-report", b"text/plain"),
        report("delivery-status", ""),
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts",
    ],
)
def test_what_is_no_report_is_none(raw: bytes):
    assert read_report(raw) is None


def test_a_report_within_a_message_that_came_back_says_nothing():
    """A stranger's message that holds a report is returned as it is: only what the server itself says counts."""
    inner = report("feedback-report", ABUSE).decode()
    delivered = "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b\nAction: relayed\nStatus: 2.1.9\n"
    assert read_report(report("delivery-status", delivered, original=inner, part="rfc822")) is None


@given(st.binary(max_size=300), st.integers(0, 900))
def test_whatever_comes_nothing_breaks(noise: bytes, place: int):
    for raw in (report("delivery-status", FAILED), report("feedback-report", ABUSE, part="rfc822")):
        found = read_report(raw[:place] + noise + raw[place:])
        assert found is None or found.kind in ("bounced", "deferred", "delivered", "complained")


@pytest.mark.parametrize(("before", "is_read"), [(0, True), (19, True), (20, False)])
def test_twenty_parts_of_a_report_are_looked_at(before: int, is_read: bool):
    parts = b"".join(b"Content-Type: text/plain\n\nx\n--B\n" for _ in range(before))
    told = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\nStatus: 5.1.1\n"
    raw = (
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n--B\n" + parts + told + b"--B--\n"
    )
    assert (read_report(raw) is not None) is is_read


@pytest.mark.parametrize(("before", "is_read"), [(19, True), (20, False)])
def test_twenty_groups_of_fields_of_a_report_are_looked_at(before: int, is_read: bool):
    groups = ["Action: relayed\nStatus: 2.1.9"] * before + ["Action: failed\nStatus: 5.1.1"]
    assert (read_report(report("delivery-status", "\n\n".join(groups) + "\n")) is not None) is is_read


def test_two_thousand_characters_of_a_field_are_read():
    filler = "x" * 1996 + " "
    found = read(report("delivery-status", FAILED, to=f"{filler}a@bcd", original="Subject: x"))
    assert found.addresses == ("a@b",), "the rest is beyond"


def test_its_fields_may_hold_anything():

    raw = report("delivery-status", FAILED).replace(
        b"Message-ID: <20261201101500.4F1@mx.relay.example>", b"Message-ID: \xff\xfe"
    )
    assert read(raw).kind == "bounced"
