"""Any template can be looked at with sample data, and what a sample says is true of its sample."""

from dataclasses import replace

import pytest

from services.notifier.domain.relevance import why_not
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.phrases import Wordings
from services.notifier.rendering.samples import ANNA, Sample, kind_named, parted
from services.notifier.rendering.templates import NO_TEMPLATES, SHIPPED, Templates
from tests.unit.notifier.languages import LANGUAGES
from tests.unit.notifier.making import store

TEMPLATES = Templates()
SECTIONS = [name for name in Wordings(SHIPPED).choose("en", "en").phrases if name not in (*NO_TEMPLATES, "language")]
SAMPLE = Sample(TEMPLATES, store())


@pytest.mark.parametrize("section", SECTIONS)
def test_a_sample_of_every_section_holds_and_speaks_its_words(section: str):
    draft = SAMPLE.draft(section, "email")
    assert why_not(draft.reminder, draft.snapshot) is None
    assert draft.wording()[1] == section


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_it_is_written_in_every_language_on_both_channels(section: str, language: str):
    sample = replace(SAMPLE, contact=replace(ANNA, locale=language), coupon="SAVE10")
    letter = compose_letter(sample.draft(section, "email"))
    assert letter.language == language
    assert "{" not in letter.subject
    assert compose_text(sample.draft(section, "sms"))


@pytest.mark.parametrize(
    ("template", "kind", "name", "special"),
    [
        ("abandoned_cart_2", "abandoned_cart", "abandoned_cart_2", ""),
        ("abandoned_checkout", "abandoned_checkout", "abandoned_checkout", ""),
        ("back_in_stock_watched", "back_in_stock", "back_in_stock", "watched"),
        ("low_stock_several", "low_stock", "low_stock", "several"),
        ("saved_items", "saved_items", "saved_items", ""),
        ("scarce", "abandoned_cart", "scarce", ""),
        ("saved", "abandoned_cart", "saved", ""),
        ("browser", "abandoned_cart", "browser", ""),
    ],
)
def test_a_template_is_of_the_kind_that_its_name_begins_with(template: str, kind: str, name: str, special: str):
    assert kind_named(template) == kind
    assert parted(template) == (name, special)


def test_links_lead_to_the_store_and_to_where_links_of_ours_are():
    sample = replace(SAMPLE, store=store(hosts=("nordwind.example",)), links_at="https://n.example")
    letter, text = (
        compose_letter(sample.draft("browse", "email")),
        compose_text(sample.draft("abandoned_cart_1", "sms")),
    )
    assert "https://nordwind.example/mug" in letter.html
    assert "https://n.example/u/sample_link" in letter.html
    assert "https://n.example/c/sample_link" in text
    assert "https://n.example/y/sample_link" in compose_text(sample.draft("confirmation", "sms"))
