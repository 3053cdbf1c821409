"""Campaigns that name templates and pools of coupons which the store does not have, as the notifier tells of them."""

import json
from pathlib import Path
from typing import Any

from libs.contracts.events import AssetsSet, StoreClosed
from libs.runtime.ids import uuid7
from services.trigger.campaigns.faults import BROKEN
from services.trigger.campaigns.registry import CampaignRegistry
from tests.integration.trigger.campaigns.test_campaigns_by_api import PATH, ask, described, names
from tests.integration.trigger.conftest import LONG_AGO, Trigger, at, now

YAML = {"content_type": "application/yaml"}
SAID = """campaigns:
  - name: cart
    kind: abandoned_cart
    steps:
      - {delay: 1h, channel: email, template: nudge}
      - delay: 1d
        channels: [email, sms]
        template: gift
        coupon: {pool: back10}
"""
TEMPLATE = {"pointer": "/campaigns/0/steps/0/template", "detail": "the store has no template named nudge"}
TEXT = {"pointer": "/campaigns/0/steps/1/template", "detail": "the template gift has no words for sms"}
POOL = {"pointer": "/campaigns/0/steps/1/coupon/pool", "detail": "the store has no pool of coupons named back10"}


def told(version: int, templates: dict[str, Any] | None, *pools: str, store_id: str = "shop") -> AssetsSet:
    says = {"store_id": store_id, "assets_version": version, "templates": templates, "pools": pools}
    return AssetsSet.model_validate({"event_id": uuid7(), "occurred_at": now()} | says)


ALL = {"nudge": ("email",), "gift": ("email", "sms")}


async def test_what_the_store_does_not_have_is_refused_all_at_once_by_whichever_way_it_is_said(
    trigger: Trigger,
) -> None:
    """Story: a template with a typo was pushed on a Friday, and every message of the weekend failed."""
    assert (await ask(trigger, "PUT", body=SAID, **YAML)).status_code == 201, "as ever where nothing is known"
    await trigger.receive(told(3, {"gift": ("email",)}), told(2, ALL, "back10"))
    as_json = json.loads(await trigger.pool.fetchval("SELECT document FROM campaign_versions"))
    ways: list[tuple[str, str, Any, dict[str, str]]] = [
        (PATH, "PUT", SAID, YAML),
        (f"{PATH}?dry_run=true", "PUT", SAID, YAML),
        (PATH, "PUT", as_json, {}),
        (f"{PATH}/rollback", "POST", {"version": 1}, {}),
    ]
    for path, method, body, headers in ways:
        answer = await ask(trigger, method, path, body, if_match="*", **headers)
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:evercart:problem:invalid-request"
        errors = answer.json()["errors"]
        assert sorted(({k: v for k, v in one.items() if k != "line"} for one in errors), key=str) == sorted(
            [TEMPLATE, TEXT, POOL], key=str
        )
        lines = [one.get("line") for one in errors]
        assert lines == ([5, 8, 9] if body == SAID else [None] * 3)
    assert names(trigger.campaigns) == ["cart"], "what is in force stays"
    await trigger.receive(told(4, ALL, "back10"))
    assert (await ask(trigger, "POST", f"{PATH}/rollback", {"version": 1}, if_match="*")).status_code == 200


async def test_one_store_s_templates_are_no_other_store_s_and_outlive_its_description(trigger: Trigger) -> None:
    await trigger.receive(told(1, ALL, "back10", store_id="other"), told(1, {}))
    assert (await ask(trigger, "PUT", body=SAID, **YAML)).status_code == 422
    await trigger.receive(described(1), StoreClosed(event_id=uuid7(), occurred_at=now(), store_id="shop"))
    assert (await ask(trigger, "PUT", body=SAID, **YAML)).status_code == 422


async def test_while_templates_can_t_be_read_only_pools_are_asked_for(trigger: Trigger) -> None:
    await trigger.receive(told(1, None))
    answer = await ask(trigger, "PUT", body=SAID, **YAML)
    assert [one["pointer"] for one in answer.json()["errors"]] == [POOL["pointer"]]


async def test_a_file_that_is_in_force_stays_and_a_new_one_counts_once_its_templates_are_there(
    trigger: Trigger, campaigns_dir: Path
) -> None:
    """Story: a file and its templates were put in place together; the file was refused first, and then for good."""
    (campaigns_dir / "shop.yaml").write_text(SAID)
    await trigger.receive(told(1, {}))
    registry = CampaignRegistry(campaigns_dir, trigger.pool, clock=at(LONG_AGO))
    await registry.open()
    assert names(registry) == ["cart"]
    assert BROKEN.labels("shop")._value.get() == 1
    (campaigns_dir / "shop.yaml").write_text(SAID.replace("name: cart", "name: other"))
    await registry.refresh()
    assert names(registry) == ["cart"]
    await trigger.receive(told(2, ALL, "back10"))
    await registry.refresh()
    assert (names(registry), BROKEN.labels("shop")._value.get()) == (["other"], 0)


async def test_a_draft_is_tried_before_its_templates_are_written(trigger: Trigger) -> None:
    await trigger.receive(told(1, {}))
    assert (await ask(trigger, "POST", "/v1/stores/shop/backtests", SAID, **YAML)).status_code == 202
