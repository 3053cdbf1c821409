"""UTM parameters of links: where they stand, whose they are, and what is left alone."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.store import Store
from services.notifier.domain.utm import with_utm

FACTS = {"campaign": "cart", "channel": "email", "kind": "abandoned_cart", "step": 2, "template": "abandoned_cart_2"}
UTM = {"source": "evercart", "medium": "{channel}", "campaign": "{campaign}", "content": "{template}-{step}"}
ADDED = "utm_source=evercart&utm_medium=email&utm_campaign=cart&utm_content=abandoned_cart_2-2"


def store(utm: dict[str, Any] | None = UTM, hosts: tuple[str, ...] | None = ("nordwind.example",)) -> Store:
    return Store.model_validate({"name": "Nordwind", "hosts": hosts, "utm": utm})


def tagged(url: str, utm: dict[str, Any] | None = UTM, **facts: object) -> str:
    return with_utm(url, store(utm), FACTS | facts)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://nordwind.example/cart", f"https://nordwind.example/cart?{ADDED}"),
        ("https://nordwind.example/cart?", f"https://nordwind.example/cart?{ADDED}"),
        ("https://nordwind.example/cart?recover=a%2Fb", f"https://nordwind.example/cart?recover=a%2Fb&{ADDED}"),
        ("https://nordwind.example/#/cart?a=1#b", f"https://nordwind.example/?{ADDED}#/cart?a=1#b"),
        ("https://nordwind.example/a?b=1#c", f"https://nordwind.example/a?b=1&{ADDED}#c"),
        ("https://shop.nordwind.example/a?cutm_x=1", f"https://shop.nordwind.example/a?cutm_x=1&{ADDED}"),
        ("https://nordwind.example/a#utm_source=x", f"https://nordwind.example/a?{ADDED}#utm_source=x"),
    ],
)
def test_utm_parameters_stand_before_the_fragment_and_behind_the_link_s_own(url: str, expected: str) -> None:
    assert tagged(url) == expected


@pytest.mark.parametrize(
    "query", ["utm_source=own", "a=1&utm_id=7", "UTM_Medium=x", "utm%5Fsource=x", "a=1;utm_term=b", "utm_source"]
)
def test_the_link_s_own_win(query: str) -> None:
    assert tagged(f"https://nordwind.example/a?{query}#b") == f"https://nordwind.example/a?{query}#b"


@pytest.mark.parametrize(
    "url",
    [
        "https://parcels.example/track?id=7",
        "https://nordwind.example.evil.example/",
        "https://nordwind.example@evil.example/",
        "https://evil.example\\@nordwind.example/",
        "mailto:hello@nordwind.example",
        "",
    ],
)
def test_links_to_others_are_left_alone(url: str) -> None:
    assert tagged(url) == url


def test_nothing_is_added_where_a_store_says_none_or_its_hosts_are_not_known() -> None:
    url = "https://nordwind.example/a"
    assert tagged(url, None) == tagged(url, {}) == with_utm(url, store(hosts=None), FACTS) == url


def test_a_parameter_of_nothing_but_what_is_not_known_is_left_out() -> None:
    url = "https://nordwind.example/"
    assert tagged(url, {"content": "{variant}"}) == tagged(url, {"content": "{variant}"}, variant=None) == url
    assert tagged(url, {"content": "{variant}"}, variant="b") == f"{url}?utm_content=b"
    assert tagged(url, {"term": "{variant}", "content": "{kind}"}) == f"{url}?utm_content=abandoned_cart"
    assert tagged(url, {"content": "s{step}"}, step=0) == f"{url}?utm_content=s0"


def test_values_are_encoded_and_what_a_fact_says_is_no_place() -> None:
    url = "https://nordwind.example/"
    assert tagged(url, {"source": "a b&c=d/é"}) == f"{url}?utm_source=a%20b%26c%3Dd%2F%C3%A9"
    assert tagged(url, {"campaign": "{campaign}"}, campaign="{step}#") == f"{url}?utm_campaign=%7Bstep%7D%23"


@pytest.mark.parametrize("said", ["{customer_id}", "{", "}", "{campaign", "a\nb", "", "a" * 101, "{{campaign}}"])
def test_a_store_can_name_nothing_else_of_a_message(said: str) -> None:
    with pytest.raises(ValueError, match="utm"):
        store({"source": said})


parts = st.text("ab/.-%2F=+", max_size=8)
values = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="{}"), min_size=1, max_size=20)


@given(parts, st.none() | parts, st.none() | st.text("ab/?&=#utm_", max_size=8), values)
def test_all_else_of_a_link_stays_and_what_is_added_can_be_read(
    path: str, query: str | None, fragment: str | None, value: str
) -> None:
    url = f"https://nordwind.example/{path}" + (f"?{query}" if query is not None else "")
    url += f"#{fragment}" if fragment is not None else ""
    found = tagged(url, {"source": value, "medium": "{channel}"})
    before, after = urlsplit(url), urlsplit(found)
    assert (after.scheme, after.netloc, after.path, after.fragment) == (*before[:3], before.fragment)
    assert after.query.startswith(before.query)
    assert parse_qsl(after.query, keep_blank_values=True)[-2:] == [("utm_source", value), ("utm_medium", "email")]
    assert tagged(found, {"source": value, "medium": "{channel}"}) == found, "once"
