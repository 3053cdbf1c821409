"""Views: what a call may tell, what is kept of it, and what the others are told."""

import json
from datetime import timedelta

import pytest
from pydantic import ValidationError

from services.cart.domain.cart import Context
from services.cart.domain.errors import Refusal
from services.cart.domain.store import Store
from services.cart.domain.views import (
    KEPT,
    MAX_AT_ONCE,
    MAX_VIEWS,
    View,
    ViewProducts,
    each_once,
    kept_by,
    viewed_event,
)
from tests.unit.cart.carts import NOON


def a_store(**said: str) -> Store:
    settings = {"name": "Shop", "currency": "EUR", "jwt_key": "k" * 32, "recovery_url": "https://shop.example/{token}"}
    return Store.model_validate(settings | said)


def said(views: list[dict[str, str]]) -> ViewProducts:
    return ViewProducts.model_validate_json(json.dumps({"views": views}))


def test_names_of_goods_have_one_spelling() -> None:
    asked = said([{"sku": " rug "}])
    assert asked.views == (View(sku="rug"),)


@pytest.mark.parametrize(
    "views", [[], [{"sku": str(n)} for n in range(MAX_AT_ONCE + 1)], [{"sku": ""}], [{"title": "x"}]]
)
def test_a_call_tells_of_one_product_to_fifty(views: list[dict[str, str]]) -> None:
    with pytest.raises(ValidationError):
        said(views)
    assert len(said([{"sku": str(n)} for n in range(MAX_AT_ONCE)]).views) == 50


def test_a_store_keeps_nothing_unless_it_says_so() -> None:
    with pytest.raises(Refusal) as refused:
        kept_by(a_store())
    assert (refused.value.slug, refused.value.detail) == (
        "views-off",
        "The store keeps nothing of what its customers look at.",
    )
    kept_by(a_store(views="kept"))


def test_of_an_item_that_is_told_twice_the_last_counts() -> None:
    views = [View(sku="rug", title="Rug"), View(sku="lamp"), View(sku="rug", title="Red rug")]
    assert each_once(views) == [View(sku="lamp"), View(sku="rug", title="Red rug")]


def test_what_others_are_told_of_it_names_goods_alone() -> None:
    views = [View(sku="lamp"), View(sku="rug", title="Red rug", url="https://shop.example/rug")]
    told = viewed_event("shop", "anna", views, Context(NOON))
    assert (told.store_id, told.customer_id, told.skus, told.occurred_at) == ("shop", "anna", ("lamp", "rug"), NOON)
    assert (told.key(), told.subject()) == ("shop:anna", "shop:anna")
    assert "Red" not in told.model_dump_json()


def test_how_long_and_how_many_are_kept() -> None:
    assert (timedelta(days=30), 100) == (KEPT, MAX_VIEWS)
