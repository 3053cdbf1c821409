"""An e-mail as bytes. Built by hand: the standard library's EmailMessage takes some forty times as long."""

import re
import struct
from binascii import b2a_base64
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from uuid import UUID

from services.notifier.domain.addresses import ascii_domain
from services.notifier.domain.envelope import Envelope, Parts, message_id
from services.notifier.rendering.templates import Letter

_ATOM_TEXT = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+")
_ADDRESS = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")  # printable ASCII but < and >; RFC 5321 without SMTPUTF8
MAX_ADDRESS = 254
MAX_LINE = 75
BASE64_LINE = 76
ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


class UnusableAddressError(ValueError):
    """The address can't stand in a header or an SMTP command."""


def usable(address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008, RFC 5891), as every relay takes it.

    Raises `UnusableAddressError`, also for what is before the `@` of an internationalized address (RFC 6531).
    """
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{ascii_domain(domain)}"
    except ValueError:
        raise UnusableAddressError from None
    if not _ADDRESS.fullmatch(plain) or len(plain) > MAX_ADDRESS:
        raise UnusableAddressError
    return plain


def build(
    letter: Letter,
    *,
    reminder_id: UUID,
    sender: str,
    sender_name: str,
    recipient: str,
    date: datetime,
    unsubscribe: str | None,
) -> Envelope:
    """A multipart message (RFC 5322, 2045): text first, HTML after it, both UTF-8 in base64.

    Every value of a header is encoded or checked, so that none can add a header. Raises `UnusableAddressError`.
    `unsubscribe` is the one-click URL (RFC 8058), None where there is nothing to unsubscribe from.
    """
    sender, recipient = usable(sender), usable(recipient)
    boundary = f"=_{reminder_id.hex}"
    headers = (
        ("Content-Language", letter.language),
        *(() if unsubscribe is None else (("List-Unsubscribe", f"<{unsubscribe}>"), ONE_CLICK)),
        ("Auto-Submitted", "auto-generated"),
        ("X-Evercart-Reminder", str(reminder_id)),
    )
    head = [
        f"Message-ID: {message_id(reminder_id, sender)}",
        f"Date: {format_datetime(date)}",
        f"From: {_display(sender_name)} <{sender}>",
        f"To: <{recipient}>",
        f"Subject: {_encoded(letter.subject, 'Subject')}",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        *(f"{name}: {value}" for name, value in headers),
    ]
    parts = _part(boundary, "plain", letter.text) + _part(boundary, "html", letter.html)
    content = "\r\n".join(head).encode("ascii") + b"\r\n\r\n" + parts + f"--{boundary}--\r\n".encode()
    whole = Parts(sender_name, letter.subject, letter.text, letter.html, headers)
    return Envelope(reminder_id, sender, recipient, content, whole)


def _part(boundary: str, subtype: str, text: str) -> bytes:
    head = f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    plain = text.encode().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")  # in bytes: in text it takes twice as long
    body = b2a_base64(plain, newline=False)
    whole, rest = divmod(len(body), BASE64_LINE)
    lines = struct.unpack(f"{BASE64_LINE}s" * whole + (f"{rest}s" if rest else ""), body)  # cut by C: 2 us, not 20
    return head.encode() + b"\r\n".join((*lines, b""))


def _display(name: str) -> str:
    plain = _ATOM_TEXT.fullmatch(name) and "=?" not in name
    return f'"{name}"' if plain else _words(name, "From")


def _encoded(text: str, header: str) -> str:
    """ASCII of one short line stays as it is, unless it poses as an encoded word."""
    plain = text.isascii() and text.isprintable() and len(text) + len(header) < MAX_LINE and "=?" not in text
    return text if plain else _words(text, header)


def _words(text: str, header: str) -> str:
    """RFC 2047 words of at most 75 characters, folded."""
    return Header(text, "utf-8", header_name=header, maxlinelen=MAX_LINE).encode(linesep="\r\n")
