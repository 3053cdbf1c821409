"""Every language says everything, with the right plurals."""
# ruff: noqa: RUF001 - Cyrillic is meant

import re
from collections.abc import Mapping
from typing import Any

import pytest
from babel import Locale

from services.notifier.rendering.phrases import MissingVariableError, UnknownPhraseError, Wording, Wordings
from services.notifier.rendering.templates import SHIPPED

WORDINGS = Wordings(SHIPPED)
LANGUAGES = ["cs", "de", "en", "es", "fr", "it", "pl", "ru", "sr", "uk"]
NO_VOCATIVE = {"cs", "uk"}
"""Languages that would need a name in the vocative, which nobody knows: they greet without it."""

SUBJECTS = {
    "en": {
        0: "0 items are waiting in your cart",
        1: "1 item is waiting in your cart",
        2: "2 items are waiting in your cart",
    },
    "de": {1: "1 Artikel wartet in Ihrem Warenkorb", 2: "2 Artikel warten in Ihrem Warenkorb"},
    "pl": {
        1: "W koszyku czeka 1 produkt",
        2: "W koszyku czekają 2 produkty",
        5: "W koszyku czeka 5 produktów",
        12: "W koszyku czeka 12 produktów",
        21: "W koszyku czeka 21 produktów",
        22: "W koszyku czekają 22 produkty",
    },
    "ru": {
        1: "В корзине ждёт 1 товар",
        2: "В корзине ждут 2 товара",
        5: "В корзине ждут 5 товаров",
        11: "В корзине ждут 11 товаров",
        21: "В корзине ждёт 21 товар",
        104: "В корзине ждут 104 товара",
    },
    "sr": {
        1: "У корпи чека 1 производ",
        3: "У корпи чекају 3 производа",
        5: "У корпи чека 5 производа",
        12: "У корпи чека 12 производа",
        21: "У корпи чека 21 производ",
    },
    "fr": {
        0: "0 article vous attend dans votre panier",
        1: "1 article vous attend dans votre panier",
        2: "2 articles vous attendent dans votre panier",
        1_000_000: "1000000 d’articles vous attendent dans votre panier",
    },
    "es": {
        0: "0 artículos te esperan en tu carrito",
        1: "1 artículo te espera en tu carrito",
        21: "21 artículos te esperan en tu carrito",
        2_000_000: "2000000 de artículos te esperan en tu carrito",
    },
    "it": {
        0: "0 articoli ti aspettano nel carrello",
        1: "1 articolo ti aspetta nel carrello",
        2: "2 articoli ti aspettano nel carrello",
        1_000_000: "1000000 di articoli ti aspettano nel carrello",
    },
    "cs": {
        0: "V košíku na Vás čeká 0 produktů",
        1: "V košíku na Vás čeká 1 produkt",
        2: "V košíku na Vás čekají 2 produkty",
        4: "V košíku na Vás čekají 4 produkty",
        5: "V košíku na Vás čeká 5 produktů",
        21: "V košíku na Vás čeká 21 produktů",
        22: "V košíku na Vás čeká 22 produktů",
    },
    "uk": {
        0: "У кошику чекають 0 товарів",
        1: "У кошику чекає 1 товар",
        2: "У кошику чекають 2 товари",
        5: "У кошику чекають 5 товарів",
        11: "У кошику чекають 11 товарів",
        21: "У кошику чекає 21 товар",
        104: "У кошику чекають 104 товари",
    },
    "sr-Latn": {1: "U korpi čeka 1 proizvod", 3: "U korpi čekaju 3 proizvoda", 5: "U korpi čeka 5 proizvoda"},
}


@pytest.mark.parametrize(("language", "n"), [(language, n) for language, by_n in SUBJECTS.items() for n in by_n])
def test_the_plurals_are_right(language, n):
    assert WORDINGS.choose(language, "en").say("abandoned_cart_1.subject", {}, n) == SUBJECTS[language][n]


def test_the_languages_of_the_design_ship():
    assert sorted(file.stem for file in SHIPPED.glob("wording/*.toml")) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_phrases_places_and_all_its_plurals(language):
    english, other = phrases(WORDINGS.choose("en", "en").phrases), phrases(WORDINGS.choose(language, "en").phrases)
    assert english.keys() == other.keys()
    needed = set(Locale.parse(language).plural_form.tags) | {"other"}
    for path, forms in other.items():
        if len(forms) > 1:
            assert set(forms) == needed, path
        for text in forms.values():
            nameless = path == "common.greeting_named" and language in NO_VOCATIVE
            wanted = set() if nameless else places(next(iter(english[path].values())))
            assert places(text) == wanted, path
            assert text == text.strip()


def phrases(node: Mapping[str, Any], path: str = "") -> dict[str, dict[str, str]]:
    """Path → plural category → text."""
    found: dict[str, dict[str, str]] = {}
    for key, value in node.items():
        if isinstance(value, Mapping) and "other" in value:
            found[f"{path}{key}"] = dict(value)
        elif isinstance(value, Mapping):
            found |= phrases(value, f"{path}{key}.")
        else:
            found[f"{path}{key}"] = {"": value}
    return found


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize(
    ("wanted", "store", "tag"),
    [
        ("pl", "en", "pl"),
        ("pl-PL", "en", "pl-PL"),
        ("de_AT", "en", "de-AT"),
        ("sr", "en", "sr"),
        ("sr-Latn-RS", "en", "sr-Latn-RS"),
        ("pt", "de", "de"),
        ("pt", "sk", "en"),
        ("es-419", "en", "es-419"),
        ("fr-CA", "en", "fr-CA"),
        ("", "de", "de"),
        ("xx-nonsense-!!", "ru", "ru"),
        ("en-GB-oxendict", "de", "en-GB"),
    ],
)
def test_the_customer_s_language_then_the_store_s_then_english(wanted, store, tag):
    assert WORDINGS.choose(wanted, store).tag == tag


def test_a_region_decides_how_money_is_written_and_not_the_words():
    austria = WORDINGS.choose("de-AT", "en")
    assert austria.say("common.total", {}) == "Summe"
    assert austria.locale.territory == "AT"


def test_a_value_is_never_looked_into():
    said = WORDINGS.choose("en", "en").say("low_stock.subject", {"title": "{store} {n} {0} %s"}, 2)
    assert said == "Only 2 left: {store} {n} {0} %s"


def test_serbian_in_latin_script_has_no_cyrillic_left():
    for forms in phrases(WORDINGS.choose("sr-Latn", "en").phrases).values():
        for text in forms.values():
            assert not re.search(r"[\u0400-\u04ff]", text)


def test_french_has_no_break_before_a_sign_of_two_parts():
    for path, forms in phrases(WORDINGS.choose("fr", "en").phrases).items():
        for text in forms.values():
            assert not re.search(r"[^\u00a0][:;?!]", text.replace("{", "").replace("}", "")), path


@pytest.mark.parametrize(
    ("language", "others"), [("es", r"usted|\bsu\b"), ("it", r"\bLei\b|\bSuo\b"), ("fr", r"\bton\b|\btu\b")]
)
def test_a_language_addresses_people_in_one_way(language, others):
    for path, forms in phrases(WORDINGS.choose(language, "en").phrases).items():
        for text in forms.values():
            assert not re.search(others, text), path


@pytest.mark.parametrize(
    ("language", "small"), [("cs", r"\b(vy|vás|vám|vaš\w*|váš)\b"), ("uk", r"\b(ви|вас|вам|ваш\w*)\b")]
)
def test_whom_a_letter_speaks_to_is_written_in_capitals(language, small):
    for path, forms in phrases(WORDINGS.choose(language, "en").phrases).items():
        for text in forms.values():
            assert not re.search(small, text), path


def test_what_nobody_can_say_is_an_error():
    with pytest.raises(UnknownPhraseError):
        WORDINGS.choose("en", "en").say("abandoned_cart_1.nothing", {})


HOLE = Wording(Locale.parse("en"), {"own": {"body": "Hi {name}, {n} left of {title}"}})


@pytest.mark.parametrize(
    ("values", "missing"),
    [({"title": "mug"}, "name"), ({"name": "", "title": "mug"}, "name"), ({"name": "Anna", "title": None}, "title")],
)
def test_what_would_leave_a_hole_in_a_message_is_an_error_that_names_it(values, missing):
    with pytest.raises(MissingVariableError) as raised:
        HOLE.say("own.body", values, 1)
    assert str(raised.value) == f"own.body: {{{missing}}}"


def test_a_number_that_a_phrase_does_not_have_is_missing_and_none_at_all_is_said():
    with pytest.raises(MissingVariableError, match="n"):
        HOLE.say("own.body", {"name": "Anna", "title": "mug"})
    assert HOLE.say("own.body", {"name": "Anna", "title": "mug"}, 0) == "Hi Anna, 0 left of mug"


def test_a_page_opens_with_what_is_known():
    assert HOLE.show("own.body", {"title": "mug"}) == "Hi ,  left of mug"
