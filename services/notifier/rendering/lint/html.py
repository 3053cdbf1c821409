"""Rules of a page as it was rendered. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

from services.notifier.rendering.colours import contrast

MOST_BYTES = 100_000
"""Gmail shows no more than 102 kB, and hides the rest with the way out in it."""
MOST_IN_A_LINE = 998
"""Octets of a line without its end (RFC 5322, 2.1.1)."""
LARGE_PX, LARGE_BOLD_PX, LARGE, USUAL = 24.0, 18.66, 3.0, 4.5
_VOID = frozenset(["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"])
_NAMED = {"white": "#ffffff", "black": "#000000"}
_PX = re.compile(r"([\d.]+)px")


@dataclass(frozen=True, slots=True)
class Look:
    """How text looks inside an element."""

    tag: str
    colour: str = "#000000"
    ground: str = "#ffffff"
    size: float = 16.0
    bold: bool = False
    hidden: bool = False


class _Page(HTMLParser):
    """Collects links and texts, each with how it looks by the styles in the elements around it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.texts: list[tuple[str, Look]] = []
        self._open = [Look("")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in ("href", "src") if name in given]
        if tag not in _VOID:
            look = _look(tag, given.get("style", ""), given.get("bgcolor", ""), self._open[-1])
            self._open.append(look)

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        look = self._open[-1]
        if data.strip() and not look.hidden:
            self.texts.append((data.strip(), look))


def shows(html: str, words: str) -> bool:
    """Whether somebody who looks at it reads these words; in a link's address nobody does."""
    return any(words in text for text, _ in _read(html).texts)


def too_large(html: str) -> int | None:
    """Its bytes, where they are more than are shown."""
    size = len(html.encode())
    return size if size > MOST_BYTES else None


def longest_line(message: bytes) -> int | None:
    """The octets of the longest line of a message, where mail servers may break it."""
    longest = max(len(line) for line in message.split(b"\r\n"))
    return longest if longest > MOST_IN_A_LINE else None


def broken_links(html: str) -> list[str]:
    """Links and sources that lead nowhere: no web, mail or telephone, no host, blanks or braces in them."""
    return [link for link in _read(html).links if _broken(link)]


def weak_contrasts(html: str) -> Iterator[tuple[str, str, float, float]]:
    """Colours of text that can hardly be read on what is behind: both, their contrast, and what it has to be
    (WCAG 2.2, 1.4.3, level AA).
    """
    for _, look in _read(html).texts:
        found = contrast(look.colour, look.ground)
        large = look.size >= LARGE_PX or (look.bold and look.size >= LARGE_BOLD_PX)
        if found < (needed := LARGE if large else USUAL):
            yield look.colour, look.ground, found, needed


@lru_cache(maxsize=1)  # one rule after the other looks at the same page
def _read(html: str) -> _Page:
    page = _Page()
    page.feed(html)
    return page


def _broken(link: str) -> bool:
    if re.search(r"[\s{}]", link):
        return True
    try:
        parts = urlsplit(link)
    except ValueError:
        return True
    if parts.scheme in ("mailto", "tel"):
        return not parts.path
    return parts.scheme not in ("http", "https") or not parts.hostname


@lru_cache(maxsize=1024)  # the pages of a shop are built of the same few elements
def _look(tag: str, styles: str, bgcolor: str, around: Look) -> Look:
    pairs = (part.partition(":") for part in styles.split(";"))
    style = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    own = replace(around, tag=tag)
    ground = style.get("background-color") or style.get("background") or bgcolor
    if colour := _colour(style.get("color", "")):
        own = replace(own, colour=colour)
    if behind := _colour(ground.split(" ")[0]):
        own = replace(own, ground=behind)
    if size := _PX.match(style.get("font-size", "")):
        own = replace(own, size=float(size[1]))
    if weight := style.get("font-weight"):
        own = replace(own, bold=weight == "bold" or (weight.isdigit() and int(weight) >= 700))
    if style.get("display") == "none" or tag in ("style", "script", "title", "head"):
        own = replace(own, hidden=True)
    return own


def _colour(said: str) -> str | None:
    """`#rrggbb` of a colour as styles write it; None for one that is not a plain colour."""
    if re.fullmatch(r"#[0-9a-f]{6}", said):
        return said
    if re.fullmatch(r"#[0-9a-f]{3}", said):
        return "#" + "".join(2 * digit for digit in said[1:])
    return _NAMED.get(said)
