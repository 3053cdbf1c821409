"""Letters made, and read back as a mail client reads them."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from html.parser import HTMLParser

from services.notifier.domain.reminder import Contact, Reminder
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter
from services.notifier.rendering.mime import build
from services.notifier.rendering.templates import Letter, Templates
from tests.unit.notifier.making import NOON, contact, reminder, snapshot, store

TEMPLATES = Templates()
UNSUBSCRIBE = "https://n.nordwind.example/u/u1_token"


def letter(
    made: Reminder | None = None,
    who: Contact | None = None,
    seen: CartSnapshot | None = None,
    templates: Templates = TEMPLATES,
    shop: Store | None = None,
) -> Letter:
    return compose_letter(
        Draft(made or reminder(), who or contact(), seen or snapshot(), shop or store(), templates, UNSUBSCRIBE, NOON)
    )


def content_of(made: Letter) -> bytes:
    """What goes over the wire."""
    return build(
        made,
        reminder_id=reminder().reminder_id,
        sender="hello@nordwind.example",
        sender_name="Nordwind",
        recipient="anna@mail.example",
        date=datetime(2026, 3, 10, 12, tzinfo=UTC),
        unsubscribe=UNSUBSCRIBE,
    ).content


def sent(made: Letter) -> EmailMessage:
    parsed = email.message_from_bytes(content_of(made), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Reader(HTMLParser):
    """Collects links, pictures and text as a client shows them; complains about tags that nobody closes."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.tags: set[str] = set()
        self.tables: list[dict[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        self.tags.add(tag)
        if tag == "a":
            self.links.append(known.get("href") or "")
        if tag == "img":
            self.pictures.append(known)
        if tag == "table":
            self.tables.append(known)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader
