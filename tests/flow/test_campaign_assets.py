"""What a store has for its campaigns is known where they are checked, as soon as it is there."""

import httpx
import pytest

from services.notifier.web.templates.template_schemas import DOCUMENT
from tests.flow.stack import FlowStack
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = """campaigns:
  - name: cart
    kind: abandoned_cart
    steps:
      - {delay: 1h, channel: email, template: abandoned_cart}
      - {delay: 1d, channel: sms, template: birthday, coupon: {pool: welcome}}
"""
STEP = "/campaigns/0/steps/1"


async def checked(flow: FlowStack) -> list[str]:
    """The fields with faults, as the trigger finds them. The demo's file goes before what is said by the API: 409."""
    url = f"{flow.stack.trigger_url}/v1/stores/demo/campaigns?dry_run=true"
    answer: httpx.Response = await flow.http.put(url, content=SAID, headers=flow.server)
    assert answer.status_code in (409, 422), answer.text
    return [one["pointer"] for one in answer.json().get("errors", ())]


async def test_a_campaign_counts_once_its_template_and_its_coupons_are_there(flow: FlowStack):
    """From the notifier's tables by its relay and Kafka to the trigger's; what ships is known from the start."""
    missing = [f"{STEP}/coupon/pool", f"{STEP}/template"]
    assert await eventually(lambda: checked(flow)) == missing
    at = f"{flow.stack.notifier_url}/v1/stores/demo"
    assert (await flow.http.put(f"{at}/templates/birthday", json=DOCUMENT, headers=flow.server)).status_code == 200

    async def only_the_pool() -> bool:
        return await checked(flow) == missing[:1]

    await eventually(only_the_pool)
    assert (await flow.http.put(f"{at}/coupons/welcome", json={"codes": []}, headers=flow.server)).status_code == 200

    async def nothing() -> bool:
        return not await checked(flow)

    await eventually(nothing)
