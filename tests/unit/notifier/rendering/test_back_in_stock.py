"""What is said of an item that is there again, in each language, by e-mail and by text."""

import pytest

from services.notifier.domain.short_link import ShortLinks
from services.notifier.rendering.message import Draft, compose_letter, compose_text
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.making import NOON, back_in_stock, contact, line, reminder, snapshot, store

LINKS = ShortLinks("s" * 32, "https://n.example").of(reminder().reminder_id)


def draft(language: str, channel: str) -> Draft:
    seen = snapshot(line("jug", title="Jug"), line(), inventory={"mug": 3})
    made = back_in_stock(channel=channel)
    return Draft(made, contact(locale=language), seen, store(), Templates(), LINKS.unsubscribe_url, NOON)


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("en", "Back in stock: Stoneware mug", "Nordwind: Stoneware mug is back in stock. Your cart: "),
        ("de", "Wieder da: Stoneware mug", "Nordwind: wieder da: Stoneware mug. Ihr Warenkorb: "),
        ("pl", "Znów dostępne: Stoneware mug", "Nordwind: znow dostepne: Stoneware mug. Koszyk: "),
        ("ru", "Снова в продаже: Stoneware mug", "Nordwind: снова в продаже: Stoneware mug. Корзина: "),
        ("sr", "Поново на стању: Stoneware mug", "Nordwind: поново на стању: Stoneware mug. Корпа: "),
        ("sr-Latn", "Ponovo na stanju: Stoneware mug", "Nordwind: ponovo na stanju: Stoneware mug. Korpa: "),
    ],
)
def test_letter_and_text_name_the_item_first(language: str, subject: str, text: str) -> None:
    letter = compose_letter(draft(language, "email"))
    assert letter.subject == subject
    assert letter.text.index("- Stoneware mug") < letter.text.index("- Jug")
    assert subject in letter.html
    assert compose_text(draft(language, "sms")).startswith(text)
