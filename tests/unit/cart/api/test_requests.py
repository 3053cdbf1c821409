"""How a call was made, and what is remembered between calls."""

import pytest

from libs.http.problems import Problem
from services.cart.api.errors import CATALOGUE, problem_of
from services.cart.api.request import entity_tags
from services.cart.domain.cart import Cart
from services.cart.domain.errors import Refusal
from services.cart.domain.request import Answer, StoredReply, WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.handlers.cart_cache import CartCache
from tests.unit.cart.carts import add, cart_of


def intent(**fields) -> WriteRequest:
    return WriteRequest(**({"store_id": "shop", "caller": "c:anna", "fingerprint": b"f" * 32} | fields))


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ('"1-abc"', {'"1-abc"'}),
        ('"1-abc", "2-abc"', {'"1-abc"', '"2-abc"'}),
        ("*", {"*"}),
        ('W/"1-abc"', set()),
        ('W/"1-abc", "2"', {'"2"'}),
        ('""', {'""'}),
    ],
)
def test_entity_tags_are_read(text, tags):
    assert entity_tags(text, "If-Match") == tags


def test_a_weak_tag_counts_where_comparison_is_weak():
    assert entity_tags('W/"1-abc"', "If-None-Match", weakly=True) == {'"1-abc"'}


@pytest.mark.parametrize("text", ["1-abc", '"1-abc', '"a" "b"', "**", "W/1", '"a",, "b"'])
def test_what_is_no_entity_tag_is_refused(text):
    with pytest.raises(Problem) as refused:
        entity_tags(text, "If-Match")
    assert refused.value.status == 400


def test_who_insists_on_another_state_is_refused():
    with pytest.raises(Refusal) as refused:
        intent(if_match=frozenset({'"1-a"'})).insist('"2-a"')
    assert refused.value.slug == "version-conflict"


@pytest.mark.parametrize(("tags", "etag"), [({'"2-a"', '"9-z"'}, '"2-a"'), ({"*"}, '"2-a"'), ({'"0"'}, '"0"')])
def test_who_insists_on_this_state_may_go_on(tags, etag):
    intent(if_match=frozenset(tags)).insist(etag)


def test_a_star_insists_on_a_cart_that_is_there():
    with pytest.raises(Refusal):
        intent(if_match=frozenset({"*"})).insist('"0"')


def test_a_key_is_locked_for_one_caller_of_one_store():
    locks = {intent(key="k").lock, intent(key="k", caller="c:ben").lock, intent(key="k", store_id="other").lock}
    assert len(locks) == 3
    assert intent().lock is None


def test_a_kept_answer_is_given_for_the_same_payload_alone():
    kept = StoredReply(b"f" * 32, Answer(b"{}"), expired=False)
    assert kept.replay(intent(key="k")) == Answer(b"{}")
    with pytest.raises(Refusal) as refused:
        kept.replay(intent(key="k", fingerprint=b"g" * 32))
    assert refused.value.slug == "idempotency-key-reused"


@pytest.mark.parametrize("slug", CATALOGUE)
def test_every_refusal_is_a_problem_with_a_stable_type(slug):
    body = CATALOGUE.document(problem_of(Refusal(slug, "So it is.", limit=3)))
    assert body["type"] == f"urn:evercart:problem:{slug}"
    assert (body["status"], body["limit"]) == (CATALOGUE[slug].status, 3)


def shopper(name: str) -> Shopper:
    return Shopper("shop", customer_id=name)


def lines(count: int) -> Cart:
    return cart_of(*(add(f"sku-{n}") for n in range(count)))


def test_the_cache_forgets_what_was_not_used_for_longest():
    seen = CartCache(max_weight=6)
    seen.put(shopper("a"), lines(1))
    seen.put(shopper("b"), lines(1))
    seen.get(shopper("a"))
    seen.put(shopper("c"), lines(2))
    assert [seen.get(shopper(name)) is not None for name in "abc"] == [True, False, True]


def test_the_cache_is_bounded_by_lines_however_often_a_cart_changes():
    seen = CartCache(max_weight=10)
    for count in (1, 5, 9, 2, 9, 1):
        seen.put(shopper("a"), lines(count))
    seen.put(shopper("b"), lines(7))
    assert seen.get(shopper("a"))
    assert seen.get(shopper("b"))


def test_a_cart_that_is_gone_is_forgotten():
    seen = CartCache()
    seen.put(shopper("a"), lines(1))
    seen.put(shopper("a"), None)
    assert seen.get(shopper("a")) is None
