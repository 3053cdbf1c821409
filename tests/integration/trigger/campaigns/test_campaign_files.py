"""Campaign files that change while the trigger runs."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client import REGISTRY, generate_latest
from structlog.testing import capture_logs

from services.trigger.campaigns import registry as module
from services.trigger.campaigns.faults import BROKEN
from services.trigger.campaigns.registry import CampaignFileError, CampaignRegistry
from tests.integration.trigger.campaigns.test_campaigns_by_api import BARE, described
from tests.integration.trigger.conftest import LONG_AGO, Trigger, ago, at, now
from tests.unit.trigger.making import THREE_STEPS, added, level


def names(registry: CampaignRegistry, store_id: str = "shop") -> list[str]:
    return [a.campaign.name for a in registry.of(store_id).active]


@pytest.fixture
async def registry(pool, campaigns_dir: Path) -> CampaignRegistry:
    """Campaigns that were switched on long ago."""
    opened = CampaignRegistry(campaigns_dir, pool, clock=at(LONG_AGO))
    await opened.open()
    return opened


async def test_a_changed_file_counts_at_once(registry: CampaignRegistry, campaigns_dir: Path) -> None:
    (campaigns_dir / "default.yaml").write_text(THREE_STEPS.replace("delay: 1h", "delay: 2h"))
    await registry.refresh()
    ((campaign, since),) = registry.of("shop").on_carts
    assert campaign.steps[0].delay.total_seconds() == 7200
    assert since == LONG_AGO


async def test_a_broken_file_leaves_the_old_in_force_until_it_is_mended(
    registry: CampaignRegistry, campaigns_dir: Path
) -> None:
    file, before = campaigns_dir / "default.yaml", registry.of("shop")
    file.write_text("campaigns: [")
    await registry.refresh()
    assert registry.of("shop") == before
    assert BROKEN.labels("default")._value.get() == 1
    file.write_text(THREE_STEPS.replace("low_stock\n    kind", "few_left\n    kind"))
    await registry.refresh()
    assert names(registry) == ["abandoned_cart", "few_left"]
    assert BROKEN.labels("default")._value.get() == 0


@pytest.mark.parametrize("text", ["campaigns: " + "[" * 5_000, "campaigns: !!int ''", "campaigns: 2026-99-99"])
async def test_no_file_whatever_it_says_takes_another_ones_campaigns(
    registry: CampaignRegistry, campaigns_dir: Path, text: str
) -> None:
    """Story: deep nesting or an odd tag in one shop's file ended the processes that served all shops."""
    (campaigns_dir / "default.yaml").write_text(text)
    (campaigns_dir / "deep.yaml").write_text(text)
    (campaigns_dir / "\udcff.yaml").write_text(THREE_STEPS)
    (campaigns_dir / "*.yaml").write_text("campaigns: []")
    (campaigns_dir / "loop.yaml").symlink_to("loop.yaml")
    (campaigns_dir / "second.yaml").write_text(THREE_STEPS.replace("low_stock\n    kind", "few_left\n    kind"))
    await registry.refresh()
    assert names(registry) == ["abandoned_cart", "low_stock"]
    assert names(registry, "second") == ["abandoned_cart", "few_left"]
    assert BROKEN.labels("deep")._value.get() == 1
    assert generate_latest(REGISTRY)


async def test_while_the_folder_cannot_be_read_everything_stays(
    registry: CampaignRegistry, campaigns_dir: Path
) -> None:
    before = registry.of("shop")
    campaigns_dir.rename(campaigns_dir.with_name("away"))
    await registry.refresh()
    assert registry.of("shop") is before
    with pytest.raises(CampaignFileError, match="No such file"):
        await registry.open()


async def test_a_change_that_met_an_outage_is_in_force_after_it(
    registry: CampaignRegistry, campaigns_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionResetError

    (campaigns_dir / "default.yaml").write_text(THREE_STEPS.replace("low_stock\n    kind", "few_left\n    kind"))
    with monkeypatch.context() as outage:
        outage.setattr(module, "sync_activations", away)
        with pytest.raises(ConnectionResetError):
            await registry.refresh()
    await registry.refresh()
    assert names(registry) == ["abandoned_cart", "few_left"]


async def test_a_store_has_its_own_file_or_that_of_all(registry: CampaignRegistry, campaigns_dir: Path) -> None:
    (campaigns_dir / "shop.yaml").write_text("campaigns: []")
    await registry.refresh()
    assert names(registry, "shop") == []
    assert names(registry, "other") == ["abandoned_cart", "low_stock"]
    assert names(registry, "../shop") == names(registry, "other")
    (campaigns_dir / "shop.yaml").unlink()
    await registry.refresh()
    assert names(registry, "shop") == names(registry, "other")


async def test_a_file_that_was_replaced_by_one_of_the_same_size_is_seen(
    registry: CampaignRegistry, campaigns_dir: Path
) -> None:
    """As configuration maps are updated: another file is moved to the old name."""
    file = campaigns_dir / "default.yaml"
    stamp = file.stat()
    other = campaigns_dir / "next"
    other.write_text(THREE_STEPS.replace("delay: 1h", "delay: 3h"))
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(file)
    await registry.refresh()
    assert registry.of("shop").on_carts[0][0].steps[0].delay.total_seconds() == 3 * 3600


async def test_a_broken_file_at_the_start_is_an_error(pool, campaigns_dir: Path) -> None:
    (campaigns_dir / "shop.yaml").write_text("campaigns: 5")
    with pytest.raises(CampaignFileError, match=r"shop\.yaml:1"):
        await CampaignRegistry(campaigns_dir, pool).open()


async def test_a_campaign_that_was_off_is_new_when_it_comes_back(pool, campaigns_dir: Path) -> None:
    registry = CampaignRegistry(campaigns_dir, pool, clock=at(LONG_AGO))
    await registry.open()
    text = (campaigns_dir / "default.yaml").read_text()
    (campaigns_dir / "default.yaml").write_text("campaigns: []")
    await registry.refresh()
    moment = await later(registry)
    (campaigns_dir / "default.yaml").write_text(text)
    await registry.refresh()
    assert [since for _, since in registry.of("shop").on_carts] == [moment]


async def later(registry: CampaignRegistry) -> datetime:
    """From now on it is an hour ago, instead of years."""
    moment = ago(hours=1)
    registry.clock = at(moment)
    return moment


async def test_a_campaign_taken_out_of_a_stores_own_file_and_put_back_is_new_with_default_yaml_too(
    registry: CampaignRegistry, campaigns_dir: Path
) -> None:
    """Story: a shop took a campaign out for its sale, put it back, and everybody who had shopped meanwhile was told."""
    own = campaigns_dir / "shop.yaml"
    for text in (THREE_STEPS, "campaigns: []"):
        own.write_text(text)
        await registry.refresh()
    moment = await later(registry)
    own.write_text(THREE_STEPS)
    await registry.refresh()
    assert [a.since for a in registry.of("shop").active] == [moment, moment]
    assert [a.since for a in registry.of("other").active] == [LONG_AGO, LONG_AGO]


async def test_a_store_whose_own_file_goes_has_what_was_out_for_it_anew(
    registry: CampaignRegistry, pool, campaigns_dir: Path
) -> None:
    own = campaigns_dir / "shop.yaml"
    own.write_text(THREE_STEPS.partition("  - name: low_stock")[0])
    await registry.refresh()
    moment = await later(registry)
    own.unlink()
    await registry.refresh()
    assert [a.since for a in registry.of("shop").active] == [LONG_AGO, moment]
    assert [a.since for a in registry.of("other").active] == [LONG_AGO, LONG_AGO]
    again = CampaignRegistry(campaigns_dir, pool)
    await again.open()
    assert again.of("shop") == registry.of("shop")


async def test_a_store_that_gets_a_file_of_its_own_keeps_what_was_on(
    registry: CampaignRegistry, campaigns_dir: Path
) -> None:
    await later(registry)
    (campaigns_dir / "shop.yaml").write_text(THREE_STEPS)
    await registry.refresh()
    assert [a.since for a in registry.of("shop").active] == [LONG_AGO, LONG_AGO]


async def test_a_low_stock_campaign_that_comes_back_has_seen_no_level_fall(
    trigger: Trigger, campaigns_dir: Path
) -> None:
    await trigger.receive(added("a", 1, ago(minutes=5)), level(10, 1, ago(minutes=4)))
    text = (campaigns_dir / "default.yaml").read_text()
    (campaigns_dir / "default.yaml").write_text("campaigns: []")
    await trigger.campaigns.refresh()
    await trigger.receive(level(5, 2, ago(minutes=3)))
    await later(trigger.campaigns)
    (campaigns_dir / "default.yaml").write_text(text)
    await trigger.campaigns.refresh()
    await trigger.receive(level(4, 3, ago(minutes=2)))
    assert await trigger.pool.fetchval("SELECT count(*) FROM fan_outs") == 0


async def test_a_restart_and_a_second_process_do_not_switch_anything_on_anew(
    registry, pool, campaigns_dir: Path
) -> None:
    again = CampaignRegistry(campaigns_dir, pool, clock=at(now()))
    await again.open()
    assert again.of("shop") == registry.of("shop")


SEVERAL = "name an amount for each currency: the store sells in EUR, PLN"


async def test_a_bare_minimum_in_a_file_of_a_store_that_sells_in_several_currencies_is_refused(
    trigger: Trigger, campaigns_dir: Path
) -> None:
    """Story: 1000 was 10 EUR and 10 PLN."""
    own = campaigns_dir / "shop.yaml"
    own.write_text(BARE.replace("1000", "{EUR: 1000}"))
    (campaigns_dir / "other.yaml").write_text(BARE)
    await trigger.campaigns.refresh()
    await trigger.receive(described(1, "EUR", "PLN"))
    await trigger.campaigns.refresh()
    before = trigger.campaigns.of("shop")
    own.write_text(BARE)
    with capture_logs() as lines:
        await trigger.campaigns.refresh()
    assert trigger.campaigns.of("shop") == before
    [line] = [line for line in lines if line["event"] == "campaigns.broken"]
    assert (line["error"], line["kept_old"]) == (f"shop.yaml:5: campaigns.1.conditions.minimum_total: {SEVERAL}", True)
    assert (BROKEN.labels("shop")._value.get(), BROKEN.labels("other")._value.get()) == (1, 0)
    await trigger.receive(described(2, "EUR"))
    await trigger.campaigns.refresh()
    assert BROKEN.labels("shop")._value.get() == 0


async def test_a_file_that_was_right_before_the_store_sold_in_a_second_currency_is_told_of_and_stays(
    trigger: Trigger, pool, campaigns_dir: Path
) -> None:
    """What a shop says of itself stops no process: not even one that is started anew."""
    (campaigns_dir / "shop.yaml").write_text(BARE)
    await trigger.campaigns.refresh()
    await trigger.receive(described(1, "EUR", "PLN"))
    await trigger.campaigns.refresh()
    assert names(trigger.campaigns) == ["cart"]
    assert BROKEN.labels("shop")._value.get() == 1
    BROKEN.labels("shop").set(0)
    anew = CampaignRegistry(campaigns_dir, pool, clock=at(LONG_AGO))
    await anew.open()
    assert names(anew) == ["cart"]
    assert BROKEN.labels("shop")._value.get() == 1
