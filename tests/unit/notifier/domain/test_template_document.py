"""What a template document says, as files."""

import tomllib

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notifier.domain.template_document import TemplateDocument, Words, files_of

WORDS = {"subject": "s", "preheader": "p", "heading": "h", "body": "b", "button": "c"}


def document(**known) -> TemplateDocument:
    return TemplateDocument.model_validate({"words": {"en": WORDS}} | known)


def test_its_files_are_those_of_a_folder():
    one = document(mjml="<m>", text="t", text_message="x", variables=["gift"])
    other = document(words={"en": WORDS | {"text_message": "T", "badge": "B"}, "pl": WORDS})
    files = files_of({"b": one, "a": other})
    assert {path for path in files if path.endswith(("mjml", "jinja"))} == {"b.mjml", "b.txt.jinja", "b.sms.jinja"}
    assert (files["b.mjml"], files["b.txt.jinja"], files["b.sms.jinja"]) == ("<m>", "t", "x")
    english = tomllib.loads(files["wording/en.toml"])
    assert english == {"a": WORDS | {"badge": "B"}, "b": {"variables": "gift"} | WORDS, "sms": {"a": "T"}}
    assert tomllib.loads(files["wording/pl.toml"]) == {"a": WORDS}
    swapped = files_of({"a": one, "b": other})
    assert tomllib.loads(swapped["wording/pl.toml"]) == {"b": WORDS}, "though the first says nothing in it"
    assert one.sources == {"mjml": "<m>", "text": "t", "text_message": "x"}
    assert document().sources == {}


def test_counted_phrases_have_their_categories():
    counted = {"one": "{n} item", "other": "{n} items"}
    files = files_of({"a": document(words={"en": WORDS | {"subject": counted}})})
    assert tomllib.loads(files["wording/en.toml"])["a"]["subject"] == counted


PRINTED = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x7f") | st.sampled_from("\"\\\n\t'#[]={}"),
    min_size=1,
    max_size=40,
)


@given(PRINTED, PRINTED)
def test_whatever_is_said_is_read_as_it_was_said(subject: str, text: str):
    one = document(words={"en": WORDS | {"subject": subject, "text_message": text}})
    read = tomllib.loads(files_of({"a": one})["wording/en.toml"])
    assert (read["a"]["subject"], read["sms"]["a"]) == (subject, text)


LANGUAGES = sorted(name for name in locale_identifiers() if len(name) == 2)


@pytest.mark.parametrize(
    ("most", "more"),
    [
        ({"words": {"en": WORDS | {"subject": "x" * 2000}}}, {"words": {"en": WORDS | {"subject": "x" * 2001}}}),
        ({"mjml": "x" * 100_000}, {"mjml": "x" * 100_001}),
        ({"words": dict.fromkeys(LANGUAGES[:40], WORDS)}, {"words": dict.fromkeys(LANGUAGES[:41], WORDS)}),
        ({"variables": [f"v{n}" for n in range(20)]}, {"variables": [f"v{n}" for n in range(21)]}),
    ],
)
def test_a_template_says_as_much_as_its_bounds_allow_and_no_more(most, more):
    document(**most)
    with pytest.raises(ValidationError, match="at most"):
        document(**more)


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"words": {}}, "at least 1"),
        ({"mjml": ""}, "at least 1"),
        ({"words": {"zz": WORDS}}, "zz is no language"),
        ({"variables": ["store"]}, "store can't be the name of a variable"),
        ({"words": {"en": WORDS | {"subject": ""}}}, "at least 1"),
        ({"words": {"en": WORDS | {"subject": {"lots": "x"}}}}, "pattern"),
        ({"words": {"en": WORDS | {"subject": "a\x1bb"}}}, "pattern"),
        ({"words": {"en": WORDS | {"subject": {"one": "x"}}}}, "has the category other"),
    ],
)
def test_what_can_not_be_used_is_refused(known, says):
    with pytest.raises(ValidationError, match=says):
        document(**known)
    assert Words(**WORDS).text_message is None
