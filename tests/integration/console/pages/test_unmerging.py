"""A merge in a customer's line of time: undone from there while it can be, and told where it can't be any more."""

from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_services import MERGE, MERGE_ID

SHOP = "/stores/shop"
UNDO = f"{SHOP}/customer/merges/{MERGE_ID}"
CALL = ("POST", f"/customers/anna/merges/{MERGE_ID}/undo", "")


async def test_support_undoes_a_merge_once_it_was_said_what_that_does(console: Console):
    support = await console.somebody("support")
    line = (await support.get(f"{SHOP}/customer", id="anna")).text
    assert "Carts merged at a log-in" in line
    assert f"{UNDO}?id=anna" in line
    asked = (await support.get(UNDO, id="anna")).text
    assert all(told in asked for told in ("anna&#39;s cart", "Green tea", "2 came", "1 were there", "Undo this merge"))
    assert console.fake.calls == []
    done = await support.post(UNDO, id="anna")
    assert done.headers["location"] == f"{SHOP}/customer?id=anna&done=unmerged"
    assert console.fake.calls == [CALL]
    assert ("merges.undo", "customer:anna") in await console.audited()
    assert "The merge is undone" in (await support.get(done.headers["location"])).text


async def test_the_same_form_twice_asks_under_one_key(console: Console):
    support = await console.somebody("support")
    await support.get(UNDO, id="anna")
    for _ in range(2):
        await support.post(UNDO, id="anna")
    assert console.fake.idempotency == [f"undo-{MERGE_ID}"] * 2


async def test_what_is_too_late_says_so_and_offers_nothing(console: Console):
    console.fake.merge = MERGE | {"can_be_undone": False, "undone_at": "2026-12-01T09:30:00+00:00"}
    support = await console.somebody("support")
    line = (await support.get(f"{SHOP}/customer", id="anna")).text
    assert "Merge undone" in line
    assert UNDO not in line
    asked = (await support.get(UNDO, id="anna")).text
    assert "undone any more" in asked
    assert "Undo this merge" not in asked


async def test_a_refusal_of_the_cart_is_told_and_noted_and_a_merge_of_nobody_is_none(console: Console):
    support = await console.somebody("support")
    await support.get(UNDO, id="anna")
    console.fake.refuses["/undo"] = (409, {"detail": "What was merged has been ordered since."})
    refused = await support.post(UNDO, id="anna")
    assert (refused.status_code, "has been ordered since" in refused.text) == (409, True)
    assert (await console.audited())[-2:] == [("merges.undo", "customer:anna"), ("merges.undo.failed", "customer:anna")]
    console.fake.merge = MERGE | {"merge_id": "019ab6f2-7c11-7d3e-9a55-00000000dead"}
    assert (await support.get(UNDO, id="anna")).status_code == 404


async def test_a_cart_that_does_not_tell_merges_leaves_the_rest_of_the_page(console: Console):
    console.fake.refuses["/customers/anna/merges"] = (403, {"detail": "insufficient scope"})
    support = await console.somebody("support")
    page = (await support.get(f"{SHOP}/customer", id="anna")).text
    assert "Decided to write" in page
    assert page.count("The cart service does not answer") == 1
