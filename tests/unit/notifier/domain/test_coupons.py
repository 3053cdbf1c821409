"""Pools of coupons: codes as they are uploaded and drawn, and links that carry one."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifier.domain import coupon_codes
from services.notifier.domain.coupon_codes import FaultyCodesError, from_csv, from_json, object_of
from services.notifier.domain.coupons import LASTS_LEAST, Coupon, HeldCode, Pool, drawn, is_pattern, with_coupon

END = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "good"),
    [
        ("BACK-######", True),
        ("######", True),
        ("a_b-######-Z", True),
        ("#####", False),
        ("BACK-#####", False),
        ("BACK", False),
        ("BÄCK-######", False),
        ("A B######", False),
        ("######\n", False),
        ("######" + "x" * 58, True),
        ("######" + "x" * 59, False),
    ],
)
def test_a_pattern_draws_six_characters_or_more(pattern: str, good: bool) -> None:
    assert is_pattern(pattern) is good


def test_each_mark_of_a_pattern_is_drawn_and_the_rest_stays() -> None:
    drew = iter("QWERTZ")

    def choose(some: Sequence[str]) -> str:
        assert "0" not in some
        assert "O" not in some
        assert len(some) == 32
        return next(drew)

    assert drawn("A#-###b##", choose) == "AQ-WERbTZ"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://shop.example/cart/t1", "https://shop.example/cart/t1?coupon=A%2F1"),
        ("https://shop.example/cart?t=1&b=2", "https://shop.example/cart?t=1&b=2&coupon=A%2F1"),
        ("https://shop.example/#/cart/t1", "https://shop.example/?coupon=A%2F1#/cart/t1"),
        ("https://shop.example/?coupon=OWN#x", "https://shop.example/?coupon=OWN#x"),
        ("https://shop.example/?a=1&coupon", "https://shop.example/?a=1&coupon"),
        ("https://shop.example/?coupons=2", "https://shop.example/?coupons=2&coupon=A%2F1"),
    ],
)
def test_a_link_carries_a_code_before_its_fragment(url: str, told: str) -> None:
    assert with_coupon(url, "A/1") == told


def test_a_code_counts_until_its_end() -> None:
    held = HeldCode("A", END, own=True, told=False)
    assert held.counts(END - timedelta(microseconds=1))
    assert not held.counts(END)
    assert HeldCode("A", None, own=True, told=False).counts(END)


def test_a_code_is_worth_money_and_is_shown_in_no_log() -> None:
    assert "A-1" not in repr(Coupon("A-1", END)) + repr(HeldCode("A-1", END, own=True, told=False))


def test_a_code_is_offered_as_long_as_it_counts_for_an_hour() -> None:
    assert timedelta(hours=1) == LASTS_LEAST


def test_a_pool_says_nothing_that_it_need_not() -> None:
    assert (Pool("s", "p", "codes").once, Pool("s", "p", "codes").low_at) == (timedelta(days=30), 0)


def test_codes_come_as_csv_one_a_line_each_once() -> None:
    text = "\ufeffCode,expires_at\nA-1,2026-12-31T23:59:59+01:00\n\n  A-2 , \nA-1\n,\nA-3"
    assert from_csv(text) == [Coupon("A-1", END), Coupon("A-2", None), Coupon("A-3", None)]
    assert from_csv("CODE") == from_csv("") == []
    assert from_csv("A-1\ncode") == [Coupon("A-1", None), Coupon("code", None)], "the first line alone is a head"


def test_codes_come_as_json_as_text_or_with_their_end() -> None:
    given = ["A-1", {"code": "A-2"}, {"code": "A-3", "expires_at": "2026-12-31T22:59:59Z"}, {"code": "A-1"}]
    assert from_json(given) == [Coupon("A-1", None), Coupon("A-2", None), Coupon("A-3", END)]
    assert from_json([{"code": "A-2", "expires_at": None}]) == [Coupon("A-2", None)]


def test_a_code_may_end_in_any_year_after_the_first_of_all_computers() -> None:
    assert from_csv("A-1,1971-01-01T01:00:00+01:00") == [Coupon("A-1", datetime(1971, 1, 1, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("text", "line", "rule"),
    [
        ("A 1", 1, "printable"),
        ("A-1\nÄ", 2, "printable"),
        ("x" * 65, 1, "printable"),
        ("A-1,tomorrow", 1, "ISO 8601"),
        ("A-1,2026-12-31T23:59:59", 1, "offset"),
        ("A-1,0001-01-01T00:00:00+10:00", 1, "ISO 8601"),
        ("A-1,1970-12-31T23:59:59Z", 1, "ISO 8601"),
        ("A-1,,x", 1, "more than a code"),
        ('A-1\n"a\0b', 2, ""),
        ("A-1\nA-2\rA-3\nA-4", 2, "new-line"),
        ('"A-1\n",\n\nA 3', 4, "printable"),
    ],
)
def test_a_line_that_is_no_code_is_told_with_its_place(text: str, line: int, rule: str) -> None:
    with pytest.raises(FaultyCodesError) as told:
        from_csv(text)
    assert [place for place, _ in told.value.faults] == [line]
    assert rule in told.value.faults[0][1]


@pytest.mark.parametrize(
    "one", [7, None, "", {}, {"code": 7}, {"code": "A", "more": 1}, {"code": "A", "expires_at": 7}, ["A"]]
)
def test_what_is_no_code_is_told_with_its_place(one: Any) -> None:
    with pytest.raises(FaultyCodesError) as told:
        from_json(["A-1", one])
    assert [place for place, _ in told.value.faults] == [2]


@pytest.mark.parametrize("given", [{}, "A", None])
def test_codes_are_a_list(given: Any) -> None:
    with pytest.raises(FaultyCodesError) as told:
        from_json(given)
    assert told.value.faults == [(0, "a list is needed")]


def test_of_many_faults_twenty_are_told() -> None:
    with pytest.raises(FaultyCodesError) as told:
        from_csv("\n".join(["Ä"] * 30))
    assert [place for place, _ in told.value.faults] == list(range(1, 21))
    assert str(told.value) == "20 faults"


def test_an_upload_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert coupon_codes.MOST == 100_000
    monkeypatch.setattr(coupon_codes, "MOST", 3)
    assert len(from_json(["a", "b", "c", "a"])) == 3
    with pytest.raises(FaultyCodesError) as told:
        from_json(["a", "b", "c", "d"])
    assert told.value.faults == [(4, "more than 3 codes in one upload")]


def test_a_body_is_an_object() -> None:
    assert object_of(b'{"a":1}') == {"a": 1}
    with pytest.raises(TypeError):
        object_of(b"[]")
    with pytest.raises(json.JSONDecodeError):
        object_of(b"{")
