"""A link is passed on: whoever opens it sees the goods, and nothing of whose they are."""

from typing import Any

import httpx
import pytest

from services.cart.api.schemas.cart import LinkedCart, RecoveredCart, SharedCart
from tests.integration.cart.shop import Shop, Visitor, done

SECRETS = ("anna", "Ring Mrs Novak", "pixel-of-anna", "newsletter-7", "a gift for Ben", "Surprise")


async def full_cart(shop: Shop, who: Visitor) -> Any:
    """A cart with everything in it that says something of its owner."""
    tea = await who.add("tea", 3, more={"options": {"size": "100 g"}}, X_Device="pixel-of-anna")
    line = tea["lines"][0]["line_id"]
    done(await who.ask("PATCH", f"/cart/lines/{line}", {"note": "Ring Mrs Novak"}))
    done(await who.ask("PATCH", "/cart", {"attributes": {"campaign": "newsletter-7"}}))
    book = await who.add("a gift for Ben", more={"title": "Surprise"})
    gift = next(line for line in book["lines"] if line["sku"] == "a gift for Ben")
    done(await who.ask("POST", f"/cart/lines/{gift['line_id']}/save"))
    await shop.server().level("tea", 1)
    cart = await who.cart()
    assert cart["notices"]
    assert cart["saved"]
    return cart


async def opened(shop: Shop, who: Visitor, cart_id: str) -> list[tuple[httpx.Response, type[LinkedCart]]]:
    recovery = (await shop.server().look(cart_id))["recovery_url"].rpartition("/")[2]
    shared = done(await who.ask("POST", "/cart/share"), 201)["share_token"]
    stranger = shop.clients[1]
    return [
        (await stranger.get(f"/v1/recovery/{recovery}"), RecoveredCart),
        (await stranger.get(f"/v1/shared/{shared}"), SharedCart),
    ]


@pytest.mark.parametrize("kind", ["customer", "guest"])
async def test_links_show_goods_and_nothing_of_whose_they_are(shop: Shop, kind: str):
    who = shop.customer("anna") if kind == "customer" else await shop.guest()
    cart = await full_cart(shop, who)
    for answer, shape in await opened(shop, who, cart["id"]):
        seen = done(answer)
        shape.model_validate(seen)  # refuses what the document does not name
        assert (seen["units"], seen["total"], seen["currency"]) == (3, 1500, "EUR")
        (line,) = seen["lines"]
        assert (line["sku"], line["title"], line["options"]) == ("tea", "Tea", {"size": "100 g"})
        told = answer.text + str(answer.headers)
        assert [secret for secret in SECRETS if secret in told] == []
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers


async def test_a_shared_link_does_not_name_the_cart_so_that_nobody_can_order_it_away(shop: Shop):
    anna = shop.customer("anna")
    cart = await anna.add("tea")
    recovered, shared = [done(answer) for answer, _ in await opened(shop, anna, cart["id"])]
    assert (recovered["id"], recovered["version"]) == (cart["id"], 1), "an order of a recovered cart ends its reminder"
    assert not {"id", "version"} & set(shared)


async def test_the_document_of_links_is_exact(shop: Shop):
    anna = shop.customer("anna")
    cart = await anna.add("tea")
    schemas = (await shop.clients[0].get("/openapi.json")).json()["components"]["schemas"]
    for answer, shape in await opened(shop, anna, cart["id"]):
        seen, schema = done(answer), schemas[shape.__name__]
        assert schema["additionalProperties"] is False
        assert set(seen) == set(schema["properties"]) == set(schema["required"])
        line = schemas["LinkedLine"]
        assert set(seen["lines"][0]) == set(line["properties"]) == set(line["required"])
