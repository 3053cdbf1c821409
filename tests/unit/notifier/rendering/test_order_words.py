"""What is said of orders, and after them, in every language and on both channels."""

import re
from html import escape

import pytest

from deploy.playground.segments import count_segments
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import compose_text
from tests.unit.notifier.domain.kinds.test_browse import JUG, MUG
from tests.unit.notifier.domain.kinds.test_browse import seen as looked_at
from tests.unit.notifier.domain.kinds.test_order_messages import HOLDS, of_order, seen
from tests.unit.notifier.domain.kinds.test_saved_items import aside
from tests.unit.notifier.languages import CYRILLIC, LANGUAGES
from tests.unit.notifier.making import NOON, contact, line, snapshot, store
from tests.unit.notifier.reading import TEMPLATES, UNSUBSCRIBE, body, letter, sent

TRANSACTIONAL = [kind for kind in HOLDS if kind != "post_purchase"]


def look_at(kind: str) -> CartSnapshot:
    if kind == "saved_items":
        return aside(line(currency="EUR"))
    if kind == "browse":
        return looked_at(MUG, JUG)
    return snapshot(units=0) if kind == "win_back" else seen()


def leads_to(kind: str) -> str:
    return str(MUG.url) if kind == "browse" else "https://shop.example/r/r1_token"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*HOLDS, "win_back", "saved_items", "browse"])
def test_every_letter_is_whole_in_every_language(kind: str, language: str):
    look = look_at(kind)
    message = sent(letter(of_order(kind), contact(locale=language), look))
    html, text = body(message, "html"), body(message, "plain")
    assert message["Content-Language"] == language
    for content in (message["Subject"], text, re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)):
        assert "{" not in content
    assert f'href="{leads_to(kind)}"' in html
    assert ("o-1" in text) == (kind in TRANSACTIONAL)
    assert ("Stoneware mug" in text) == (kind != "win_back")
    assert (UNSUBSCRIBE in text, UNSUBSCRIBE in html) == (kind not in TRANSACTIONAL,) * 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*HOLDS, "win_back", "saved_items", "browse"])
def test_every_text_is_short_and_says_how_to_end_reminders_alone(kind: str, language: str):
    look = look_at(kind)
    made = of_order(kind, channel="sms")
    draft = Draft(made, contact(locale=language), look, store(), TEMPLATES, UNSUBSCRIBE, NOON, "https://n.example/c/x")
    said = compose_text(draft)
    assert leads_to(kind) in said
    assert "/c/x" not in said, "it is about no cart"
    assert ("STOP" in said) == (kind not in TRANSACTIONAL)
    assert count_segments(said) <= (2 if language not in CYRILLIC else 3)


def test_an_order_of_which_no_cart_knew_the_goods_is_told_of_by_its_number():
    order = seen().order
    assert order is not None
    look = seen().model_copy(update={"order": order.model_copy(update={"lines": ()})})
    text = body(sent(letter(of_order("order_confirmed"), None, look)), "plain")
    assert "o-1" in text
    assert "Total" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_looked_at_stands_there_without_prices(language: str):
    message = sent(letter(of_order("browse"), contact(locale=language), look_at("browse")))
    html, text = body(message, "html"), body(message, "plain")
    for content in (html, text):
        assert "Stoneware mug" in content
        assert "jug" in content
        assert "0.00" not in content
        assert "0,00" not in content
    assert str(MUG.image_url) in html


PARCEL = "https://parcels.example/o-1?of=anna&by=post"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_parcel_that_can_be_followed_has_a_button_and_a_link_in_the_text(language: str):
    tracked, plain = seen("shipped", tracking_url=PARCEL), seen("shipped")
    html = body(sent(letter(of_order("order_shipped"), contact(locale=language), tracked)), "html")
    assert f'href="{escape(PARCEL)}"' in html
    assert PARCEL in body(sent(letter(of_order("order_shipped"), contact(locale=language), tracked)), "plain")
    without = body(sent(letter(of_order("order_shipped"), contact(locale=language), plain)), "html")
    assert "parcels.example" not in without
    said, words = [
        compose_text(
            Draft(
                of_order("order_shipped", channel="sms"),
                contact(locale=language),
                look,
                store(),
                TEMPLATES,
                UNSUBSCRIBE,
                NOON,
            )
        )
        for look in (tracked, plain)
    ]
    assert PARCEL in said
    assert said.replace(PARCEL, "") != words.replace("https://shop.example/r/r1_token", ""), "it says what the link is"


@pytest.mark.parametrize("kind", [kind for kind in TRANSACTIONAL if kind != "order_shipped"])
def test_no_other_message_leads_to_the_parcel(kind: str):
    html = body(sent(letter(of_order(kind), None, seen(tracking_url=PARCEL))), "html")
    assert "parcels.example" not in html
    assert 'href="https://shop.example/r/r1_token"' in html


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://parcels.example/1", "https:/x y"])
def test_what_leads_not_to_the_web_is_no_link(link: str):
    html = body(sent(letter(of_order("order_shipped"), None, seen("shipped", tracking_url=link))), "html")
    assert link not in html
    assert 'href="https://shop.example/r/r1_token"' in html


def test_of_what_is_in_no_cart_no_number_is_told():
    """Story: under each thing that somebody had looked at stood a lonely 1."""
    message = sent(letter(of_order("browse"), None, looked_at(MUG, JUG)))
    assert "- Stoneware mug\n\n- jug\n" in body(message, "plain").replace("\r", "")
    assert ">1</div>" not in body(message, "html")
    bought = sent(letter(of_order("order_confirmed"), None, seen()))
    assert ">2&nbsp;" in body(bought, "html")
    unpriced = seen().order
    assert unpriced is not None
    look = seen().model_copy(update={"order": unpriced.model_copy(update={"currency": None})})
    assert "- Stoneware mug\n  2\n" in body(sent(letter(of_order("order_confirmed"), None, look)), "plain").replace(
        "\r", ""
    )
