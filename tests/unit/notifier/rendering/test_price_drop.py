"""What is said of a price that fell, in each language, by e-mail and by text."""
# ruff: noqa: RUF001 - Cyrillic is meant

from dataclasses import replace
from pathlib import Path

import pytest

from services.notifier.domain.short_link import ShortLinks
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.phrases import MissingVariableError
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.making import NOON, cheaper, contact, price_drop, reminder, store

LINKS = ShortLinks("s" * 32, "https://n.example").of(reminder().reminder_id)


def draft(language: str = "en", channel: str = "email") -> Draft:
    made = price_drop(channel=channel)
    return Draft(made, contact(locale=language), cheaper(), store(), Templates(), LINKS.unsubscribe_url, NOON)


@pytest.mark.parametrize(
    ("language", "subject", "then"),
    [
        ("en", "Stoneware mug now costs €8.00", "it was €10.00"),
        ("de", "Stoneware mug kostet jetzt 8,00\xa0€", "waren es 10,00\xa0€"),
        ("pl", "Stoneware mug: teraz 8,00\xa0€", "kosztował 10,00\xa0€"),
        ("ru", "Stoneware mug: теперь 8,00\xa0€", "стоил 10,00\xa0€"),
        ("sr", "Stoneware mug: сада 8,00\xa0€", "коштао је 10,00\xa0€"),
        ("sr-Latn", "Stoneware mug: sada 8,00\xa0€", "koštao je 10,00\xa0€"),
        ("fr", "Stoneware mug : maintenant 8,00\xa0€", "il coûtait 10,00\xa0€"),
        ("es", "Stoneware mug: ahora 8,00\xa0€", "costaba 10,00\xa0€"),
        ("it", "Stoneware mug: ora 8,00\xa0€", "costava 10,00\xa0€"),
        ("cs", "Stoneware mug: nyní 8,00\xa0€", "stál 10,00\xa0€"),
        ("uk", "Stoneware mug: тепер 8,00\xa0EUR", "коштував 10,00\xa0EUR"),
    ],
)
def test_a_letter_names_what_it_costs_now_and_what_it_was(language: str, subject: str, then: str) -> None:
    letter = compose_letter(draft(language))
    assert letter.subject.replace("\xa0", " ") == subject.replace("\xa0", " ")
    for content in (letter.text, letter.html):
        assert then.replace("\xa0", " ") in content.replace("\xa0", " ").replace("&nbsp;", " ")
        assert "{" not in content.split("<body")[-1].replace("{}", "")
    assert letter.text.index("Stoneware mug\n") < letter.text.index("Jug\n"), "what it is about comes first"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Nordwind: Stoneware mug now costs €8.00 (was €10.00). Your cart: "),
        ("de", "Nordwind: Stoneware mug kostet jetzt 8,00 € (vorher 10,00 €). Ihr Warenkorb: "),
        ("pl", "Nordwind: Stoneware mug kosztuje teraz 8,00 € (bylo 10,00 €). Koszyk: "),
        ("ru", "Nordwind: Stoneware mug теперь 8,00 € (было 10,00 €). Корзина: "),
        ("sr", "Nordwind: Stoneware mug сада кошта 8,00 € (било је 10,00 €). Корпа: "),
    ],
)
def test_a_text_says_it_in_a_sentence(language: str, told: str) -> None:
    assert compose_text(draft(language, "sms")).replace("\xa0", " ").startswith(told)


def test_a_draft_does_not_hold_for_another_price() -> None:
    """Story: the price changed between the composing and the sending, and the mail named the one of before."""
    made = draft()
    assert made.holds(cheaper())
    assert not made.holds(cheaper(mug=790))


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_store_s_own_words_may_name_what_is_saved_and_how_many_are_left(tmp_path: Path, channel: str) -> None:
    words = "Save {savings}, {units_left} left."
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording/en.toml").write_text(f'[price_drop]\nbody = "{words}"\n[sms]\nprice_drop = "{words}"\n')
    made = replace(draft(channel=channel), templates=Templates(tmp_path))
    made = replace(made, snapshot=made.snapshot.model_copy(update={"inventory": {"mug": 3}}))
    said = compose_letter(made).text if channel == "email" else compose_text(made)
    assert "Save €2.00, 3 left." in said
    fewer = made.snapshot.model_copy(update={"inventory": {"mug": 2}})
    assert (made.holds(made.snapshot), made.holds(fewer)) == (True, False), "the number is that of now"
    unknown = replace(made, snapshot=made.snapshot.model_copy(update={"inventory": {"mug": None}}))
    with pytest.raises(MissingVariableError, match="units_left"):
        compose_letter(unknown) if channel == "email" else compose_text(unknown)
