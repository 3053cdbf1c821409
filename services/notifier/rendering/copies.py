"""The copy of a message that is kept: word for word what goes out, without the secrets of its links. Pure."""

import json
import re
import zlib
from dataclasses import dataclass, field
from typing import Final, Protocol

from pydantic_core import to_json

from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.rendering.templates import Letter

MASK: Final = "********"
LEVEL: Final = 1
"""Of zlib: a letter of 15 kB becomes 3.4 kB in 42 µs; level 6 makes it 2.9 kB in twice the time."""
_RECOVERY: Final = re.compile(r"r\d+_[A-Za-z0-9_-]+")


class Linked(Protocol):
    """What a message is made of, as far as its links go."""

    @property
    def unsubscribe_url(self) -> str:
        """The way out."""

    @property
    def preferences_url(self) -> str:
        """The way to choose what comes."""

    @property
    def short_url(self) -> str | None:
        """The short way to the cart."""

    @property
    def snapshot(self) -> CartSnapshot:
        """What it speaks of, with the long way."""


@dataclass(frozen=True, slots=True)
class Content:
    """What was sent. A text has neither subject nor page."""

    subject: str | None = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(repr=False)


class Copy:
    """What was written last of a message, which may be written anew until it is handed over. Never logged."""

    def __init__(self) -> None:
        self._written: tuple[Content, frozenset[str]] | None = None

    def of_letter(self, letter: Letter, draft: Linked) -> Letter:
        """Remembers an e-mail, and gives it."""
        self._written = Content(letter.subject, letter.text, letter.html), secrets_of(draft)
        return letter

    def of_text(self, text: str, draft: Linked) -> str:
        """Remembers a text message, and gives it."""
        self._written = Content(None, text, None), secrets_of(draft)
        return text

    def take(self) -> bytes | None:
        """What is to be kept; None where nothing was written since it was taken last."""
        if self._written is None:
            return None
        (content, secrets), self._written = self._written, None
        return compressed(content, secrets)


def secrets_of(draft: Linked) -> frozenset[str]:
    """What of its links opens something: whoever reads the copy must not be able to use it."""
    ours = (draft.unsubscribe_url, draft.preferences_url, draft.short_url or "")
    tokens = {url.partition("?")[0].rpartition("/")[2] for url in ours}
    return frozenset({*tokens, *_RECOVERY.findall(draft.snapshot.recovery_url)} - {""})


def compressed(content: Content, secrets: frozenset[str]) -> bytes:
    """A content as it is kept, with a mask in place of the secrets."""

    def masked(text: str | None) -> str | None:
        if text is not None:
            for secret in secrets:
                text = text.replace(secret, MASK)
        return text

    return zlib.compress(to_json([masked(content.subject), masked(content.text), masked(content.html)]), LEVEL)


def read(kept: bytes) -> Content:
    """What was kept."""
    return Content(*json.loads(zlib.decompress(kept)))
