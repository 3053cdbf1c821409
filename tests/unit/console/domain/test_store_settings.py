"""A store's settings as text, what would change, and the form by which a key is made."""

from datetime import timedelta
from typing import Any

import pytest

from libs.files.yaml_file import FaultyTextError
from services.cart.domain import api_keys, store
from services.cart.domain.api_keys import GRACE, MAX_GRACE
from services.console.domain.key_form import OFFERED_DAYS, OFFERED_GRACES, SCOPES, grace_of, key_of
from services.console.domain.store_settings import (
    LONGEST,
    SECRETS,
    Change,
    changed_names,
    changes_of,
    read_text,
    settings_of,
)


def test_scopes_and_secrets_are_those_of_the_cart_service():
    assert set(SCOPES) == api_keys.SCOPES
    assert len(SCOPES) == len(set(SCOPES))
    assert set(SECRETS) == set(store.SECRETS)


def test_what_says_nothing_is_left_out_and_what_says_no_stays():
    told: dict[str, Any] = {
        "name": "Shop",
        "share_url": None,
        "origins": [],
        "messages": {"email_from": None, "cap": 0, "on": False},
    }
    assert settings_of(told) == {"name": "Shop", "origins": [], "messages": {"cap": 0, "on": False}}


def test_a_text_is_settings_by_name():
    assert read_text("name: Shop\nlimits: {lines: 3}\norigins: []\n") == {
        "name": "Shop",
        "limits": {"lines": 3},
        "origins": [],
    }


@pytest.mark.parametrize(
    ("text", "line", "pointer"),
    [
        ("name: [", 1, ""),
        ("- a", 1, ""),
        ("", 1, ""),
        ("name: Shop\nname: Other", 2, ""),
        ("a: &x 1\nb: *x", 1, ""),
        ("name: Shop\nsince: 2026-12-01", 2, "/since"),
    ],
)
def test_what_is_no_text_of_settings_says_where(text: str, line: int, pointer: str):
    with pytest.raises(FaultyTextError) as refused:
        read_text(text)
    assert (refused.value.faults[0].line, refused.value.faults[0].pointer) == (line, pointer)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_not_said_here_and_never_told_again(name: str):
    with pytest.raises(FaultyTextError) as refused:
        read_text(f"name: Shop\n{name}: hush-hush")
    (fault,) = refused.value.faults
    assert (fault.line, fault.pointer, fault.field) == (0, f"/{name}", name)
    assert "hush" not in str(refused.value)


def test_changes_are_told_field_by_field():
    before = {"name": "Shop", "limits": {"lines": 3, "bytes": 9}, "origins": ["https://a.test"], "share_url": None}
    after = {"name": "Shop", "limits": {"lines": 4, "bytes": 9}, "origins": [], "share_url": "https://b.test"}
    changes = changes_of(before, after)
    assert changes == [
        Change("limits.lines", "3", "4"),
        Change("origins", "https://a.test", ""),
        Change("share_url", None, "https://b.test"),
    ]
    assert changed_names([*changes, Change("limits.bytes", "1", "2")]) == "limits, origins, share_url"
    assert (changes_of(before, before), changed_names([])) == ([], "")


def test_a_long_value_is_cut():
    changes = changes_of({}, {"a": "x" * LONGEST, "b": "y" * (LONGEST + 1)})
    assert [one.after for one in changes] == ["x" * LONGEST, "y" * (LONGEST - 1) + "…"]
    assert LONGEST == 80


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        (
            {"name": " orders ", "kind": "secret", "scope.orders:write": "on", "scope.none:such": "on", "days": "90"},
            {"name": "orders", "kind": "secret", "scopes": ["orders:write"], "expires_in_days": 90},
        ),
        (
            {"name": "x", "kind": "else", "days": "91", "origins": "https://a.test"},
            {"name": "x", "kind": "secret", "scopes": []},
        ),
        (
            {"name": "page", "kind": "publishable", "origins": "https://b.test\r\n https://a.test https://a.test"}
            | {"scope.orders:write": "on"},
            {"name": "page", "kind": "publishable", "origins": ["https://a.test", "https://b.test"]},
        ),
        ({}, {"name": "", "kind": "secret", "scopes": []}),
    ],
)
def test_a_form_asks_for_a_key(form: dict[str, str], asked: dict[str, Any]):
    assert key_of(form) == asked


@pytest.mark.parametrize("days", [30, 90, 365])
def test_a_key_lasts_for_as_long_as_is_offered(days: int):
    assert days in OFFERED_DAYS
    assert key_of({"days": str(days)})["expires_in_days"] == days


@pytest.mark.parametrize("days", ["", "0", "31", "-30", "30.0", "²"])
def test_a_key_lasts_for_no_other_number_of_days(days: str):
    assert "expires_in_days" not in key_of({"days": days})


@pytest.mark.parametrize(
    ("grace", "hours"),
    [("24", 24), ("0", 0), ("720", 720), ("721", None), ("-1", None), ("", None), ("24.0", None), ("024", None)],
)
def test_a_form_says_how_long_an_old_secret_goes_on(grace: str, hours: int | None):
    assert grace_of({"grace": grace}) == hours
    assert grace_of({}) is None


def test_the_graces_that_are_offered_are_those_that_the_cart_takes_and_its_own_comes_first():
    assert timedelta(hours=OFFERED_GRACES[0]) == GRACE
    assert timedelta(hours=max(OFFERED_GRACES)) == MAX_GRACE
    assert (OFFERED_GRACES, len(set(OFFERED_GRACES))) == ((24, 1, 168, 720, 0), 5)
