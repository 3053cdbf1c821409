"""A store says its campaigns by the API: versions, who may, what counts, what would change."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from libs.contracts.events import StoreClosed, StoreDescribed
from libs.http.server_keys import Keys, NamedKey
from libs.runtime.ids import uuid7
from services.trigger.campaigns.faults import BROKEN
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.db.campaign_versions import write_version
from services.trigger.web.app import application
from services.trigger.web.campaign_schemas import (
    CampaignChanges,
    Campaigns,
    CampaignVersionDetails,
    CampaignVersionPage,
)
from services.trigger.web.deps import Services
from tests.integration.trigger.conftest import LONG_AGO, Trigger, ago, at, now
from tests.support.answers import as_documented
from tests.unit.trigger.making import THREE_STEPS, added, level

READER, WRITER, OPS = "sk_reads_0123456789abcdefgh", "sk_writes_0123456789abcdefg", "sk_of_ops_0123456789abcdefg"
PATH = "/v1/stores/shop/campaigns"
STEP = {"name": "nudge", "delay": "1h", "channel": "email", "template": "a", "lateness": "6h"}
ONE: dict[str, Any] = {"campaigns": [{"name": "cart", "kind": "abandoned_cart", "steps": [STEP]}]}


def key(name: str, secret: str, *scopes: str) -> NamedKey:
    return NamedKey(name=name, key=SecretStr(secret), scopes=frozenset(scopes))


KEYS: Keys = {
    "shop": (key("dashboards", READER, "campaigns:read"), key("deploys", WRITER, "campaigns:read", "campaigns:write")),
    "old": SecretStr("sk_alone"),
    "*": (key("ops", OPS, "campaigns:read", "campaigns:write"),),
}


async def ask(
    trigger: Trigger, method: str, path: str = PATH, body: Any = None, *, secret: str = WRITER, **headers: str
) -> httpx.Response:
    app = application(Services(trigger.pool, KEYS, now, trigger.campaigns), {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trigger.test") as client:
        given = {"Authorization": f"Bearer {secret}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        if isinstance(body, str):
            return await client.request(method, path, content=body, headers=given)
        return await client.request(method, path, json=body, headers=given)


def names(registry: CampaignRegistry, store_id: str = "shop") -> list[str]:
    return [one.campaign.name for one in registry.of(store_id).active]


async def versions(trigger: Trigger) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await ask(trigger, "GET", f"{PATH}/versions")).json()["versions"]
    return found


async def test_a_store_says_its_campaigns_and_every_process_learns_of_it(trigger: Trigger, campaigns_dir: Path) -> None:
    other = CampaignRegistry(campaigns_dir, trigger.pool, clock=at(LONG_AGO))
    await other.open()
    answer = await ask(trigger, "PUT", body=ONE)
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert as_documented(answer.content, CampaignChanges)
    assert names(trigger.campaigns) == ["cart"]
    assert names(other) == ["abandoned_cart", "low_stock"]
    await other.refresh()
    assert (names(other), other.of("shop").source, other.of("shop").version) == (["cart"], "api", "1")
    assert names(other, "elsewhere") == ["abandoned_cart", "low_stock"]
    again = CampaignRegistry(campaigns_dir, trigger.pool)
    await again.open()
    assert again.of("shop") == other.of("shop")
    told = await ask(trigger, "GET")
    assert (told.json()["source"], told.headers["etag"]) == ("api", '"1"')
    assert as_documented(told.content, Campaigns)


async def test_it_is_told_with_who_said_it_and_when(trigger: Trigger) -> None:
    await ask(trigger, "PUT", body=ONE)
    await ask(trigger, "PUT", body={"campaigns": []}, secret=OPS, If_Match='"1"')
    page = await ask(trigger, "GET", f"{PATH}/versions?limit=1", secret=READER)
    assert as_documented(page.content, CampaignVersionPage)
    assert [(one["version"], one["made_by"]) for one in page.json()["versions"]] == [(2, "ops")]
    rest = await ask(trigger, "GET", f"{PATH}/versions?after={page.json()['next']}", secret=READER)
    assert [(one["version"], one["made_by"]) for one in rest.json()["versions"]] == [(1, "deploys")]
    assert rest.json()["next"] is None
    first = await ask(trigger, "GET", f"{PATH}/versions/1", secret=READER)
    assert first.json()["said"] == ONE
    assert as_documented(first.content, CampaignVersionDetails)
    assert (await ask(trigger, "GET", f"{PATH}/versions/3", secret=READER)).status_code == 404


async def test_yaml_is_taken_as_in_a_file(trigger: Trigger) -> None:
    answer = await ask(trigger, "PUT", body=THREE_STEPS, Content_Type="application/yaml")
    assert answer.status_code == 201
    assert [one["change"] for one in answer.json()["campaigns"]] == ["unchanged", "unchanged"]


async def test_who_replaces_campaigns_says_which_they_saw(trigger: Trigger) -> None:
    """Story: two people edited the same campaigns, and the second took back what the first had just mended."""
    await ask(trigger, "PUT", body=ONE)
    missing = await ask(trigger, "PUT", body={"campaigns": []})
    assert (missing.status_code, missing.json()["etag"]) == (428, '"1"')
    wrong = await ask(trigger, "PUT", body={"campaigns": []}, If_Match='"7"')
    assert (wrong.status_code, wrong.json()["etag"]) == (412, '"1"')
    assert names(trigger.campaigns) == ["cart"]
    assert (await ask(trigger, "PUT", body={"campaigns": []}, If_Match='"7", "1"')).status_code == 200
    assert names(trigger.campaigns) == []


async def test_the_first_version_may_insist_on_the_file_for_all_stores(trigger: Trigger) -> None:
    etag = (await ask(trigger, "GET")).headers["etag"]
    assert (await ask(trigger, "PUT", body=ONE, If_Match='"1"')).status_code == 412
    assert (await ask(trigger, "PUT", body=ONE, If_Match=etag)).status_code == 201


async def test_the_same_again_is_no_new_version(trigger: Trigger) -> None:
    for _ in range(2):
        answer = await ask(trigger, "PUT", body=ONE, If_Match="*")
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    assert len(await versions(trigger)) == 1


async def test_a_dry_run_tells_what_would_change_and_keeps_nothing(trigger: Trigger) -> None:
    trigger.campaigns.clock = at(moment := ago(hours=1))
    answer = await ask(trigger, "PUT", f"{PATH}?dry_run=true", ONE)
    told = CampaignChanges.model_validate_json(answer.content)
    assert (answer.status_code, told.dry_run) == (200, True)
    assert [(one.name, one.change, one.since) for one in told.campaigns] == [
        ("cart", "added", moment),
        ("abandoned_cart", "removed", None),
        ("low_stock", "removed", None),
    ]
    assert await versions(trigger) == []
    assert names(trigger.campaigns) == ["abandoned_cart", "low_stock"]
    await ask(trigger, "PUT", body=ONE)
    later = {"campaigns": [ONE["campaigns"][0] | {"steps": [STEP | {"delay": "2h"}]}]}
    (changed,) = (await ask(trigger, "PUT", f"{PATH}?dry_run=true", later)).json()["campaigns"]
    assert changed["fields"] == [{"field": "steps.nudge.delay", "before": "PT1H", "after": "PT2H"}]


async def test_all_faults_are_told_at_once_and_nothing_is_kept(trigger: Trigger) -> None:
    text = """campaigns:
  - {name: a, kind: abandoned_cart, steps: [{delay: soon, channel: email, template: t}]}
  - name: b
    kind: price_drop
  - name: c
    kind: abandoned_cart
    sterps: []
    steps: [{delay: 1h, channel: pigeon, template: t}]
"""
    answer = await ask(trigger, "PUT", body=text, Content_Type="application/yaml")
    assert answer.status_code == 422
    told = {(one["pointer"], one["line"]) for one in answer.json()["errors"]}
    assert ("/campaigns/0/steps/0/delay", 2) in told
    assert ("/campaigns/2/steps/0/channel", 8) in told
    assert ("/campaigns/2/sterps", 7) in told
    assert {line for _, line in told} == {2, 3, 7, 8} or {line for _, line in told} == {2, 7, 8}
    assert await versions(trigger) == []


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        ('{"campaigns": [', "application/json", 400),
        ('{"campaigns": [], "campaigns": []}', "application/json", 400),
        ("[" * 50_000, "application/json", 400),
        ('{"campaigns": 5}', "application/json", 422),
        ("[]", "application/json", 422),
        ("campaigns: [", "application/yaml", 422),
        ("", "application/yaml", 422),
        ("campaigns: &a []", "application/yaml", 422),
        ("#" * 1_000_001, "application/yaml", 413),
    ],
)
async def test_what_says_nothing_is_refused(trigger: Trigger, body: str, media_type: str, status: int) -> None:
    answer = await ask(trigger, "PUT", body=body, Content_Type=media_type)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_file_of_the_store_goes_before_and_is_named(trigger: Trigger, campaigns_dir: Path) -> None:
    await ask(trigger, "PUT", body=ONE)
    (campaigns_dir / "shop.yaml").write_text(THREE_STEPS)
    await trigger.campaigns.refresh()
    assert names(trigger.campaigns) == ["abandoned_cart", "low_stock"]
    answer = await ask(trigger, "PUT", body={"campaigns": []}, If_Match="*")
    assert answer.status_code == 409
    assert "shop.yaml" in answer.json()["detail"]
    assert (await ask(trigger, "GET")).json()["source"] == "file"
    (campaigns_dir / "shop.yaml").unlink()
    await trigger.campaigns.refresh()
    assert names(trigger.campaigns) == ["cart"]


async def test_a_campaign_that_goes_on_keeps_since_when_it_is_on_and_a_new_one_counts_from_now(
    trigger: Trigger,
) -> None:
    trigger.campaigns.clock = at(moment := ago(hours=1))
    both = THREE_STEPS.replace("name: low_stock\n    kind", "name: few_left\n    kind")
    await ask(trigger, "PUT", body=both, Content_Type="application/yaml")
    assert [one.since for one in trigger.campaigns.of("shop").active] == [LONG_AGO, moment]
    assert [one.since for one in trigger.campaigns.of("other").active] == [LONG_AGO, LONG_AGO]


async def test_a_low_stock_campaign_that_was_out_by_the_api_has_seen_no_level_fall(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)), level(10, 1, ago(minutes=4)))
    await ask(trigger, "PUT", body={"campaigns": []})
    trigger.campaigns.clock = at(ago(minutes=3))
    await ask(trigger, "DELETE", If_Match='"1"')
    await trigger.receive(level(4, 2, ago(minutes=2)))
    assert await trigger.pool.fetchval("SELECT count(*) FROM fan_outs") == 0


async def test_an_old_version_is_put_in_force_again_as_a_new_one(trigger: Trigger) -> None:
    await ask(trigger, "PUT", body=ONE)
    await ask(trigger, "PUT", body={"campaigns": []}, If_Match='"1"')
    back = await ask(trigger, "POST", f"{PATH}/rollback", {"version": 1}, If_Match='"2"')
    assert (back.status_code, back.headers["etag"], names(trigger.campaigns)) == (200, '"3"', ["cart"])
    assert (await versions(trigger))[0]["rolled_back_to"] == 1
    gone = await ask(trigger, "POST", f"{PATH}/rollback", {"version": 9}, If_Match='"3"')
    assert gone.status_code == 404
    assert (await ask(trigger, "POST", f"{PATH}/rollback", {"version": 0}, If_Match='"3"')).status_code == 422
    assert (await ask(trigger, "POST", f"{PATH}/rollback", {"version": 1})).status_code == 428


async def test_a_store_goes_back_to_the_campaigns_of_all_and_its_versions_stay(trigger: Trigger) -> None:
    of_all = (await ask(trigger, "GET")).headers["etag"]
    await ask(trigger, "PUT", body=ONE)
    reset = await ask(trigger, "DELETE", If_Match='"1"')
    assert (reset.status_code, reset.headers["etag"]) == (200, of_all)
    assert names(trigger.campaigns) == ["abandoned_cart", "low_stock"]
    assert [one["version"] for one in await versions(trigger)] == [2, 1]
    assert (await ask(trigger, "GET", f"{PATH}/versions/2")).json()["said"] is None
    assert (await ask(trigger, "PUT", body=ONE)).headers["etag"] == '"3"'


async def test_only_a_key_of_the_store_that_was_made_for_it_changes_campaigns(trigger: Trigger) -> None:
    """A key that stands alone was handed out for reading: an upgrade gives it nothing more."""
    for method, path, body in (
        ("PUT", PATH, ONE),
        ("DELETE", PATH, None),
        ("POST", f"{PATH}/rollback", {"version": 1}),
    ):
        assert (await ask(trigger, method, path, body, secret="sk_nobody")).status_code == 401
        assert (await ask(trigger, method, path, body, secret="")).status_code == 401
        refused = await ask(trigger, method, path, body, secret=READER)
        assert (refused.status_code, refused.json()["scope"]) == (403, "campaigns:write")
        alone = path.replace("/shop/", "/old/")
        assert (await ask(trigger, method, alone, body, secret="sk_alone")).status_code == 403
        assert (await ask(trigger, method, alone, body, secret=WRITER)).status_code == 401
    assert (await ask(trigger, "GET", "/v1/stores/old/campaigns", secret="sk_alone")).status_code == 200
    assert (await ask(trigger, "GET", "/v1/stores/shop/customers/a/export", secret=WRITER)).status_code == 403
    assert await versions(trigger) == []


@pytest.mark.parametrize("path", ["", "/versions", "/versions/1"])
async def test_who_only_writes_or_has_no_key_reads_nothing(trigger: Trigger, path: str) -> None:
    assert (await ask(trigger, "GET", f"{PATH}{path}", secret="sk_nobody")).status_code == 401
    assert (await ask(trigger, "GET", f"{PATH}{path}", secret="sk_alone")).status_code == 401


async def test_what_a_newer_release_wrote_leaves_in_force_what_was_and_switches_nothing_anew(
    trigger: Trigger, campaigns_dir: Path
) -> None:
    """Story: in the middle of an upgrade an old process met a kind that it did not know."""
    await ask(trigger, "PUT", body=ONE)
    newer = {"campaigns": [{"name": "cart", "kind": "abandoned_cart"}, {"name": "new", "kind": "unheard_of"}]}
    async with trigger.pool.acquire() as connection:
        text = json.dumps(newer)
        await write_version(connection, "shop", 2, text, made_by="x", made_at=now(), rolled_back_to=None)
    await trigger.campaigns.refresh()
    assert names(trigger.campaigns) == ["cart"]
    assert BROKEN.labels("shop (API)")._value.get() == 1
    again = CampaignRegistry(campaigns_dir, trigger.pool)
    await again.open()
    assert names(again) == []
    assert await trigger.pool.fetchval("SELECT count(*) FROM campaign_activations WHERE store_id = 'shop'") == 2


BARE = """campaigns:
  - name: cart
    kind: abandoned_cart
    conditions:
      minimum_total: 1000
    steps: [{delay: 1h, channel: email, template: a}]
"""


def described(version: int, *currencies: str) -> StoreDescribed:
    told = {"event_id": uuid7(), "occurred_at": now(), "store_id": "shop", "store_version": version, "name": "Shop"}
    return StoreDescribed.model_validate(told | {"currencies": currencies or None})


async def test_a_bare_minimum_is_refused_once_the_store_is_known_to_sell_in_several_currencies(
    trigger: Trigger,
) -> None:
    yaml = {"content_type": "application/yaml"}
    assert (await ask(trigger, "PUT", body=BARE, **yaml)).status_code == 201, "as ever where nothing is known"
    await trigger.receive(described(2, "EUR", "PLN"), described(1))
    for path, method, body in ((PATH, "PUT", BARE), (f"{PATH}/rollback", "POST", {"version": 1})):
        kind = yaml if body == BARE else {}
        answer = await ask(trigger, method, path, body, if_match="*", **kind)
        assert answer.status_code == 422
        [error] = answer.json()["errors"]
        assert error["pointer"] == "/campaigns/0/conditions/minimum_total"
        assert error["detail"] == "name an amount for each currency: the store sells in EUR, PLN"
        assert error.get("line") == (5 if body == BARE else None)
    said = BARE.replace("1000", "{EUR: 1000}")
    assert (await ask(trigger, "PUT", body=said, if_match="*", **yaml)).status_code == 200
    await trigger.receive(StoreClosed(event_id=uuid7(), occurred_at=now(), store_id="shop"))
    assert (await ask(trigger, "PUT", body=BARE, if_match="*", **yaml)).status_code == 200
