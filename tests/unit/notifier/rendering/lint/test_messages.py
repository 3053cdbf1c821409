"""What comes out of a folder: the templates that ship have no fault, and each fault of a store's own is found."""

from pathlib import Path

import pytest

from services.notifier.rendering.lint.finding import Finding
from services.notifier.rendering.lint.messages import faults_of
from services.notifier.rendering.templates import SHIPPED

COLUMN = "<mjml><mj-body><mj-section><mj-column>\n<mj-text>{}</mj-text>\n</mj-column></mj-section></mj-body></mjml>"
OUT = '<a href="{{ unsubscribe_url }}">x</a>'
GONE = OUT + "{{ coupon }}"


def test_what_ships_has_no_fault():
    assert faults_of(SHIPPED, ships=True) == []


FAULTY = [
    ("win_back.mjml", COLUMN.format(GONE + "{{ savings }}"), 1, "missing-variable"),
    ("browse.mjml", COLUMN.format("Bye {{ coupon }}"), 1, "unsubscribe"),
    ("saved_items.mjml", COLUMN.format(GONE + '<a href="{ { shop } }">x</a>'), 1, "broken-link"),
    ("post_purchase.mjml", COLUMN.format(GONE + "<b>" + "long " * 20_000 + "</b>"), 1, "too-large"),
    ("abandoned_cart_3.mjml", COLUMN.format(GONE + '<i style="color:#eeeeee">x</i>'), 2, "contrast"),
    ("abandoned_checkout.txt.jinja", "{{ body }} {{ coupon }}", 1, "unsubscribe"),
    ("price_drop.sms.jinja", "{{ message }} {{ code }}", 1, "unsubscribe"),
    ("back_in_stock.mjml", COLUMN.format(OUT), 1, "unused-coupon"),
    ("browse.txt.jinja", "{{ body }} {{ unsubscribe_url }}", 1, "unused-coupon"),
    ("browse.sms.jinja", "{{ message }} {{ stop }}", 1, "unused-coupon"),
    ("wording/en.toml", '[abandoned_cart_2]\nbody = "{coupon}"\nheading = "{now}"\n', 3, "missing-variable"),
    ("wording/de.toml", f'[sms]\nwin_back = "{"lang " * 80}"\n', 2, "segments"),
    ("wording/ru.toml", f'[sms]\nwin_back = "{"долго " * 40}"\n', 2, "segments"),
    ("wording/pl.toml", '[sms.low_stock]\none = "{n}"\nfew = "{titel}"\n', 1, "missing-variable"),
    ("wording/pl.toml", '[sms.low_stock]\none = "{n}"\nfew = "{titel}"\n', 3, "missing-variable"),
    ("wording/klingon.toml", 'language = "klingon"\n', 1, "language"),
]


def test_each_fault_of_a_store_s_own_is_found_at_its_place_and_no_other(tmp_path: Path):
    (tmp_path / "wording").mkdir()
    for file, source, _, _ in FAULTY:
        (tmp_path / file).write_text(source, encoding="utf-8")
    found = {(fault.file, fault.line, fault.rule) for fault in faults_of(tmp_path)}
    assert found == {(file, line, rule) for file, _, line, rule in FAULTY}


@pytest.mark.parametrize(
    ("file", "source"), [("win_back.mjml", COLUMN.format("{% if %}")), ("wording/en.toml", "[sms\n")]
)
def test_what_can_t_be_read_at_all_is_one_fault(tmp_path: Path, file: str, source: str):
    (tmp_path / "wording").mkdir()
    (tmp_path / file).write_text(source)
    assert [(fault.file, fault.line, fault.rule) for fault in faults_of(tmp_path)] == [(file, 1, "broken")]


def test_each_fault_is_told_once_however_many_languages_have_it(tmp_path: Path):
    (tmp_path / "win_back.mjml").write_text(COLUMN.format(GONE + '<i style="color:#eeeeee">x</i>'))
    said = "#eeeeee on #ffffff has a contrast of 1.2, and needs 4.5"
    assert faults_of(tmp_path) == [Finding("win_back.mjml", 2, "contrast", said)]


def test_what_a_template_declares_is_known_to_its_words_and_to_nobody_else_s(tmp_path: Path):
    own = tmp_path / "wording"
    own.mkdir()
    said = '[birthday]\nvariables = "gift"\nsubject = "{gift}"\npreheader = "{gift}"\nheading = "{gift} {gyft}"\n'
    said += 'body = "x"\nbutton = "y"\n[sms]\nbirthday = "{store}: {gift} {url}"\nlow_stock_x = "{gift}"\n'
    (own / "en.toml").write_text(said)
    found = [one.said for one in faults_of(tmp_path) if one.rule == "missing-variable"]
    assert [one for one in found if "which nothing is called" in one] == [
        "birthday.heading names {gyft}, which nothing is called",
        "sms.low_stock_x names {gift}, which nothing is called",
    ]
