"""Who is asked before it counts what was agreed to: texts always, e-mail where store or country wants it."""

from datetime import date
from pathlib import Path

import pytest

from libs.files.toml_file import TomlFileError, load
from services.cart.domain.customers.opt_in import SHIPPED, GuestContacts, OptInFile, OptIns

OPT_INS = OptIns.read()


@pytest.mark.parametrize("policy", ["single_opt_in", "double_opt_in"])
def test_texts_always_wait_for_an_answer(policy: GuestContacts):
    assert OPT_INS.asks_first("sms", policy, "en-US", "America/New_York")


@pytest.mark.parametrize(
    ("policy", "locale", "zone", "asks"),
    [
        ("single_opt_in", "pl", "Europe/Warsaw", False),
        ("single_opt_in", "en", None, False),
        ("double_opt_in", "pl", "Europe/Warsaw", True),
        ("single_opt_in", "pl", "Europe/Berlin", True),
        ("single_opt_in", "pl", "Europe/Busingen", True),
        ("single_opt_in", "de", None, True),
        ("single_opt_in", "de-DE", None, True),
        ("single_opt_in", "de_DE", None, True),
        ("single_opt_in", "de-Latn-DE", None, True),
        ("single_opt_in", "en-DE", None, True),
        ("single_opt_in", "de-AT", "Europe/Vienna", False),
        ("single_opt_in", "de-150", None, False),
        ("single_opt_in", "German", None, False),
    ],
)
def test_e_mail_waits_where_store_or_country_wants_it(policy: GuestContacts, locale: str, zone: str | None, asks: bool):
    assert OPT_INS.asks_first("email", policy, locale, zone) is asks


def test_the_countries_are_dated_and_say_where_they_come_from():
    file = load(SHIPPED, OptInFile)
    assert file.reviewed >= date(2026, 12, 1)
    assert all(len(law.source) > 10 for law in file.opt_ins)


def test_a_file_of_ones_own_says_other_countries(tmp_path: Path):
    path = tmp_path / "opt_in.toml"
    path.write_text(
        "reviewed = 2026-12-01\n[[opt_ins]]\ncountry = 'AT'\nlanguages = ['de', 'hr']\nsource = 'a test'\n"
        "[[opt_ins]]\ncountry = 'PL'\nsource = 'x'\n"
    )
    own = OptIns.read(path)
    asked = {
        (locale, zone)
        for locale in ("de", "hr", "de-DE", "en-AT", "pl", "pl-PL")
        for zone in (None, "Europe/Vienna", "Europe/Warsaw", "Europe/Berlin")
        if own.asks_first("email", "single_opt_in", locale, zone)
    }
    everywhere = {(locale, zone) for locale in ("de", "hr", "en-AT", "pl-PL") for zone in (None, "Europe/Berlin")}
    there = {"de", "hr", "de-DE", "en-AT", "pl", "pl-PL"}
    assert asked == everywhere | {(locale, zone) for locale in there for zone in ("Europe/Vienna", "Europe/Warsaw")}


def test_a_file_without_rows_asks_nobody_but_whom_the_store_asks():
    none = OptIns(OptInFile(reviewed=date(2026, 12, 1)))
    assert not none.asks_first("email", "single_opt_in", "de-DE", "Europe/Berlin")
    assert none.asks_first("email", "double_opt_in", "en", None)
    assert none.asks_first("sms", "single_opt_in", "en", None)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("country = 'de'\nsource = 'x'", "opt_ins.0.country"),
        ("country = 'DE'", "opt_ins.0.source: Field required"),
        ("country = 'DE'\nsource = ''", "opt_ins.0.source"),
        ("country = 'DE'\nsource = 'x'\nlanguages = ['DE']", "opt_ins.0.languages"),
        ("country = 'DE'\nsource = 'x'\nzones = ['Europe/Berlin']", "opt_ins.0.zones"),
    ],
)
def test_a_row_that_can_not_be_followed_is_refused_in_words(tmp_path: Path, row: str, said: str):
    path = tmp_path / "opt_in.toml"
    path.write_text(f"reviewed = 2026-12-01\n[[opt_ins]]\n{row}\n")
    with pytest.raises(TomlFileError) as refused:
        OptIns.read(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert said in str(refused.value)
