"""What the readers of callbacks have in common: of what strangers write, only what has the right shape goes further."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from libs.http.body import body_of
from services.notifier.channels.ports import ForgedCallbackError, UnreadableCallbackError

AHEAD_MOST: Final = timedelta(minutes=5)
"""Clocks differ."""
_PLAIN: Final = re.compile(r"[!-~]{1,200}")


class Told:
    """A JSON object of a provider's, of which any part may be missing or of another kind."""

    def __init__(self, found: object) -> None:
        self._found = found if isinstance(found, dict) else {}

    def part(self, name: str) -> "Told":
        """An object within it; an empty one where there is none."""
        return Told(self._found.get(name))

    def parts(self, name: str) -> "Iterator[Told]":
        """The objects of a list within it."""
        listed = self._found.get(name)
        yield from (Told(one) for one in (listed if isinstance(listed, list) else ()))

    def text(self, name: str) -> str:
        """A text within it, or a number as one; else an empty text."""
        value = self._found.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return ""
        return str(value)[:2000]

    def long(self, name: str) -> str:
        """A text within it, however long; else an empty text."""
        value = self._found.get(name)
        return value if isinstance(value, str) else ""

    def says(self, name: str) -> bool:
        """Whether it is so."""
        return self._found.get(name) is True

    def first(self, name: str) -> str:
        """The first text of a list within it."""
        listed = self._found.get(name)
        return listed[0][:2000] if isinstance(listed, list) and listed and isinstance(listed[0], str) else ""

    def pair(self, name: str) -> Mapping[str, str]:
        """Names and texts within it, also where they come as a list of `name` and `value`."""
        found = self._found.get(name)
        if isinstance(found, list):
            return {Told(one).text("name"): Told(one).text("value") for one in found}
        return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def json_of(body: bytes) -> Any:  # noqa: ANN401 - whatever it is
    """The JSON of a body. Raises `UnreadableCallbackError`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableCallbackError("The body is no JSON.") from None


def object_of(body: bytes) -> Told:
    """The JSON object of a body. Raises `UnreadableCallbackError`."""
    found = json_of(body)
    if not isinstance(found, dict):
        raise UnreadableCallbackError("The body is no JSON object.")
    return Told(found)


def event_id(*parts: str) -> str:
    """One name of several: as it is where it is short and plain, else its SHA-256."""
    whole = " ".join(parts)
    plain = len(whole) <= 200 and all(_PLAIN.fullmatch(part) for part in parts)
    return whole if plain else hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def reminder_of(text: str) -> UUID | None:
    """The reminder that a tag of ours names."""
    try:
        return UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def name_of(text: str) -> str | None:
    """A provider's name for a message, where it looks like one."""
    return text if _PLAIN.fullmatch(text) else None


def word(provider: str, text: str) -> str | None:
    """A stable word of a provider's: `MailboxFull` of SES is `ses_mailboxfull`."""
    bare = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:40]
    return f"{provider}_{bare}" if bare else None


def moment(text: str, now: datetime) -> datetime:
    """Of seconds since 1970, or ISO 8601; `now` where it is neither. Nothing has happened later than now."""
    try:
        at = datetime.fromtimestamp(float(text), UTC) if re.fullmatch(r"[\d.]+", text) else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return now
    return min(at if at.tzinfo else at.replace(tzinfo=UTC), now)


def fresh(text: str, now: datetime, most: timedelta) -> None:
    """Raises `ForgedCallbackError` where what was signed at `text` (seconds since 1970, or ISO 8601) is older than
    `most`, lies ahead, or is no time.
    """
    try:
        at = (
            datetime.fromtimestamp(int(text), UTC)
            if text.isascii() and text.isdigit()
            else datetime.fromisoformat(text)
        )
        timely = now - most <= at <= now + AHEAD_MOST
    except (ValueError, OverflowError, OSError, TypeError):
        raise ForgedCallbackError from None
    if not timely:
        raise ForgedCallbackError


def decoded(text: str) -> bytes:
    """Of base64. Raises `ForgedCallbackError`."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ForgedCallbackError from None


def json_body(example: object, kind: str = "object") -> Mapping[str, Any]:
    """A request with JSON, as OpenAPI describes it; what is in it stands in the provider's documents."""
    schema = {"type": kind, **({"items": {"type": "object"}} if kind == "array" else {})}
    return body_of(schema, example)


def form_body(says: Mapping[str, str], required: Sequence[str], example: Mapping[str, str]) -> Mapping[str, Any]:
    """A form, of each field what it `says`."""
    fields = {name: {"type": "string", "description": words} for name, words in says.items()}
    schema = {"type": "object", "required": [*required], "properties": fields}
    return body_of(schema, example, "application/x-www-form-urlencoded")
