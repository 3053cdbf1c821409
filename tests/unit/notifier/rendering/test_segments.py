"""What texts cost: the table in the decision is what the shipped words come to, and short links are worth it."""

from pathlib import Path

import pytest

from services.notifier.domain.kinds.registry import KINDS, OF_SHOPS
from tests.unit.notifier.languages import CYRILLIC, LANGUAGES
from tests.unit.notifier.rendering.segments import OTHERS, SENDERS, TEXTS, cost, segments, table, table_of_others, text

PAGE = Path(__file__).resolve().parents[4] / "services/notifier/decisions/short-links.md"


def test_the_decision_shows_what_the_texts_of_today_cost() -> None:
    assert "\n".join(table()) in PAGE.read_text(encoding="utf-8")


def test_the_decision_shows_what_the_texts_of_all_other_kinds_cost() -> None:
    page = PAGE.with_name("cost-of-texts.md")
    assert "\n".join(table_of_others()) in page.read_text(encoding="utf-8")
    assert {asked.kind for asked, _ in OTHERS.values()} | {"abandoned_cart", "low_stock"} == set(KINDS) - set(
        OF_SHOPS.values()
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sender", SENDERS)
@pytest.mark.parametrize("kind", OTHERS)
def test_a_text_of_any_other_kind_takes_at_most_two_segments_and_three_in_cyrillic(kind, sender, language) -> None:
    assert cost(kind, language, sender) <= (3 if language in CYRILLIC else 2)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("sender", SENDERS)
def test_short_links_save_a_third_of_the_segments_at_least_and_half_where_there_are_two(language, sender) -> None:
    both = [segments(template, language, sender) for template in TEXTS]
    before, after = sum(b for b, _ in both), sum(a for _, a in both)
    with_one_in_cyrillic = sender == "a number" and language in CYRILLIC
    assert 3 * after <= 2 * before + 1 if with_one_in_cyrillic else 2 * after <= before + 1
    assert all(a <= b for b, a in both)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_takes_at_most_three_segments_and_one_in_the_gsm_alphabet_where_it_can_be_answered(language) -> None:
    now = {template: segments(template, language, "a number")[1] for template in TEXTS}
    assert max(now.values()) <= (3 if language in CYRILLIC else 1)


def test_links_of_before_are_what_they_were() -> None:
    said = text("abandoned_cart_1", "en", "a word", short=False)
    assert "?recover=r1_" in said
    assert "/u/u1_" in said
    assert "/c/" not in said
