"""Text messages: what stands in them, and what they cost."""
# ruff: noqa: RUF001 - Cyrillic and typographic signs are meant

import pytest

from deploy.playground.segments import count_segments
from services.notifier.domain.gsm import economical, fits_gsm
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_text
from services.notifier.rendering.phrases import MissingVariableError
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.languages import CYRILLIC, LANGUAGES
from tests.unit.notifier.making import NOON, THREE, contact, line, low_stock, reminder, snapshot, store, three_low

TEMPLATES = Templates()
BACK = "https://shop.example/r/r1_token"
UNSUBSCRIBE = "https://n.nordwind.example/u/u1_token"
LONG = "Hand-thrown stoneware mug with a very long name"


def text(made: Reminder | None = None, locale: str = "en", seen: CartSnapshot | None = None, **shop: object) -> str:
    made = made or reminder(channel="sms", template="abandoned_cart_2", step=2)
    voice = store(**{"name": "Shop", **shop})
    draft = Draft(made, contact(locale=locale), seen or snapshot(), voice, TEMPLATES, UNSUBSCRIBE, NOON)
    return compose_text(draft)


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "Shop: 2 items are still in your cart: https://shop.example/r/r1_token Reply STOP to opt out"),
        (
            "de",
            "Shop: 2 Artikel liegen noch in Ihrem Warenkorb: https://shop.example/r/r1_token Abmelden: Antwort STOP",
        ),
        ("pl", "Shop: w koszyku nadal sa 2 produkty: https://shop.example/r/r1_token Rezygnacja: odpisz STOP"),
        ("ru", "Shop: в корзине 2 товара: https://shop.example/r/r1_token Отказ: ответьте STOP"),
        ("sr", "Shop: у корпи су још 2 производа: https://shop.example/r/r1_token За одјаву одговорите STOP"),
        ("sr-Latn", "Shop: u korpi su jos 2 proizvoda: https://shop.example/r/r1_token Za odjavu odgovorite STOP"),
        ("it", f"Shop: 2 articoli sono ancora nel tuo carrello: {BACK} Disiscrizione: rispondi STOP"),
        ("fr", f"Shop : il y a toujours 2 articles dans votre panier : {BACK} Désabonnement : répondez STOP"),
        ("es", "Shop: 2 articulos siguen en tu carrito: https://shop.example/r/r1_token Baja: responde STOP"),
        ("cs", "Shop: v kosiku mate stale 2 produkty: https://shop.example/r/r1_token Odhlaseni: odpovezte STOP"),
        ("uk", "Shop: у кошику досі 2 товари: https://shop.example/r/r1_token Відписка: надішліть STOP"),
    ],
)
def test_it_names_the_store_the_way_back_and_the_way_out(locale, expected):
    assert text(locale=locale) == expected


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("made", [low_stock(), reminder(channel="sms", template="abandoned_cart")])
def test_it_takes_few_segments(locale, made):
    said = text(made, locale, snapshot(line(title=LONG)))
    assert count_segments(said) <= (2 if locale not in CYRILLIC else 3)


def test_the_number_left_is_told():
    assert "only 3 left of Stoneware mug" in text(low_stock())


def test_nobody_is_asked_to_answer_a_sender_that_takes_no_answers():
    said = text(sms_from="Nordwind")
    assert "STOP" not in said
    assert said.endswith(f"Opt out: {UNSUBSCRIBE}")


def test_a_title_can_t_add_lines():
    said = text(low_stock(), seen=snapshot(line(title="mug\n\nYou won: http://evil.example")))
    assert "\n" not in said


def test_gsm_has_brackets_and_the_euro_and_no_cyrillic():
    assert fits_gsm("[mug] ~ 5 €, größer")
    assert not fits_gsm("кружка")
    assert not fits_gsm("ą")


def test_diacritics_go_only_where_that_saves_something():
    assert economical("Zażółć gęślą jaźń") == "Zazolc gesla jazn"
    assert economical("Größe für Ähren") == "Größe für Ähren"
    assert economical("Œuvre reçue, cœur prêt à « l’été »") == 'Oeuvre recue, coeur pret à " l\'été "'
    assert economical("¿Cuántos años? Más artículos") == "¿Cuantos años? Mas articulos"
    assert economical("È già così: più città") == "E già così: più città"
    assert economical("Příliš žluťoučký kůň") == "Prilis zlutoucky kun"
    assert economical("Ще один ґудзик") == "Ще один ґудзик"
    assert economical("Корзина ждёт, ąę") == "Корзина ждёт, ąę"
    assert economical("“quoted” – it’s…") == '"quoted" - it\'s...'
    assert fits_gsm(economical("Đorđe šiša žbun"))


def test_a_word_loses_all_of_its_diacritics_or_none():
    """Story: a Czech text said "témer" and "prohlizené", which nobody writes."""
    assert economical("téměř vyprodáno, prohlížené é") == "temer vyprodano, prohlizene é"
    assert economical("déjà reçu à bientôt, épuisés") == "déjà recu à bientot, épuisés"


@pytest.mark.parametrize("locale", ["cs", "pl", "sr-Latn", "es"])
def test_a_chat_is_written_with_every_letter(locale: str):
    """Story: Telegram's messages were spelt as if each letter cost, as in a text message."""
    in_chat, by_text = text(reminder(channel="telegram"), locale), text(reminder(channel="sms"), locale)
    assert not fits_gsm(in_chat)
    assert fits_gsm(by_text)
    assert economical(in_chat) == by_text


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_coupon_stands_in_a_text_too(locale):
    assert "SAVE5" in text(reminder(channel="sms", template="abandoned_cart", coupon="SAVE5"), locale)
    assert "  " not in text(locale=locale)


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", "only 3 left of Stoneware mug in the shop. Your cart:"),
        ("de", "nur noch 3 Stück auf Lager: Stoneware mug. Ihr Warenkorb:"),
        ("pl", "w sklepie zostaly 3 sztuki: Stoneware mug. Koszyk:"),
        ("ru", "в магазине осталось 3 шт.: Stoneware mug. Корзина:"),
        ("sr-Latn", "na stanju su jos 3 komada: Stoneware mug. Korpa:"),
        ("fr", "plus que 3 en stock : Stoneware mug. Panier :"),
        ("es", "solo quedan 3 en stock: Stoneware mug. Tu carrito:"),
        ("it", "solo 3 pezzi disponibili: Stoneware mug. Carrello:"),
        ("cs", "v obchode zbyvaji 3 kusy: Stoneware mug. Kosik:"),
        ("uk", "у магазині залишилося 3 шт.: Stoneware mug. Кошик:"),
    ],
)
def test_what_is_left_is_the_shop_s_and_not_the_cart_s(locale, told):
    assert told in text(low_stock(), locale)


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en", "almost sold out: Stoneware mug (only 3 left) and 2 more items. Your cart:"),
        ("de", "fast ausverkauft: Stoneware mug (noch 3 Stück) und 2 weitere Artikel. Ihr Warenkorb:"),
        ("pl", "prawie wyprzedane: Stoneware mug (jeszcze 3 szt.) i jeszcze 2 produkty. Koszyk:"),
        ("ru", "почти распродано: Stoneware mug (осталось 3 шт.) и ещё 2 товара. Корзина:"),
        ("sr-Latn", "skoro rasprodato: Stoneware mug (jos 3 kom.) i jos 2 proizvoda. Korpa:"),
    ],
)
def test_of_several_items_that_run_low_the_first_is_named_and_how_many_more(locale, told):
    assert told in text(low_stock(also_low=THREE), locale, three_low())


def test_one_more_item_is_one():
    assert "and 1 more item." in text(low_stock(also_low=THREE), seen=three_low(pot=0))


@pytest.mark.parametrize(
    ("file", "words"), [("wording/en.toml", '[sms]\nstop = "STOP {surname}"\n'), ("sms.txt.jinja", "{{ surname }}")]
)
def test_a_text_that_names_what_nobody_knows_is_not_sent(tmp_path, file, words):
    (tmp_path / "wording").mkdir()
    (tmp_path / file).write_text(words)
    draft = Draft(low_stock(), contact(), snapshot(), store(), Templates(tmp_path), UNSUBSCRIBE, NOON)
    with pytest.raises(MissingVariableError, match="surname"):
        compose_text(draft)
