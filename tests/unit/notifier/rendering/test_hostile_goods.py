"""Goods that somebody has given a title to break messages with: letters and texts stay what they are.

Story: a title of a megabyte made a letter of which Gmail shows the first tenth, without the way out.
"""

import email
import email.policy

import pytest

from services.notifier.domain.segments import count_segments
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.lint.html import MOST_BYTES, MOST_IN_A_LINE
from services.notifier.rendering.message import compose_text
from tests.unit.notifier.making import NOON, contact, line, low_stock, snapshot, store
from tests.unit.notifier.reading import TEMPLATES, UNSUBSCRIBE, content_of, letter, sent

FAMILY = "\N{WOMAN}\u200d\N{WOMAN}\u200d\N{GIRL}\N{WRAPPED PRESENT}"
TITLES = {
    "a megabyte of one word": "x" * 1_000_000,
    "a megabyte of words": "word " * 200_000,
    "a megabyte of marks on one letter": "m" + "\u0301" * 1_000_000,
    "blanks before it": " " * 1_000_000 + "mug",
    "turned around": "\u202eSTOP\u202d mug \u2066\u2067",
    "arabic": "كوب من الخزف الحجري",
    "hebrew and digits": "ספל 3 ב-1",
    "emoji": FAMILY * 200,
    "half a pair": "\ud83d mug",
    "a header": "Mug\r\nBcc: eve@evil.example\r\n\r\n<html>",
    "a template": "{{ 7*7 }}{% raw %}{store}",
    "a nul": "mu\x00g",
}
TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("lines", [1, 40])
def test_a_letter_is_whole_on_any_screen_whatever_the_title(title: str, lines: int):
    goods = [line("mug", title=title, options={"Size": title})] + [line(f"m{n}", title=title) for n in range(lines)]
    made = letter(low_stock(channel="email"), contact(), snapshot(*goods))
    assert len(made.html.encode()) < MOST_BYTES
    assert UNSUBSCRIBE in made.html
    assert UNSUBSCRIBE in made.text
    assert not TURNS & {*made.html, *made.text, *made.subject}
    assert "49" not in made.subject
    assert len(made.subject) < 100


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_no_line_is_over_998_octets_and_no_header_is_added_whatever_the_title(title: str):
    """Story: a long line was broken by a relay, and with it the signature (rss2email#141)."""
    made = letter(low_stock(channel="email"), contact(name=title), snapshot(line(title=title)))
    content = content_of(made)
    assert max(map(len, content.split(b"\r\n"))) <= MOST_IN_A_LINE
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert message.keys() == sent(letter()).keys()


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_text_is_three_segments_at_most_and_keeps_its_way_out_whatever_the_title(title: str):
    seen = snapshot(line(title=title))
    text = compose_text(
        Draft(
            low_stock(),
            contact(),
            seen,
            store(),
            TEMPLATES,
            UNSUBSCRIBE,
            NOON,
            short_url="https://n.example/c/abcdefghijk",
        )
    )
    assert count_segments(text) <= 3
    assert "https://n.example/c/abcdefghijk" in text
    assert "STOP" in text.replace("STOP mug", "")
    assert not TURNS & {*text}
    assert "\n" not in text
