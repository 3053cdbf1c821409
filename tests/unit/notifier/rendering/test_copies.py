"""The copy of a message is what was written last, and opens nothing."""

from dataclasses import dataclass

import pytest

from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.rendering.copies import Content, Copy, compressed, read, secrets_of
from services.notifier.rendering.templates import Letter
from tests.unit.notifier.making import snapshot

LOOK = snapshot()


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
