"""Why somebody was or was not to be told, and what is ahead, for whoever has a key for that."""

from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from libs.http.server_keys import Keys, NamedKey
from services.trigger.web.app import application
from services.trigger.web.deps import Services
from services.trigger.web.explain_schemas import Explained
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.support.answers import as_documented
from tests.unit.trigger.making import added, cart_id, cleared, unwatched, watched

KEY, OTHER = "sk_explains_0123456789abcdef", "sk_of_another_store_01234567"
EXPORTS = "sk_exports_0123456789abcdefg"
KEYS: Keys = {
    "shop": (
        NamedKey(name="support", key=SecretStr(KEY), scopes=frozenset({"explain:read"})),
        NamedKey(name="privacy", key=SecretStr(EXPORTS), scopes=frozenset({"exports:read"})),
    ),
    "other": SecretStr(OTHER),
}


async def ask(trigger: Trigger, query: str, key: str = KEY, store: str = "shop") -> httpx.Response:
    app = application(Services(trigger.pool, KEYS, now, trigger.campaigns), {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trigger.test") as client:
        path = f"/v1/stores/{store}/explain?{query}"
        return await client.get(path, headers={"Authorization": f"Bearer {key}"})


async def told(trigger: Trigger, query: str) -> dict[str, Any]:
    answer = await ask(trigger, query)
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, Explained)
    found: dict[str, Any] = answer.json()
    return found


async def test_a_decision_about_an_order_names_it(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert [one["order_id"] for one in (await told(trigger, "customer=customer-a"))["decisions"]] == [None]
    await trigger.pool.execute("UPDATE decisions SET order_id = '10042'")
    for query in ("customer=customer-a", f"cart={cart_id('a')}"):
        assert [one["order_id"] for one in (await told(trigger, query))["decisions"]] == ["10042"]


async def test_each_decision_is_told_with_what_it_rested_on_and_what_is_ahead(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)), added("b", 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    found = await told(trigger, "customer=customer-a")
    (decision,) = found["decisions"]
    assert (decision["reason"], decision["why"]) == ("idle", "the cart had gone quiet, and nothing spoke against it")
    assert decision["campaign_version"] == trigger.campaigns.of("shop").version
    assert (decision["total"], decision["currency"], decision["step_name"]) == (1000, "EUR", "abandoned_cart-email")
    (cart,) = found["carts"]
    assert cart["cart_id"] == str(cart_id("a"))
    assert [(one["step"], one["state"], one["reason"]) for one in cart["ahead"]] == [
        (2, "planned", "planned"),
        (3, "planned", "planned"),
    ]
    by_cart = await told(trigger, f"cart={cart_id('a')}")
    assert (by_cart["decisions"], by_cart["carts"]) == (found["decisions"], found["carts"])


async def test_what_was_swallowed_is_told_with_its_reason(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=9)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    await trigger.receive(cleared("a", 2, ago(minutes=1)))
    found = await told(trigger, "customer=customer-a")
    assert [(one["outcome"], one["reason"]) for one in found["decisions"]] == [("skipped", "expired")]
    assert (found["carts"][0]["ahead"], found["carts"][0]["why"]) == ([], "It is empty: there is nothing to remind of.")


async def test_what_a_customer_watches_is_told_and_what_became_of_it(trigger: Trigger) -> None:
    await trigger.receive(*(watched(name, ago(minutes=at), customer="anna") for name, at in (("x", 9), ("y", 8))))
    await trigger.receive(unwatched("y", ago(minutes=5), reason="ordered"))
    found = (await told(trigger, "customer=anna"))["watches"]
    assert [(one["sku"], one["state"], one["reason"]) for one in found] == [
        ("tea", "over", "ordered"),
        ("tea", "waiting", None),
    ]
    assert found[1]["why"] == "They are told once it is back, when it is their turn."
    assert (await told(trigger, "customer=ben"))["watches"] == []


async def test_decisions_come_page_by_page_the_newest_first(trigger: Trigger) -> None:
    for number in range(3):
        await trigger.receive(added("a", number + 1, ago(hours=9 - 2 * number), {"tea": number + 1}))
        await trigger.receive(added("a", number + 1, ago(hours=9 - 2 * number), {"tea": number + 1}))
    await trigger.read_until(now())
    await trigger.timers.fire()
    whole = (await told(trigger, "customer=customer-a"))["decisions"]
    assert len(whole) == 3
    page = await told(trigger, "customer=customer-a&limit=2")
    rest = await told(trigger, f"customer=customer-a&limit=2&after={page['next']}")
    assert page["decisions"] + rest["decisions"] == whole
    assert (rest["carts"], rest["next"]) == ([], None)
    assert len(page["carts"]) == 1


@pytest.mark.parametrize(
    "query", ["", "customer=a&cart=019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10", "cart=x", "customer=a&after=x"]
)
async def test_one_thing_is_asked_for(trigger: Trigger, query: str) -> None:
    assert (await ask(trigger, query)).status_code == 422


async def test_only_a_key_of_the_store_for_this_reads_it_and_no_other_store_is_seen(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    for key in ("", "sk_nobody", OTHER):
        assert (await ask(trigger, "customer=customer-a", key)).status_code == 401
    assert (await ask(trigger, "customer=customer-a", EXPORTS)).status_code == 403
    elsewhere = await ask(trigger, "customer=customer-a", OTHER, "other")
    assert elsewhere.json() == {"carts": [], "occasions": [], "watches": [], "decisions": [], "next": None}
    assert (await ask(trigger, f"cart={cart_id('a')}", OTHER, "other")).json()["carts"] == []
