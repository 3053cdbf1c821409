"""Who holds an item and who waits for it, counted and one by one, for whoever has a key for that."""

from typing import Any

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from libs.http.server_keys import Keys, NamedKey
from services.trigger.db import items
from services.trigger.web.app import application
from services.trigger.web.deps import Services
from services.trigger.web.item_schemas import ItemHolders, NamedItems, WaitedItems
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_query_plans import plan
from tests.support.answers import as_documented
from tests.unit.trigger.making import added, cart_id, unwatched, watched
from tests.unit.trigger.saving import saved

KEY, OTHER = "sk_counts_items_0123456789ab", "sk_of_another_store_01234567"
EXPLAINS = "sk_explains_0123456789abcdef"
KEYS: Keys = {
    "shop": (
        NamedKey(name="console", key=SecretStr(KEY), scopes=frozenset({"items:read"})),
        NamedKey(name="support", key=SecretStr(EXPLAINS), scopes=frozenset({"explain:read"})),
    ),
    "other": SecretStr(OTHER),
}


async def ask(
    trigger: Trigger, path: str, query: dict[str, Any], key: str = KEY, store: str = "shop"
) -> httpx.Response:
    app = application(Services(trigger.pool, KEYS, now, trigger.campaigns), {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trigger.test") as client:
        bearer = {"Authorization": f"Bearer {key}"}
        return await client.get(f"/v1/stores/{store}/items{path}", params=query, headers=bearer)


async def told(trigger: Trigger, path: str, shape: type[BaseModel], **query: Any) -> dict[str, Any]:
    answer = await ask(trigger, path, query)
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, shape)
    found: dict[str, Any] = answer.json()
    return found


async def scene(trigger: Trigger) -> None:
    """Tea in two carts, set aside in a third, and asked for by one who waits and one who does not any more."""
    await trigger.receive(added("a", 1, ago(minutes=50)), added("b", 1, ago(minutes=40), {"tea": 3, "cup": 1}))
    await trigger.receive(saved("s", 2, ago(minutes=30), "tea"))
    await trigger.receive(watched("w", ago(minutes=60)), watched("gone", ago(minutes=20)))
    await trigger.receive(unwatched("gone", ago(minutes=10)))
    await trigger.receive(watched("c", ago(minutes=5), sku="cup"))
    await trigger.pool.execute(
        "INSERT INTO stock_items VALUES ('shop', 'tea', 3, 7, NULL), ('other', 'cup', 9, 7, NULL), "
        "('shop', 'made', NULL, 1, NULL)"
    )


async def test_named_items_are_counted_in_their_order_and_what_nobody_knows_is_nothing(trigger: Trigger) -> None:
    await scene(trigger)
    found = (await told(trigger, "", NamedItems, sku=["none", "tea", "cup", "made"]))["items"]
    shown = [tuple(one[name] for name in ("sku", "available", "carts", "asked", "saved")) for one in found]
    assert shown == [("none", None, 0, 0, 0), ("tea", 3, 2, 1, 1), ("cup", None, 1, 1, 0), ("made", None, 0, 0, 0)]
    assert found[0]["since"] is None
    assert found[1]["since"] < found[2]["since"]


async def test_items_are_told_for_which_people_wait_those_with_the_most_first_page_by_page(trigger: Trigger) -> None:
    await scene(trigger)
    await trigger.receive(watched("d", ago(minutes=4), sku="bowl"), watched("also", ago(minutes=3), 1, "customer-d"))
    whole = await told(trigger, "/waited-for", WaitedItems)
    assert [one["sku"] for one in whole["items"]] == ["tea", "bowl", "cup"]
    assert (whole["in_all"], whole["next"]) == ({"items": 3, "people": 4}, None)
    page, pages = await told(trigger, "/waited-for", WaitedItems, limit=1), list[str]()
    while page["next"]:
        pages.append(page["items"][0]["sku"])
        page = await told(trigger, "/waited-for", WaitedItems, limit=1, after=page["next"])
    assert [*pages, page["items"][0]["sku"]] == ["tea", "bowl", "cup"]
    some = await told(trigger, "/waited-for", WaitedItems, begins="te")
    assert ([one["sku"] for one in some["items"]], some["in_all"]) == (["tea"], {"items": 1, "people": 3})


async def test_who_was_told_waits_no_more(trigger: Trigger) -> None:
    await scene(trigger)
    await trigger.pool.execute("UPDATE watches SET told_by = gen_random_uuid() WHERE sku = 'tea'")
    (tea,) = (await told(trigger, "", NamedItems, sku=["tea"]))["items"]
    assert (tea["asked"], tea["saved"], tea["since"]) == (0, 0, None)
    assert [one["sku"] for one in (await told(trigger, "/waited-for", WaitedItems))["items"]] == ["cup"]
    people = (await told(trigger, "/people", ItemHolders, sku="tea"))["people"]
    assert [one["how"] for one in people] == ["in_cart", "in_cart"]


async def test_people_of_an_item_come_one_by_one_the_newest_first_page_by_page(trigger: Trigger) -> None:
    await scene(trigger)
    whole = (await told(trigger, "/people", ItemHolders, sku="tea"))["people"]
    assert [(one["customer_id"].removeprefix("customer-"), one["how"], one["units"]) for one in whole] == [
        ("s", "saved", None),
        ("b", "in_cart", 3),
        ("a", "in_cart", 1),
        ("w", "asked", None),
    ]
    assert whole[1]["cart_id"] == str(cart_id("b"))
    page = await told(trigger, "/people", ItemHolders, sku="tea", limit=3)
    rest = await told(trigger, "/people", ItemHolders, sku="tea", limit=3, after=page["next"])
    assert (page["people"] + rest["people"], rest["next"]) == (whole, None)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("", {}),
        ("", {"sku": [f"s{n}" for n in range(101)]}),
        ("", {"sku": "a\x01"}),
        ("/people", {}),
        ("/people", {"sku": "tea", "after": "x"}),
        ("/waited-for", {"after": "x"}),
        ("/waited-for", {"after": "3."}),
        ("/waited-for", {"after": "9" * 19 + ".tea"}),
        ("/waited-for", {"begins": "a\x01"}),
    ],
)
async def test_what_can_not_be_is_refused(trigger: Trigger, path: str, query: dict[str, Any]) -> None:
    assert (await ask(trigger, path, query)).status_code == 422


@pytest.mark.parametrize("path", ["", "/waited-for", "/people"])
async def test_only_a_key_of_the_store_for_items_reads_them_and_no_other_store_is_seen(
    trigger: Trigger, path: str
) -> None:
    await scene(trigger)
    query = {} if path == "/waited-for" else {"sku": "tea"}
    for key in ("", "sk_nobody", OTHER):
        assert (await ask(trigger, path, query, key)).status_code == 401
    assert (await ask(trigger, path, query, EXPLAINS)).json()["scope"] == "items:read"
    elsewhere = (await ask(trigger, path, query, OTHER, "other")).json()
    nothing = {"sku": "tea", "available": None, "carts": 0, "asked": 0, "saved": 0, "since": None}
    assert elsewhere.get("people", elsewhere.get("items")) == ([nothing] if path == "" else [])


async def test_people_and_counts_of_an_item_are_read_from_its_indexes(trigger: Trigger) -> None:
    await trigger.pool.execute(
        "INSERT INTO holdings SELECT gen_random_uuid(), 's' || n % 500, 'shop', 'c' || n, 1, now()"
        " FROM generate_series(1, 20000) AS n"
    )
    await trigger.pool.execute(
        "INSERT INTO watches SELECT gen_random_uuid(), 1, 'shop', 'c' || n, 's' || n % 500, now()"
        " FROM generate_series(1, 20000) AS n"
    )
    await trigger.pool.execute("VACUUM ANALYZE holdings, watches")
    for query, arguments in (
        (items.NAMED, ("shop", ["s1", "s2"])),
        (items.PEOPLE, ("shop", "s1", None, None, 20)),
    ):
        async with trigger.pool.acquire() as connection:
            nodes = await plan(connection, query, *arguments)
        assert {"holdings_of_item", "watches_waiting"} <= {node.get("Index Name") for node in nodes}
