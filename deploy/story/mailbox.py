"""What a recipient finds in the mailbox and on the phone."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Literal, Protocol

Channel = Literal["email", "sms"]
_URL = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as its recipient sees it: an e-mail has a subject, text and HTML, a text message only text."""

    id: str
    channel: Channel
    received_at: datetime
    subject: str | None
    text: str
    html: str | None
    links: tuple[str, ...] = field(default=())


class Mailbox(Protocol):
    """Where messages of one channel arrive."""

    async def arrived(self, to: str, wait_s: float = 0) -> list[Letter]:
        """All that came for an address or a number so far, oldest first.

        With `wait_s` the answer may come as soon as there is more than at the last call, or after so many seconds.
        """
        ...


def links_in(text: str, html: str | None) -> tuple[str, ...]:
    """The links one could follow, in their order, those of the HTML first."""
    collector = _Hrefs()
    collector.feed(html or "")
    urls = [url.rstrip(".,;:!?)]") for url in _URL.findall(text)]
    return tuple(dict.fromkeys(collector.found + urls))


class _Hrefs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if tag == "a" and name == "href" and value and value.startswith(("http://", "https://")):
                self.found.append(value)
