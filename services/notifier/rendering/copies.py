"""The copy of a message that is kept: word for word what goes out, without the secrets of its links. Pure.

It is compressed beside a letter that it shares most with, and names that by its Adler-32 (RFC 1950, FDICT). Such a
letter is a file that never changes; where layouts have moved far from it a new one comes beside it.
"""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from pydantic_core import to_json

from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.rendering.templates import Letter

MASK: Final = "********"
_MASK: Final = MASK.encode()
LEVEL: Final = 3
"""Of zlib: a letter of 15 kB becomes 0.4 to 0.8 kB in 25 us; level 1 makes it 0.8 to 1.4 kB in as much time."""
DICTIONARIES: Final[Mapping[int, bytes]] = {
    int(file.stem, 16): file.read_bytes() for file in Path(__file__).parent.glob("dictionaries/*.json")
}
NEWEST: Final = 0x077BDC6B
_BESIDE: Final = zlib.compressobj(LEVEL, zdict=DICTIONARIES[NEWEST])
"""Copied for each: to read the dictionary anew takes as long as the rest."""
_HAS_DICTIONARY: Final = 0x20
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
    """A content as it is kept, with a mask in place of the secrets: tokens, which JSON writes as they are."""
    written = to_json([content.subject, content.text, content.html])
    for secret in secrets:
        written = written.replace(secret.encode(), _MASK)
    beside = _BESIDE.copy()
    return beside.compress(written) + beside.flush()


def read(kept: bytes) -> Content:
    """What was kept, also what was beside nothing, as before 2026-12-01."""
    named = int.from_bytes(kept[2:6]) if kept[1] & _HAS_DICTIONARY else None
    how = zlib.decompressobj() if named is None else zlib.decompressobj(zdict=DICTIONARIES[named])
    return Content(*json.loads(how.decompress(kept) + how.flush()))
