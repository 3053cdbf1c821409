"""What is held on a customer, for whoever has the store's key."""

import httpx
from pydantic import SecretStr

from services.trigger.domain.campaigns import CampaignFile
from services.trigger.web.app import application
from services.trigger.web.campaign_schemas import Campaigns
from services.trigger.web.deps import Services
from services.trigger.web.schemas import Export
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.support.answers import as_documented
from tests.unit.trigger.making import added

KEY = "sk_of_the_shop"


async def ask(trigger: Trigger, customer_id: str, key: str = KEY, store: str = "shop") -> httpx.Response:
    return await get(trigger, f"/v1/stores/{store}/customers/{customer_id}/export", key)


async def get(trigger: Trigger, path: str, key: str = KEY) -> httpx.Response:
    app = application(Services(trigger.pool, {"shop": SecretStr(KEY)}, now, trigger.campaigns), {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trigger.test") as client:
        return await client.get(path, headers={"Authorization": f"Bearer {key}"})


async def test_an_export_holds_carts_goods_and_decisions_of_this_customer_alone(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)), added("b", 1, ago(hours=2)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    answer = await ask(trigger, "customer-a")
    found = answer.json()
    assert {kind: len(found[kind]) for kind in ("carts", "holdings", "decisions")} == {
        "carts": 1,
        "holdings": 1,
        "decisions": 1,
    }
    assert found["decisions"][0]["reason"] == "idle"
    assert "customer-b" not in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert as_documented(answer.content, Export)


async def test_nobody_asks_without_the_key_of_this_store(trigger: Trigger) -> None:
    for key, store in (("sk_other", "shop"), (KEY, "other"), ("", "shop"), ("", "other")):
        assert (await ask(trigger, "customer-a", key, store)).status_code == 401


async def test_what_is_switched_on_is_told_as_its_file_says_it(trigger: Trigger) -> None:
    answer = await get(trigger, "/v1/stores/shop/campaigns")
    assert answer.status_code == 200
    assert as_documented(answer.content, Campaigns)
    read = CampaignFile.model_validate({"campaigns": [one["campaign"] for one in answer.json()["campaigns"]]})
    active = trigger.campaigns.of("shop").active
    assert active
    assert read.campaigns == tuple(one.campaign for one in active)
    assert [one.since for one in Campaigns.model_validate_json(answer.content).campaigns] == [
        one.since for one in active
    ]
    assert (await get(trigger, "/v1/stores/shop/campaigns", "sk_other")).status_code == 401
