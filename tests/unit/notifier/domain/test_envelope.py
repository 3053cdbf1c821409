"""What an e-mail provider is handed, whole and in parts."""

from uuid import UUID

import pytest

from services.notifier.domain.envelope import Envelope, Parts, message_id

ID = UUID(int=7)


def envelope(name: str = "") -> Envelope:
    return Envelope(ID, "hello@nordwind.example", "anna@mail.example", b"", Parts(name, "s", "t", "<p>h</p>", ()))


def test_the_same_reminder_always_has_the_same_message_id() -> None:
    assert envelope().message_id == message_id(ID, "hello@nordwind.example") == f"<{ID}@nordwind.example>"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", "hello@nordwind.example"),
        ("Nordwind", '"Nordwind" <hello@nordwind.example>'),
        ('Nord "Möbel" \\ Co', '"Nord \\"Möbel\\" \\\\ Co" <hello@nordwind.example>'),
    ],
)
def test_the_sender_is_named_as_people_read_it(name: str, shown: str) -> None:
    assert envelope(name).named_sender == shown


def test_parts_are_shown_without_what_they_say() -> None:
    shown = repr(Parts("Nordwind", "Dear Anna", "Anna", "<p>Anna</p>", (("To", "Anna"),)))
    assert "Anna" not in shown
    assert "Nordwind" in shown
    assert "Parts" not in repr(envelope())
