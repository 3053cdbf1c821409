"""A kept message as its reader sees it: headers, text, HTML and the links one could follow."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser

URL = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Content:
    """``headers`` in their order with names as written; ``links`` in their order without repeats, HTML first."""

    headers: list[tuple[str, str]]
    text: str | None
    html: str | None
    links: list[str]


def read_content(channel: str, raw: bytes) -> Content:
    """Never raises over a malformed message; what cannot be decoded is replaced by U+FFFD."""
    return _read_email(raw) if channel == "email" else _read_text(raw)


def _read_email(raw: bytes) -> Content:
    parsed = BytesParser(EmailMessage, policy=policy.default.clone(utf8=True)).parsebytes(raw)
    text, html = _part(parsed, "plain"), _part(parsed, "html")
    links = (_hrefs(html) if html else []) + _urls(text or "")
    headers = [(name, _clean(str(value))) for name, value in parsed.items()]
    return Content(headers, text, html, list(dict.fromkeys(links)))


def _read_text(raw: bytes) -> Content:
    resource = json.loads(raw)
    shown = ("from", "to", "date_created", "sid", "num_segments")
    headers = [(name, str(resource[name])) for name in shown]
    body = str(resource["body"])
    return Content(headers, body, None, list(dict.fromkeys(_urls(body))))


def _part(parsed: EmailMessage, subtype: str) -> str | None:
    for part in parsed.walk():
        if part.get_content_type() != f"text/{subtype}" or part.get_content_disposition() == "attachment":
            continue
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        try:
            return payload.decode(part.get_content_charset("utf-8"), "replace").replace("\r\n", "\n")
        except LookupError:
            return payload.decode("utf-8", "replace").replace("\r\n", "\n")
    return None


def _urls(text: str) -> list[str]:
    return [url.rstrip(".,;:!?)]") for url in URL.findall(text)]


def _hrefs(html: str) -> list[str]:
    collector = _Hrefs()
    collector.feed(html)
    return collector.found


def _clean(value: str) -> str:
    return value.encode("utf-8", "replace").decode()


class _Hrefs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if tag == "a" and name == "href" and value and value.startswith(("http://", "https://")):
                self.found.append(value)
