"""A template as somebody edits it: fields by language, differences, and two people's changes."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.template_said import (
    Difference,
    Phrase,
    both_changed,
    differences,
    filled_in,
    on_top_of,
    phrases_of,
    seen_in,
    with_language,
    without_language,
)

SAID: dict[str, Any] = {
    "words": {"en": {"subject": {"one": "a", "other": "b"}, "heading": "h", "badge": None}},
    "variables": ["gift"],
    "mjml": None,
}
ENGLISH = ["one", "other"]


def test_the_fields_of_a_language_are_those_of_a_template_in_their_order():
    found = {one.name: one for one in phrases_of(SAID, "en", ENGLISH)}
    assert [*found] == ["subject", "preheader", "heading", "body", "button", "badge", "text_message"]
    assert found["subject"] == Phrase("subject", (("one", "a"), ("other", "b")), needed=True)
    assert found["heading"] == Phrase("heading", (("", "h"),), needed=True)
    assert found["badge"] == Phrase("badge", (("", ""),), needed=False)
    assert (found["subject"].counted, found["heading"].counted) == (True, False)
    assert [one.name for one in found.values() if not one.needed] == ["badge", "text_message"]


def test_what_a_language_has_no_form_for_is_to_be_filled_in():
    (subject, *_) = phrases_of(SAID, "en", ["one", "few", "other"])
    assert subject.forms == (("one", "a"), ("few", ""), ("other", "b"))
    assert phrases_of({}, "pl", ENGLISH)[0].forms == (("", ""),)


def test_a_form_says_one_language_and_leaves_the_others():
    said: dict[str, Any] = {"words": {"de": {"heading": "H"}}, "variables": [], "mjml": None}
    form = {"words.heading": " h\r\nh ", "words.badge": " ", "variables": " gift  until ", "source.mjml": "<mjml>\r\n"}
    after = filled_in(said, "en", form, ENGLISH)
    assert after["words"] == {"de": {"heading": "H"}, "en": {"heading": "h\nh"}}
    assert (after["variables"], after["mjml"]) == (["gift", "until"], "<mjml>\n")
    assert said["words"] == {"de": {"heading": "H"}}, "what was there is left alone"
    assert filled_in(after, "en", {"source.mjml": ""}, ENGLISH)["mjml"] is None
    assert filled_in(after, "en", {}, ENGLISH) == after


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"words.body.one": "x", "words.body.other": "y", "counted.body": "on"}, {"one": "x", "other": "y"}),
        ({"words.body.one": "x", "words.body.other": " ", "counted.body": "on"}, {"one": "x"}),
        ({"words.body": "x", "counted.body": "on"}, {"one": "x", "other": "x"}),
        ({"words.body.one": "x", "words.body.other": "y"}, "y"),
        ({"words.body": "x\ry"}, "x\ny"),
        ({"words.body": "", "counted.body": "on"}, None),
        ({"words.body.one": "x"}, None),
    ],
)
def test_a_phrase_is_one_text_or_one_for_each_number(form: dict[str, str], said: Any):
    assert filled_in({}, "en", form, ENGLISH)["words"]["en"].get("body") == said


def test_a_language_is_added_like_another_and_taken_out():
    added = with_language(SAID, "pl", "en")
    assert added["words"]["pl"] == SAID["words"]["en"]
    assert added["words"]["pl"] is not SAID["words"]["en"]
    assert with_language(SAID, "pl", "xx")["words"]["pl"] == SAID["words"]["en"]
    assert with_language({}, "pl", "xx")["words"] == {"pl": {}}
    assert with_language(SAID, "en", "en") == SAID, "what is there stays"
    assert [*without_language(added, "en")["words"]] == ["pl"]
    assert without_language(SAID, "en") == SAID, "the last one stays"
    assert without_language({}, "en") == {"words": {}}


def test_differences_are_told_by_place():
    after = deepcopy(SAID)
    after["words"]["en"] |= {"heading": "H", "badge": "new"}
    del after["words"]["en"]["subject"]["one"]
    after |= {"variables": [], "mjml": "<mjml>"}
    assert differences(SAID, after) == [
        Difference("mjml", None, "<mjml>"),
        Difference("variables", "gift", None),
        Difference("words/en/badge", None, "new"),
        Difference("words/en/heading", "h", "H"),
        Difference("words/en/subject/one", "a", None),
    ]
    assert differences(SAID, SAID) == []


def test_what_i_changed_stands_on_top_of_what_they_changed():
    mine, theirs = deepcopy(SAID), deepcopy(SAID)
    mine["words"]["en"] |= {"heading": "mine", "subject": "one for all"}
    mine["variables"] = ["gift", "until"]
    theirs["words"]["en"] |= {"heading": "theirs", "button": "theirs"}
    theirs["words"]["de"] = {"heading": "ihres"}
    after = on_top_of(SAID, mine, theirs)
    assert after["words"]["en"] == {"subject": "one for all", "heading": "mine", "badge": None, "button": "theirs"}
    assert after["words"]["de"] == {"heading": "ihres"}
    assert after["variables"] == ["gift", "until"]
    assert both_changed(SAID, mine, theirs) == ["words/en/heading"]
    assert both_changed(SAID, mine, mine) == []
    assert theirs["words"]["en"]["heading"] == "theirs", "theirs is left alone"


def test_what_i_took_out_goes_and_what_they_took_out_comes_back_where_i_changed_it():
    base = {"words": {"en": {"heading": "h"}, "de": {"heading": "H", "subject": {"one": "a", "other": "b"}}}}
    mine = {"words": {"en": {"heading": "h"}}}
    assert on_top_of(base, mine, base) == mine
    changed = {"words": {"en": {"heading": "h"}, "de": {"heading": "H", "subject": {"one": "x", "other": "b"}}}}
    assert on_top_of(base, changed, mine)["words"]["de"] == {"subject": {"one": "x"}}
    assert on_top_of(base, mine, mine) == mine


words = st.dictionaries(
    st.sampled_from(["subject", "heading", "body"]),
    st.one_of(
        st.text("ab", min_size=1, max_size=2),
        st.dictionaries(st.sampled_from(["one", "other"]), st.sampled_from(["x", "y"]), min_size=1),
    ),
    min_size=1,
)
templates = st.fixed_dictionaries({"words": st.dictionaries(st.sampled_from(["en", "de"]), words, min_size=1)})


@given(templates, templates)
def test_nobody_s_changes_are_lost_where_the_other_changed_nothing(base: dict[str, Any], changed: dict[str, Any]):
    assert differences(on_top_of(base, changed, base), changed) == []
    assert differences(on_top_of(base, base, changed), changed) == []
    assert both_changed(base, changed, base) == []


@given(templates, templates, templates)
def test_what_i_say_stands_wherever_i_changed_something(base: Any, mine: Any, theirs: Any):
    after = on_top_of(base, mine, theirs)
    for one in differences(base, mine):
        assert all(left.place != one.place or left.before == one.after for left in differences(after, mine)), one


def test_a_letter_is_seen_on_a_light_and_on_a_dark_screen():
    html = (
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark" />'
        "<style>:root { color-scheme: light dark; } @media (prefers-color-scheme: dark) { a {} }"
        "@media ( prefers-color-scheme:light ) { b {} }</style>"
    )
    dark, light = seen_in(html, "dark"), seen_in(html, "light")
    assert dark == (
        '<meta name="color-scheme" content="dark"><meta name="supported-color-schemes" content="dark" />'
        "<style>:root { color-scheme: dark; } @media all { a {} }@media not all { b {} }</style>"
    )
    assert "@media not all { a {} }@media all { b {} }" in light
    assert light.count('content="light"') == 2
    assert seen_in("<p>light dark", "dark") == "<p>light dark"
