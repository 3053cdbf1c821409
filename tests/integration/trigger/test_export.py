"""What is held on a customer, for whoever has the store's key."""

import httpx
from pydantic import SecretStr

from services.trigger.web.app import application
from services.trigger.web.deps import Services
from services.trigger.web.schemas import Export
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.support.answers import as_documented
from tests.unit.trigger.making import added

KEY = "sk_of_the_shop"


async def ask(trigger: Trigger, customer_id: str, key: str = KEY, store: str = "shop") -> httpx.Response:
    app = application(Services(trigger.pool, {"shop": SecretStr(KEY)}, now), {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://trigger.test") as client:
        path = f"/v1/stores/{store}/customers/{customer_id}/export"
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
