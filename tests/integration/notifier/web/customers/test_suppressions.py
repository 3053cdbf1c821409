"""What is closed is listed, explained and lifted, with a note of who did it and why."""

from typing import Any

import httpx
import pytest

from services.notifier.db import suppressions
from services.notifier.web.customers.suppressions import LiftedSuppressionPage, SuppressionPage, Suppressions
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY, STORE
from tests.support.answers import as_documented

URL = "https://n.nordwind.example/v1/stores/demo/suppressions"
HEADERS = {"Authorization": f"Bearer {SERVERS_KEY}"}
MAIL = "anna@mail.example"


async def bounced(world: World, address: str = MAIL, reason: Any = "bounced", store: str = STORE) -> None:
    async with world.pool.acquire() as connection, connection.transaction():
        by = suppressions.ClosedBy("ses", "5.1.1")
        await suppressions.suppress_address(connection, store, "email", address, reason, by)


async def unsubscribed(world: World) -> None:
    async with world.pool.acquire() as connection, connection.transaction():
        await suppressions.suppress_customer(connection, STORE, "anna", "email", "unsubscribed")


async def listed(web: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await web.get(URL, params=params, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    assert as_documented(answer.content, SuppressionPage)
    found: list[dict[str, Any]] = answer.json()["suppressions"]
    return found


async def lift(web: httpx.AsyncClient, of: str, *reasons: str, **more: Any) -> httpx.Response:
    body = {"channel": "email", "subject": of, "reasons": reasons, "by": "mia", "why": "it works again"}
    return await web.post(f"{URL}/lift", json=body | more, headers=HEADERS)


async def may_be_written_to(world: World) -> bool:
    request = await world.asks()
    await world.deliver()
    return await world.ended(request) == ("sent", None)


async def test_what_is_closed_is_listed_with_who_has_closed_it(world: World, web: httpx.AsyncClient):
    await world.knows()
    await unsubscribed(world)
    await bounced(world)
    await bounced(world, "ben@mail.example", store="elsewhere")
    found = [
        (one["subject"].partition(":")[0], one["reason"], one["source"], one["status"]) for one in await listed(web)
    ]
    assert sorted(found, key=str) == [
        ("address", "bounced", "ses", "5.1.1"),
        ("address", "unsubscribed", "link", None),
        ("customer", "unsubscribed", "link", None),
    ]
    assert MAIL not in str(await listed(web))
    assert await listed(web, channel="sms") == []


async def test_what_is_closed_to_a_customer_is_explained_by_name_and_addresses(world: World, web: httpx.AsyncClient):
    await world.knows()
    await bounced(world)
    await bounced(world, "somebody@else.example")
    await unsubscribed(world)
    found = await listed(web, customer_id="anna")
    assert sorted(one["reason"] for one in found) == ["bounced", "unsubscribed", "unsubscribed"]
    assert await listed(web, customer_id="anna", channel="sms") == []
    assert await listed(web, customer_id="ben") == []
    assert len(await listed(web, customer_id="anna", limit=1)) == 3


async def test_a_list_is_read_page_by_page(world: World, web: httpx.AsyncClient):
    for number in range(5):
        await bounced(world, f"c{number}@mail.example")
    pages: list[list[str]] = []
    after: str | None = ""
    while after is not None:
        answer = (await web.get(URL, params={"limit": 2, "after": after}, headers=HEADERS)).json()
        pages.append([one["subject"] for one in answer["suppressions"]])
        after = answer["next"]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert len({subject for page in pages for subject in page}) == 5
    refused = await web.get(URL, params={"after": "email"}, headers=HEADERS)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


async def test_what_is_closed_to_an_address_is_found_by_it_however_it_is_spelled(world: World, web: httpx.AsyncClient):
    await bounced(world, "anna@fußball.example")
    answer = await web.post(f"{URL}/find", json={"address": "Anna@xn--fuball-cta.example"}, headers=HEADERS)
    assert as_documented(answer.content, Suppressions)
    assert [one["reason"] for one in answer.json()["suppressions"]] == ["bounced"]
    none = await web.post(f"{URL}/find", json={"address": MAIL}, headers=HEADERS)
    assert none.json() == {"suppressions": []}


async def test_a_bounce_is_lifted_and_it_is_noted_who_did_it_and_why(world: World, web: httpx.AsyncClient):
    await world.knows()
    await bounced(world)
    assert not await may_be_written_to(world)
    [closed] = await listed(web)
    answer = await lift(web, closed["subject"], "bounced")
    assert answer.json() == {"suppressions": [closed]}
    assert await listed(web) == []
    assert await may_be_written_to(world)
    noted = await web.get(f"{URL}/lifted", headers=HEADERS)
    assert as_documented(noted.content, LiftedSuppressionPage)
    [one] = noted.json()["lifted"]
    assert (one["subject"], one["reason"], one["source"], one["status"]) == (
        closed["subject"],
        "bounced",
        "ses",
        "5.1.1",
    )
    assert (one["lifted_by"], one["why"], one["closed_at"]) == ("mia", "it works again", closed["created_at"])
    assert (await lift(web, closed["subject"], "bounced")).json() == {"suppressions": []}
    assert len((await web.get(f"{URL}/lifted", headers=HEADERS)).json()["lifted"]) == 1


async def test_one_bounce_closes_no_other_address_and_is_lifted_again(world: World, web: httpx.AsyncClient):
    """Story: one address of several bounced, and all of them were written to no more."""
    await world.knows()
    await world.knows("ben")
    await bounced(world)
    requests = [await world.asks(), await world.asks(customer_id="ben")]
    await world.deliver()
    assert [await world.ended(one) for one in requests] == [("cancelled", "suppressed"), ("sent", None)]
    [closed] = await listed(web)
    await lift(web, closed["subject"], "bounced")
    assert await may_be_written_to(world)


async def test_only_the_reasons_that_are_named_are_lifted(world: World, web: httpx.AsyncClient):
    await world.knows()
    await bounced(world)
    await bounced(world, reason="complained")
    [subject] = {one["subject"] for one in await listed(web)}
    await lift(web, subject, "bounced")
    assert [one["reason"] for one in await listed(web)] == ["complained"]
    assert not await may_be_written_to(world)
    await lift(web, subject, "complained", channel="sms")
    assert len(await listed(web)) == 1


async def test_lifting_gives_no_consent(world: World, web: httpx.AsyncClient):
    await world.knows(email_consent=False)
    await bounced(world)
    [closed] = await listed(web)
    await lift(web, closed["subject"], "bounced")
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_consent")


async def test_that_a_customer_can_be_reached_again_is_told(world: World, web: httpx.AsyncClient):
    await world.knows()
    await unsubscribed(world)
    for one in await listed(web):
        await lift(web, one["subject"], "unsubscribed")
    said = "SELECT convert_from(value, 'UTF8')::json ->> 'email' FROM outbox WHERE topic = 'customer.reach' ORDER BY id"
    assert [row[0] for row in await world.pool.fetch(said)][-1] == "true"


async def test_what_was_lifted_is_read_page_by_page(world: World, web: httpx.AsyncClient):
    for number in range(3):
        await bounced(world, f"c{number}@mail.example")
    for one in await listed(web):
        await lift(web, one["subject"], "bounced")
    first = (await web.get(f"{URL}/lifted", params={"limit": 2}, headers=HEADERS)).json()
    last = (await web.get(f"{URL}/lifted", params={"limit": 2, "after": first["next"]}, headers=HEADERS)).json()
    ids = [one["lifted_id"] for one in first["lifted"] + last["lifted"]]
    assert (ids, last["next"]) == (sorted(ids, reverse=True), None)
    assert len(ids) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"by": ""},
        {"why": ""},
        {"reasons": []},
        {"reasons": ["all"]},
        {"subject": "anna"},
        {"more": 1},
        {"why": "a\x00b"},
    ],
)
async def test_a_lift_without_who_why_or_what_changes_nothing(
    world: World, web: httpx.AsyncClient, wrong: dict[str, Any]
):
    await bounced(world)
    [closed] = await listed(web)
    answer = await lift(web, closed["subject"], "bounced", **wrong)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert await listed(web) == [closed]


@pytest.mark.parametrize("key", ["", "Bearer ", "Bearer sk_wrong", f"Bearer {KEY}"])
async def test_nobody_without_the_store_s_key_sees_or_lifts_anything(world: World, web: httpx.AsyncClient, key: str):
    await bounced(world)
    [closed] = await listed(web)
    other = {"Authorization": key}
    body = {"channel": "email", "subject": closed["subject"], "reasons": ["bounced"], "by": "x", "why": "x"}
    answers = [
        await web.get(URL, headers=other),
        await web.get(f"{URL}/lifted", headers=other),
        await web.post(f"{URL}/find", json={"address": MAIL}, headers=other),
        await web.post(f"{URL}/lift", json=body, headers=other),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert await listed(web) == [closed]
