"""The copy of a message is what was written last, and opens nothing."""

import json
import zlib
from dataclasses import dataclass

import pytest

from services.notifier.domain.reminder import Contact
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.rendering.copies import DICTIONARIES, NEWEST, Content, Copy, compressed, read, secrets_of
from services.notifier.rendering.message import compose_letter
from services.notifier.rendering.samples import Sample
from services.notifier.rendering.templates import Letter, Templates
from tests.unit.notifier.making import snapshot

LOOK = snapshot()
STORE = Store(name="Tea & Leaves", email_from="shop@example.com")


@dataclass(frozen=True)
class Links:
    """The links of a message."""

    unsubscribe_url: str = "https://n.example/u/Zm9vYmFyYmF"
    preferences_url: str = "https://n.example/p/Zm9vYmFyYmF"
    short_url: str | None = "https://n.example/c/QWJjZGVmZ2g?x=1"
    snapshot: CartSnapshot = LOOK


def test_the_secrets_of_a_message_are_the_tokens_of_its_links() -> None:
    assert secrets_of(Links()) == {"Zm9vYmFyYmF", "QWJjZGVmZ2g", "r1_token"}
    assert secrets_of(Links(short_url=None, preferences_url="")) == {"Zm9vYmFyYmF", "r1_token"}
    query = snapshot().model_copy(update={"recovery_url": "https://shop.example/?a=b&t=r12_A-z_9&c=d"})
    assert secrets_of(Links(snapshot=query)) == {"Zm9vYmFyYmF", "QWJjZGVmZ2g", "r12_A-z_9"}
    shop = snapshot().model_copy(update={"recovery_url": "https://shop.example/"})
    assert secrets_of(Links(snapshot=shop)) == {"Zm9vYmFyYmF", "QWJjZGVmZ2g"}


@pytest.mark.parametrize(
    "content", [Content("S r1_t", "T r1_t", "<a href='r1_t'>ü</a>"), Content(None, "r1_t ü\n", None)]
)
def test_what_is_kept_is_read_again_with_a_mask(content: Content) -> None:
    told = read(compressed(content, frozenset({"r1_t"})))
    assert [part and part.replace("********", "r1_t") for part in (told.subject, told.text, told.html)] == [
        content.subject,
        content.text,
        content.html,
    ]
    assert "r1_t" not in f"{told.subject}{told.text}{told.html}"


def test_a_letter_shrinks() -> None:
    assert len(compressed(Content("s", "t", "<p>the same</p>" * 1000), frozenset())) < 300


def test_a_dictionary_never_changes_for_copies_name_it() -> None:
    assert {name: (zlib.adler32(text), len(text)) for name, text in DICTIONARIES.items()} == {
        0x077BDC6B: (0x077BDC6B, 14_879)
    }
    assert NEWEST in DICTIONARIES


@pytest.mark.parametrize(
    "template", ["abandoned_cart_1", "abandoned_cart_2", "low_stock", "price_drop", "back_in_stock", "order_shipped"]
)
@pytest.mark.parametrize("locale", ["en", "ru", "de"])
def test_what_ships_is_kept_in_a_kilobyte(template: str, locale: str) -> None:
    """Where it is not, the layouts have moved away from the newest dictionary, and a new one beside it is worth it."""
    contact = Contact(1, "a@b.example", None, "Ольга", locale, None, email_consent=True, sms_consent=False)
    draft = Sample(Templates(), STORE, contact).draft(template, "email")
    letter = compose_letter(draft)
    kept = compressed(content := Content(letter.subject, letter.text, letter.html), frozenset())
    assert len(kept) < 1024 < len(zlib.compress(letter.html.encode()))
    assert read(kept) == content


def test_a_copy_of_before_the_dictionary_is_read() -> None:
    assert read(zlib.compress(json.dumps(["s", "t", None]).encode(), 1)) == Content("s", "t", None)


def test_a_copy_is_of_what_was_written_last_and_is_taken_once() -> None:
    copy = Copy()
    assert copy.take() is None
    assert copy.of_text("first", Links()) == "first"
    letter = Letter("subject", "text r1_token", "<html>", "en")
    assert copy.of_letter(letter, Links()) is letter
    taken = copy.take()
    assert taken is not None
    assert read(taken) == Content("subject", "text ********", "<html>")
    assert copy.take() is None
    copy.of_text("again", Links())
    again = copy.take()
    assert again is not None
    assert read(again) == Content(None, "again", None)
    assert "again" not in repr(Content("again", "again", "again"))
