"""What the catcher knows of a message without opening it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import HeaderParser
from email.utils import parseaddr

PREVIEW_LENGTH = 140


@dataclass(frozen=True, slots=True)
class Summary:
    """``id`` is the instant of receipt in micro-seconds since 1970, raised by one where two would collide.

    ``key`` says what may be sent only once: an e-mail's Message-ID; a text has none at Twilio, so number and text.
    """

    id: int
    channel: str
    direction: str
    sender: str
    recipients: tuple[str, ...]
    subject: str | None
    preview: str | None
    key: str | None
    duplicate: bool = False

    @property
    def received_at(self) -> datetime:
        """In UTC."""
        return datetime.fromtimestamp(self.id / 1_000_000, UTC)

    @property
    def file_name(self) -> str:
        """Names sort in the order of receipt."""
        return f"{self.id:016d}.{'eml' if self.channel == 'email' else 'json'}"

    def concerns(self, address: str) -> bool:
        """Whether a reader of this address or number has it before him."""
        wanted = address.casefold()
        if self.direction == "inbound" and self.sender.casefold() == wanted:
            return True
        return any(recipient.casefold() == wanted for recipient in self.recipients)


def with_trace(raw: bytes, mail_from: str, recipients: list[str], peer: str, at: datetime) -> bytes:
    """Adds what the last server of the way adds: Return-Path and Received (RFC 5321 4.4), and one Delivered-To each."""
    lines = [f"Return-Path: <{mail_from}>"]
    lines += [f"Delivered-To: {recipient}" for recipient in recipients]
    lines.append(f"Received: from {peer} by playground with ESMTP; {at:%a, %d %b %Y %H:%M:%S +0000}")
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape") + raw


def summarize_email(number: int, raw: bytes) -> Summary:
    """Reads the headers of a message that `with_trace` has completed; never raises over a malformed header."""
    # RFC 6532 lets headers be UTF-8, which the parser of bytes would lose.
    headers = HeaderParser().parsestr(raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"))
    subject = headers.get("Subject")
    message_id = headers.get("Message-ID")
    return Summary(
        id=number,
        channel="email",
        direction="outbound",
        sender=parseaddr(_decoded(headers.get("From", "")))[1] or str(headers.get("Return-Path", "")).strip("<>"),
        recipients=tuple(str(value) for value in headers.get_all("Delivered-To", [])),
        subject=None if subject is None else _decoded(subject),
        preview=None,
        key=None if message_id is None else f"email {str(message_id).strip()}",
    )


def summarize_text(number: int, raw: bytes) -> Summary:
    """Reads a kept message resource of Twilio's shape."""
    resource = json.loads(raw)
    body = str(resource["body"])
    return Summary(
        id=number,
        channel="sms",
        direction="inbound" if resource["direction"] == "inbound" else "outbound",
        sender=str(resource["from"]),
        recipients=(str(resource["to"]),),
        subject=None,
        preview=body[:PREVIEW_LENGTH],
        key=None if resource["direction"] == "inbound" else f"sms {resource['to']} {body}",
    )


def summarize(file_name: str, raw: bytes) -> Summary:
    """The summary of a kept file; raises `ValueError` or `KeyError` if it is not one of ours."""
    number, _, ending = file_name.partition(".")
    return summarize_email(int(number), raw) if ending == "eml" else summarize_text(int(number), raw)


def _decoded(value: object) -> str:
    try:
        return " ".join(str(make_header(decode_header(str(value)))).split())
    except (HeaderParseError, LookupError, ValueError):
        return str(value)
