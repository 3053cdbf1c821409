"""What is said of an item that is there again, in each language, by e-mail and by text."""

import pytest

from services.notifier.domain.short_link import ShortLinks
from services.notifier.domain.snapshot import WatchedItem
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter, compose_text
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


@pytest.mark.parametrize(
    ("language", "subject", "body", "text"),
    [
        ("en", "Back in stock: Blue mug", "You asked us to tell you", "Nordwind: Blue mug is back in stock: "),
        ("de", "Wieder da: Blue mug", "Sie hatten uns gebeten", "Nordwind: wieder da: Blue mug. "),
        ("pl", "Znów dostępne: Blue mug", "na Twoją prośbę", "Nordwind: znow dostepne: Blue mug. "),
        ("ru", "Снова в продаже: Blue mug", "Вы просили сообщить", "Nordwind: снова в продаже: Blue mug. "),
        ("sr", "Поново на стању: Blue mug", "Тражили сте", "Nordwind: поново на стању: Blue mug. "),
        ("sr-Latn", "Ponovo na stanju: Blue mug", "Tražili ste", "Nordwind: ponovo na stanju: Blue mug. "),
    ],
)
def test_whoever_asked_for_it_reads_of_the_item_and_of_no_cart(
    language: str, subject: str, body: str, text: str
) -> None:
    item = WatchedItem(sku="mug", title="Blue mug", url="https://shop.example/mug")
    seen = snapshot(line("jug", title="Jug"), inventory={"mug": 3}).model_copy(update={"watched": item})

    def of(channel: str) -> Draft:
        made = back_in_stock(channel=channel, cart_id=None)
        who, out, back = contact(locale=language), LINKS.unsubscribe_url, LINKS.url
        return Draft(made, who, seen, store(), Templates(), out, NOON, short_url=back)

    letter = compose_letter(of("email"))
    assert letter.subject == subject
    assert body in letter.text
    assert "https://shop.example/mug" in letter.text
    assert "Jug" not in letter.text
    short = compose_text(of("sms"))
    assert short.startswith(text)
    assert "https://shop.example/mug" in short
    assert not of("sms").holds(seen.model_copy(update={"watched": None}))
    assert of("sms").holds(seen)


@pytest.mark.parametrize(
    ("language", "subject", "body", "text"),
    [
        ("en", "Back in stock: Blue mug", "You saved Blue mug for later", "Nordwind: Blue mug is back in stock: "),
        ("de", "Wieder da: Blue mug", "für später gemerkt", "Nordwind: wieder da: Blue mug. "),
        ("pl", "Znów dostępne: Blue mug", "wśród odłożonych", "Nordwind: znow dostepne: Blue mug. "),
        ("ru", "Снова в продаже: Blue mug", "Вы отложили", "Nordwind: снова в продаже: Blue mug. "),
        ("sr", "Поново на стању: Blue mug", "Сачували сте", "Nordwind: поново на стању: Blue mug. "),
        ("sr-Latn", "Ponovo na stanju: Blue mug", "Sačuvali ste", "Nordwind: ponovo na stanju: Blue mug. "),
    ],
)
def test_who_has_it_aside_reads_of_the_item_with_its_price(language: str, subject: str, body: str, text: str) -> None:
    seen = snapshot(line("jug", title="Jug"), inventory={"mug": 3})
    aside = line(title="Blue mug", image_url="https://shop.example/mug.jpg", currency="PLN")
    seen = seen.model_copy(update={"cart": seen.cart.model_copy(update={"saved": (aside,)})})

    def of(channel: str) -> Draft:
        made = back_in_stock(channel=channel, cart_id=None)
        return Draft(made, contact(locale=language), seen, store(), Templates(), LINKS.unsubscribe_url, NOON)

    letter = compose_letter(of("email"))
    assert letter.subject == subject
    assert body in letter.text
    assert "https://shop.example/mug.jpg" in letter.html
    assert "PLN" in letter.text or "zł" in letter.text
    assert "Jug" not in letter.text
    assert compose_text(of("sms")).startswith(text)


@pytest.mark.parametrize("language", ["de", "en", "pl", "ru", "sr", "sr-Latn"])
def test_whoever_asked_for_it_sees_its_picture_without_a_price(language: str) -> None:
    links = {"url": "https://shop.example/mug", "image_url": "https://shop.example/mug.jpg"}
    item = WatchedItem(sku="mug", title="Blue mug", **links)
    seen = snapshot(line("jug", title="Jug"), inventory={"mug": 3}).model_copy(update={"watched": item})
    made, who = back_in_stock(channel="email", cart_id=None), contact(locale=language)
    letter = compose_letter(Draft(made, who, seen, store(), Templates(), LINKS.unsubscribe_url, NOON))
    assert 'src="https://shop.example/mug.jpg" alt="Blue mug"' in letter.html
    assert 'href="https://shop.example/mug"' in letter.html
    assert "Jug" not in letter.html
    for priced in ("0.00", "0,00"):
        assert priced not in letter.html
        assert priced not in letter.text


def test_a_picture_that_is_not_the_shop_s_is_not_shown() -> None:
    item = WatchedItem(sku="mug", title="Blue mug", image_url="https://evil.example/pixel.png")
    seen = snapshot(inventory={"mug": 3}).model_copy(update={"watched": item})
    shop = store(hosts=("shop.example",))
    draft = Draft(
        back_in_stock(channel="email", cart_id=None), contact(), seen, shop, Templates(), LINKS.unsubscribe_url, NOON
    )
    assert "evil.example" not in compose_letter(draft).html
