"""What came back to a bounce address: a delivery report (DSN, RFC 3464) or a complaint (ARF, RFC 5965). Pure.

Of what strangers write only kind, status and ids are read: whatever else a message holds is passed over, and so is
anything that is no report, such as a reply of somebody who is on holiday.
"""

import email
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from typing import Final
from uuid import UUID

from services.notifier.domain.answers import AnswerKind
from services.notifier.domain.status import status_in

ACTIONS: Final[dict[str, AnswerKind]] = {"failed": "bounced", "delayed": "deferred", "delivered": "delivered"}
"""Of `relayed` and `expanded` nothing follows (RFC 3464, 2.3.3)."""
COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out", "virus", "other"})
"""`not-spam` and `auth-failure` are none (RFC 5965, 7.3; RFC 6591)."""
PARTS_MOST: Final = 20
_ADDRESS: Final = re.compile(r"[!-;=?-~]{1,64}@[!-;=?-~]{1,255}")
_ARRIVED_AT: Final = ("Delivered-To", "X-Original-To", "X-Envelope-To", "Envelope-To", "To")
_REMINDER: Final = re.compile(r"<?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})(?:@[^>]*>?)?")


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What a report says. `addresses` are those where the message may have come back to; `named` is the reminder that
    the returned message names itself, which is signed by nobody. `report_id` is the same whenever it is read.
    """

    report_id: str
    kind: AnswerKind
    status: str | None = None
    reason: str | None = None
    addresses: tuple[str, ...] = field(default=(), repr=False)
    named: UUID | None = None


def read_report(raw: bytes) -> BounceReport | None:
    """The report that a message is; None where it is none."""
    message = email.message_from_bytes(raw)
    kind = _parameter(message, "report-type")
    if message.get_content_type() != "multipart/report" or kind is None:
        return None
    parts = list(_parts(message))
    name = _text(message, "Message-ID") or hashlib.sha256(raw).hexdigest()
    if kind == "delivery-status":
        return _delivery(message, parts, name)
    return _complaint(message, parts, name) if kind == "feedback-report" else None


def _delivery(message: Message, parts: list[Message], name: str) -> BounceReport | None:
    groups = [
        group for part in parts if part.get_content_type() == "message/delivery-status" for group in _groups(part)
    ]
    told = [(ACTIONS[action], group) for group in groups if (action := _text(group, "Action").lower()) in ACTIONS]
    if not told:
        return None
    # a message of ours has one recipient; where a list has made several of it, what was refused counts
    kind, group = min(told, key=lambda one: list(ACTIONS.values()).index(one[0]))
    status = None if kind == "delivered" else status_in(_text(group, "Status"), _text(group, "Diagnostic-Code"))
    return BounceReport(
        _hashed("dsn", name),
        kind,
        status,
        "dsn_" + _text(group, "Action").lower(),
        _addresses(message, parts, groups),
        _named(parts),
    )


def _complaint(message: Message, parts: list[Message], name: str) -> BounceReport | None:
    groups = [
        group for part in parts if part.get_content_type() == "message/feedback-report" for group in _groups(part)
    ]
    kinds = [kind for group in groups if (kind := _text(group, "Feedback-Type").lower()) in COMPLAINTS]
    if not kinds:
        return None
    reason = "arf_" + kinds[0].replace("-", "_")
    return BounceReport(
        _hashed("arf", name), "complained", None, reason, _addresses(message, parts, groups), _named(parts)
    )


def _addresses(message: Message, parts: list[Message], groups: list[Message]) -> tuple[str, ...]:
    """Where it arrived, and where the message that it is about was said to come back to."""
    found = [_text(message, name) for name in _ARRIVED_AT]
    found += [_text(group, "Original-Mail-From") for group in groups]
    found += [_text(original, "Return-Path") for original in _originals(parts)]
    return tuple(address for text in found for address in _ADDRESS.findall(text))


def _named(parts: list[Message]) -> UUID | None:
    for original in _originals(parts):
        for name in ("X-Evercart-Reminder", "Message-ID"):
            if found := _REMINDER.fullmatch(_text(original, name)):
                return UUID(found[1])
    return None


def _parts(message: Message) -> Iterator[Message]:
    """Those of the report itself, and none of the message that it returns."""
    listed = message.get_payload()
    yield from [part for part in listed if isinstance(part, Message)][:PARTS_MOST] if isinstance(listed, list) else ()


def _originals(parts: list[Message]) -> Iterator[Message]:
    """The message that came back, or its headers."""
    for part in parts:
        inside = part.get_payload()
        if part.get_content_type() == "message/rfc822" and isinstance(inside, list):
            yield from (one for one in inside if isinstance(one, Message))
        elif part.get_content_type() == "text/rfc822-headers":
            yield email.message_from_string(str(inside))


def _groups(part: Message) -> Iterator[Message]:
    """The groups of fields of a part: the standard library reads those of delivery reports, and no others."""
    inside = part.get_payload()
    if isinstance(inside, list):
        yield from (group for group in inside[:PARTS_MOST] if isinstance(group, Message))
    else:
        yield email.message_from_string(str(inside))


def _text(message: Message, name: str) -> str:
    """A field without what comments and folding add to it."""
    return " ".join(str(message.get(name, "")).split())[:2000]


def _parameter(message: Message, name: str) -> str | None:
    value = message.get_param(name)
    return value.lower() if isinstance(value, str) else None


def _hashed(kind: str, name: str) -> str:
    return f"{kind} {hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()}"
