"""What a message says of a coupon, and of how often somebody has left a cart before."""

from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest

from services.notifier.domain.reminder import Reminder
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.offers import facts_of, habits
from services.notifier.rendering.phrases import MissingVariableError
from services.notifier.rendering.templates import Templates
from tests.unit.notifier.languages import LANGUAGES
from tests.unit.notifier.making import NOON, contact, low_stock, reminder, snapshot, store

END = datetime(2026, 12, 3, 13, 5, tzinfo=UTC)
TEMPLATES = Templates()


def draft(made: Reminder, locale: str = "en", templates: Templates = TEMPLATES, **known: Any) -> Draft:
    told = contact(locale=locale, **known)
    return Draft(made, told, snapshot(), store(time_zone="Europe/Warsaw"), templates, "https://n.example/u/x", NOON)


def offering(**known: Any) -> Reminder:
    return replace(reminder(**known), coupon="A-1", coupon_until=END)


def test_the_zone_is_the_recipient_s_and_else_the_shop_s() -> None:
    assert "2:05" in compose_letter(draft(offering())).text
    assert "8:05" in compose_letter(draft(offering(), timezone="America/New_York")).text
    assert "2:05" in compose_letter(draft(offering(), timezone="Mars/Olympus")).text


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_coupon_with_an_end_is_told_with_it_in_every_language_on_both_channels(locale: str) -> None:
    written = compose_letter(draft(offering(), locale))
    for said in (written.text, written.html, compose_text(draft(offering(channel="sms"), locale))):
        assert "A-1" in said
        assert ":05" in said
    without = compose_letter(draft(replace(offering(), coupon_until=None), locale)).text
    assert "A-1" in without
    assert ":05" not in without
    assert ":05" not in compose_letter(draft(replace(offering(), coupon=None), locale)).text


def test_the_link_of_a_letter_carries_the_code() -> None:
    assert "https://shop.example/r/r1_token?coupon=A-1" in compose_letter(draft(offering())).text
    assert "?coupon" not in compose_letter(draft(reminder())).text


@pytest.mark.parametrize("code", ["BACK-7Q2M9K", "A&B<1>"])
def test_a_code_is_never_broken_over_two_lines_and_adds_no_mark_up(code: str) -> None:
    page = compose_letter(draft(replace(offering(), coupon=code))).html
    assert f'<span style="white-space:nowrap">{escape(code)}</span>. Valid' in page


def test_words_may_name_the_code_and_its_end() -> None:
    known = facts_of(offering(), contact(), store(), draft(offering()).wording()[0])
    assert known == {"coupon": "A-1", "coupon_until": "December 3, 1:05\u202fPM"}
    assert facts_of(reminder(), contact(), store(), draft(reminder()).wording()[0]) == {"coupon": ""}
    unoffered = replace(offering(), coupon=None)
    assert facts_of(unoffered, contact(), store(), draft(unoffered).wording()[0]) == {"coupon": ""}


@pytest.mark.parametrize(
    ("times", "asked"),
    [(None, {}), (0, {"times_abandoned": 0, "first_time": True}), (2, {"times_abandoned": 2, "first_time": False})],
)
def test_layouts_may_ask_how_often_where_it_was_counted(times: int | None, asked: dict[str, object]) -> None:
    made = replace(reminder(), times_abandoned=times)
    assert habits(made) == asked
    said = facts_of(made, contact(), store(), draft(made).wording()[0]).get("times_abandoned")
    assert said == (None if times is None else str(times))


@pytest.mark.parametrize("locale", LANGUAGES)
def test_who_left_a_cart_before_is_greeted_as_such_and_accused_of_nothing(locale: str) -> None:
    first, again = (replace(reminder(), times_abandoned=times) for times in (0, 1))
    usual, kind = compose_letter(draft(first, locale)), compose_letter(draft(again, locale))
    assert usual.text == compose_letter(draft(reminder(), locale)).text
    assert kind.subject != usual.subject
    assert draft(again, locale).wording()[1] == "abandoned_cart_1_again"
    assert not any(character.isdigit() for character in kind.subject), "nobody counts aloud"
    text = replace(again, channel="sms")
    assert compose_text(draft(text, locale)) != compose_text(draft(replace(text, times_abandoned=0), locale))


def test_a_template_without_such_words_says_what_it_says() -> None:
    later = replace(reminder(template="abandoned_cart_2"), times_abandoned=3)
    assert draft(later).wording()[1] == "abandoned_cart_2"
    assert draft(replace(low_stock(channel="email"), times_abandoned=3)).wording()[1] == "low_stock"


def test_a_shop_s_own_layout_and_words_ask_how_often(tmp_path: Path) -> None:
    (tmp_path / "wording").mkdir()
    (tmp_path / "wording/en.toml").write_text('[abandoned_cart_1]\nbody = "Before: {times_abandoned}."\n')
    (tmp_path / "email.txt.jinja").write_text("{{ body }}{% if first_time %} Hello!{% endif %}")
    own = Templates(tmp_path)
    assert compose_letter(draft(replace(reminder(), times_abandoned=0), templates=own)).text == "Before: 0. Hello!\n"
    with pytest.raises(MissingVariableError):
        compose_letter(draft(reminder(), templates=own))
    (tmp_path / "wording/en.toml").write_text("")
    with pytest.raises(MissingVariableError, match="first_time"):
        compose_letter(draft(reminder(), templates=Templates(tmp_path)))
