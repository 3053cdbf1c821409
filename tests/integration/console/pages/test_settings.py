"""Settings: the store as it is described and editing it, where things come in, and keys, each shown once."""

from typing import Any

import httpx
import pytest

from services.console.clients.stores import Stores
from tests.integration.console.pages.conftest import Browser, Console
from tests.integration.console.pages.fake_carts import NOW
from tests.integration.console.pages.fake_services import KEY_ID, SECRET, STORE, STORE_KEY

SETTINGS = "/stores/shop/settings"
KEYS = f"{SETTINGS}/keys"


async def audited(console: Console) -> list[tuple[str, str, str]]:
    rows = await console.pool.fetch("SELECT action, subject, detail FROM audit ORDER BY audit_id")
    return [(row["action"], row["subject"], row["detail"]) for row in rows if row["action"] != "log_in"]


async def test_the_store_stands_as_it_is_described_with_where_things_come_in(console: Console):
    owner, ops = await console.somebody("owner"), await console.somebody("ops")
    page = (await owner.get(SETTINGS)).text
    assert all(
        told in page
        for told in (
            "described here or by the API",
            "https://shop.example/cart/{token}",
            "<code>jwt_key</code>",
            "https://messages.shop.example/postmark/events",
            "its secret is not set",
            "it is the newest that the console has read",
            "https://shop.example/coupons",
            "1 key is live",
            "settings/edit",
            "/people",
        )
    )
    page = (await ops.get(SETTINGS)).text
    assert "settings/edit" not in page
    assert "/people" not in page
    assert "/audit" in page
    assert console.fake.calls == []
    assert await audited(console) == []


@pytest.mark.parametrize(("source", "told"), [("file", "A file on the server"), ("environment", "environment says")])
async def test_what_a_file_says_is_said_to_be_a_file_s(console: Console, source: str, told: str):
    console.fake.store = STORE | {"source": source, "version": None, "updated_at": None}
    owner = await console.somebody("owner")
    page = (await owner.get(SETTINGS)).text
    assert told in page
    assert "settings/edit" not in page


async def test_a_change_is_checked_shown_and_made_of_the_state_that_was_seen(console: Console):
    owner = await console.somebody("owner")
    page = (await owner.get(f"{SETTINGS}/edit")).text
    assert "name: Lantern" in page
    assert "jwt_key" not in page
    form: dict[str, Any] = {"text": "name: New name\nmerge: sum\n", "etag": '"12"'}
    checked = (await owner.post(f"{SETTINGS}/edit", **form)).text
    assert "New name" in checked
    assert console.fake.calls == [("PUT", "?dry_run", {"name": "New name", "merge": "sum"})]
    blind = form | {"etag": ""}
    assert (await owner.post(f"{SETTINGS}/edit", confirmed="yes", **blind)).status_code == 422
    assert await audited(console) == []
    console.fake.matched.clear()
    done = await owner.post(f"{SETTINGS}/edit", confirmed="yes", **form)
    assert done.headers["location"] == f"{SETTINGS}?done=store"
    assert console.fake.calls[-1] == ("PUT", "", {"name": "New name", "merge": "sum"})
    assert console.fake.matched == ['"12"'] * 2
    (row,) = await audited(console)
    assert row == ("store.change", "store:shop", "merge, name"), "which, never what"
    assert "described so from now on" in (await owner.get(done.headers["location"])).text


async def test_faults_are_told_as_one_types_and_nothing_is_kept(console: Console):
    owner = await console.somebody("owner")
    await owner.get(f"{SETTINGS}/edit")
    for text, told in (("name: [", "line"), ("name: a\njwt_key: hush-hush-hush", "is a secret")):
        for path in ("check", "edit"):
            answer = await owner.post(f"{SETTINGS}/{path}", text=text, etag='"12"', confirmed="yes")
            assert told in answer.text
    assert console.fake.calls == []
    fault = {"pointer": "/currency", "detail": "is no currency"}
    refusals: list[tuple[int, dict[str, Any]]] = [
        (422, {"detail": "faults", "errors": [fault]}),
        (412, {"detail": "The store has changed since this version."}),
        (403, {"detail": "To say whom a store trusts takes a key that does not expire."}),
    ]
    for status, problem in refusals:
        console.fake.refuses["PUT "] = (status, problem)
        answer = await owner.post(f"{SETTINGS}/check", text="currency: ZZZ", etag='"12"')
        assert problem.get("errors", [problem])[0]["detail"] in answer.text
    assert {call[1] for call in console.fake.calls} == {"?dry_run"}
    assert await audited(console) == []


async def test_where_a_service_is_silent_the_others_are_shown(console: Console):
    owner = await console.somebody("owner")
    console.fake.silent = {"cart"}
    page = (await owner.get(SETTINGS)).text
    assert "The cart service does not answer" in page
    assert "postmark/events" in page
    console.fake.silent = {"notifier"}
    page = (await owner.get(SETTINGS)).text
    assert "The notifier does not answer" in page
    assert "1 key is live" in page


async def test_a_key_is_shown_once_and_stands_nowhere(console: Console):
    owner = await console.somebody("owner")
    page = (await owner.get(KEYS)).text
    assert "orders:write" in page
    form: dict[str, Any] = {"name": "till", "kind": "secret", "scope.orders:write": "on", "days": "90"}
    made = await owner.post(f"{KEYS}/make", **form)
    assert SECRET in made.text
    assert made.headers["cache-control"] == "no-store"
    asked = {"name": "till", "kind": "secret", "scopes": ["orders:write"], "expires_in_days": 90}
    assert console.fake.calls == [("POST", "/keys", asked)]
    assert SECRET not in (await owner.get(KEYS)).text
    assert await audited(console) == [("keys.make", "key:till", "orders:write")]
    rows = await console.pool.fetch("SELECT * FROM audit")
    assert SECRET not in repr([dict(row) for row in rows])


async def test_what_the_cart_refuses_is_told_beside_the_form(console: Console):
    owner = await console.somebody("owner")
    await owner.get(KEYS)
    console.fake.refuses["POST /keys"] = (409, {"detail": "There is a live key of this name."})
    refused = await owner.post(f"{KEYS}/make", name="till", kind="publishable", origins="https://a.test")
    assert refused.status_code == 422
    assert "There is a live key of this name." in refused.text
    assert "https://a.test</textarea>" in refused.text
    assert [row[0] for row in await audited(console)] == ["keys.make", "keys.make.failed"]


async def test_a_key_ends_when_its_name_is_typed(console: Console):
    owner = await console.somebody("owner")
    page = (await owner.get(f"{KEYS}/revoke", key=KEY_ID, name="till")).text
    assert "refused at once" in page
    for typed in ("", "Till"):
        wrong = await owner.post(f"{KEYS}/revoke", key=KEY_ID, name="till", typed=typed)
        assert (wrong.status_code, "The key is live" in wrong.text) == (422, True)
    assert console.fake.calls == []
    assert (await owner.post(f"{KEYS}/revoke", key="../stores", name="till", typed="till")).status_code == 404
    done = await owner.post(f"{KEYS}/revoke", key=KEY_ID, name="till", typed="till")
    assert done.headers["location"] == f"{KEYS}?done=revoked"
    assert console.fake.calls == [("DELETE", f"/keys/{KEY_ID}", "")]
    assert await audited(console) == [("keys.revoke", "key:till", KEY_ID)]


async def rotate(owner: Browser, **form: Any) -> httpx.Response:
    """Sends the form of a page that was opened before the key was ever rotated."""
    return await owner.post(f"{KEYS}/rotate", **({"key": KEY_ID, "seen": "", "grace": "24", "typed": ""} | form))


@pytest.mark.parametrize(
    ("grace", "told"), [("24", "goes on for 1 day"), ("720", "goes on for 1 month"), ("0", "opens nothing any more")]
)
async def test_a_key_gets_another_secret_that_is_shown_once(console: Console, grace: str, told: str):
    owner = await console.somebody("owner")
    asked = (await owner.get(f"{KEYS}/rotate", key=KEY_ID)).text
    assert "till" in asked
    assert '<option value="24" selected>1 day</option>' in asked
    made = await rotate(owner, grace=grace, typed="till")
    assert SECRET in made.text
    assert told in made.text
    assert made.headers["cache-control"] == "no-store"
    assert console.fake.calls == [("POST", f"/keys/{KEY_ID}/rotate", {"grace_hours": int(grace)})]
    assert await audited(console) == [("keys.rotate", "key:till", f"{KEY_ID} grace:{grace}h")]
    page = (await owner.get(KEYS)).text
    assert SECRET not in page
    assert "The old secret goes on until" in page
    assert "nobody has used it since" in page
    console.fake.rotated["previous_used_at"] = NOW
    assert "and was last used" in (await owner.get(KEYS)).text


async def test_a_form_that_is_sent_twice_ends_no_secret(console: Console):
    owner = await console.somebody("owner")
    await owner.get(f"{KEYS}/rotate", key=KEY_ID)
    assert (await rotate(owner)).status_code == 200
    again = await rotate(owner, grace="168")
    assert (again.status_code, "Nothing was done" in again.text) == (422, True)
    assert "ends at once if it is rotated again" in again.text
    assert SECRET not in again.text
    assert len(console.fake.calls) == 1
    seen = await rotate(owner, seen=NOW)
    assert (seen.status_code, len(console.fake.calls)) == (200, 2)


async def test_a_secret_ends_at_once_when_the_name_is_typed(console: Console):
    owner = await console.somebody("owner")
    await owner.get(f"{KEYS}/rotate", key=KEY_ID)
    for typed in ("", "Till"):
        wrong = await rotate(owner, grace="0", typed=typed)
        assert (wrong.status_code, "The key is live" in wrong.text) == (422, True)
        assert '<option value="0" selected>' in wrong.text
    assert console.fake.calls == []
    for form in ({"grace": "2"}, {"grace": ""}, {"grace": "-1"}):
        assert (await rotate(owner, **form)).status_code == 422
    assert (await rotate(owner, key="0" * 16)).status_code == 404
    assert (await rotate(owner, key="../x")).status_code == 404
    assert console.fake.calls == []
    assert await audited(console) == []


async def test_what_the_cart_refuses_to_rotate_is_told(console: Console):
    owner = await console.somebody("owner")
    await owner.get(f"{KEYS}/rotate", key=KEY_ID)
    console.fake.refuses["/rotate"] = (403, {"detail": "It can do more than the console's own."})
    refused = await rotate(owner, grace="1")
    assert (refused.status_code, "It can do more than the console&#39;s own." in refused.text) == (422, True)
    assert [row[0] for row in await audited(console)] == ["keys.rotate", "keys.rotate.failed"]


async def test_a_key_is_found_on_any_page_of_them(console: Console):
    pages = iter([{"keys": [], "next": "s"}, {"keys": [STORE_KEY], "next": None}, {"keys": [], "next": None}])
    asked: list[str] = []

    class Paged(Stores):
        async def keys(self, store_id: str, after: str) -> Any:
            assert store_id == "shop"
            asked.append(after)
            return next(pages)

    stores = Paged(console.house.cart.service)
    assert await stores.key("shop", KEY_ID) == STORE_KEY
    assert asked == ["", "s"]
    assert await stores.key("shop", KEY_ID) is None


async def test_ops_see_keys_and_make_none(console: Console):
    ops = await console.somebody("ops")
    page = (await ops.get(KEYS)).text
    assert "orders:write" in page
    assert "keys/make" not in page
    assert "keys/revoke" not in page
