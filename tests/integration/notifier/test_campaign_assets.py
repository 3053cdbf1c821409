"""What others are told of the templates and pools of coupons that a store has for its campaigns."""

import copy
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.contracts.codec import decode
from libs.contracts.events import AssetsSet
from libs.outbox.waker import Waker
from libs.runtime.clock import utc_now
from services.notifier import main
from services.notifier.jobs.campaign_assets import AssetsJob
from services.notifier.jobs.kept_templates import KeptTemplates
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.web.templates.template_schemas import DOCUMENT
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import STORE

KEY = "sk_key_of_who_writes_campaigns"
BY_ALL = ("email", "sms", "whatsapp", "telegram")
TEMPLATE, POOL = f"/v1/stores/{STORE}/templates/birthday", f"/v1/stores/{STORE}/coupons/back10"


class Shop:
    """A process of the notifier, and what it told."""

    http: httpx.AsyncClient

    def __init__(self, world: World, folder: Path, kept: KeptTemplates) -> None:
        self.world, self.folder, self.kept = world, folder, kept
        self.templates = StoreTemplates(folder, kept.folder)
        self.woken = 0

    def wake(self) -> None:
        self.woken += 1

    async def told(self) -> list[AssetsSet]:
        """The outbox is empty after that."""
        rows = await self.world.pool.fetch("DELETE FROM outbox RETURNING id, topic, key, headers, value")
        events = [decode(r["key"], json.loads(r["headers"]), r["value"]) for r in sorted(rows, key=lambda r: r["id"])]
        return [event for event in events if isinstance(event, AssetsSet)]

    async def looks(self) -> list[str]:
        await self.kept.refresh()
        stores = self.world.stores
        return await AssetsJob(self.world.pool, stores, self.templates, Waker(self.world.pool), utc_now).round()


@pytest.fixture
async def shop(world: World, tmp_path: Path) -> AsyncIterator[Shop]:
    scopes = ["messages:read", "messages:write", "templates:read", "templates:write"]
    world.extra |= {"keys": {STORE: [{"name": "writer", "key": KEY, "scopes": scopes}]}, "templates_dir": tmp_path}
    (tmp_path / "kept").mkdir()
    kept = KeptTemplates(world.pool, tmp_path / "kept")
    shop = Shop(world, tmp_path, kept)
    app = main.web(world.settings, world.pool, world.stores, {}, utc_now, shop.templates, shop.wake)
    head = {"Authorization": f"Bearer {KEY}"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://n.nordwind.example", headers=head) as http:
        shop.http = http
        yield shop


def names(event: AssetsSet) -> set[str]:
    assert event.templates is not None
    return set(event.templates)


async def test_at_its_start_it_tells_what_ships_of_every_store_once(shop: Shop) -> None:
    assert await shop.looks() == [STORE]
    [event] = await shop.told()
    assert (event.store_id, event.pools) == (STORE, ())
    assert event.templates is not None
    assert event.templates["abandoned_cart"] == event.templates["low_stock"] == BY_ALL
    assert await shop.looks() == []
    assert await shop.told() == []


async def test_a_pool_is_told_with_its_first_code_and_when_it_is_taken_away(shop: Shop) -> None:
    for _ in range(2):
        assert (await shop.http.put(POOL, json={"codes": ["A-1"]})).status_code == 200
    assert (await shop.http.post(POOL, json={"codes": ["A-2"]})).status_code == 200
    [made] = await shop.told()
    assert shop.woken == 2, "who makes a pool names it in the next moment"
    assert made.pools == ("back10",)
    assert "abandoned_cart" in names(made)
    assert "A-1" not in made.model_dump_json()
    assert (await shop.http.delete(POOL)).status_code == 204
    [gone] = await shop.told()
    assert gone.pools == ()
    assert gone.assets_version > made.assets_version


async def test_a_template_is_told_with_its_channels_when_it_is_said_taken_away_and_rolled_back(shop: Shop) -> None:
    letter: dict[str, Any] = copy.deepcopy(DOCUMENT)
    for words in letter["words"].values():
        words.pop("text_message", None)
    letter.pop("text_message", None)
    assert (await shop.http.put(TEMPLATE, json=letter, params={"dry_run": "true"})).status_code == 200
    assert await shop.told() == []
    for number, said in enumerate((letter, DOCUMENT)):
        match = {"If-Match": f'"{number}"'}
        assert (await shop.http.put(TEMPLATE, json=said, headers=match)).status_code == 200
    assert shop.woken >= 2
    assert [(event.templates or {})["birthday"] for event in await shop.told()] == [("email", "whatsapp"), BY_ALL]
    assert (await shop.http.delete(TEMPLATE, headers={"If-Match": '"2"'})).status_code == 200
    [gone] = await shop.told()
    assert "birthday" not in names(gone)
    back = {"If-Match": '"3"'}
    assert (await shop.http.post(f"{TEMPLATE}/rollback", json={"version": 1}, headers=back)).status_code == 200
    [again] = await shop.told()
    assert "birthday" in names(again)
    assert await shop.looks() == [], "what was told in the change is not told again"


async def test_files_of_a_store_are_told_and_while_they_can_t_be_read_its_templates_are_not_known(shop: Shop) -> None:
    (shop.folder / "nordwind/wording").mkdir(parents=True)
    words = shop.folder / "nordwind/wording/en.toml"
    words.write_text('[harvest]\nsubject = "x"\n')
    shop.world.shop["templates"] = "nordwind"
    assert await shop.looks() == [STORE]
    [told] = await shop.told()
    assert (told.templates or {})["harvest"] == ("email", "whatsapp")
    words.write_text("[harvest")
    assert await shop.looks() == [STORE]
    [unknown] = await shop.told()
    assert unknown.templates is None
    words.unlink()
    assert await shop.looks() == [STORE]
    [mended] = await shop.told()
    assert "harvest" not in names(mended)


async def test_a_pool_that_a_release_of_before_has_made_is_told_by_the_next_look(shop: Shop) -> None:
    await shop.looks()
    await shop.told()
    await shop.world.pool.execute(
        "INSERT INTO coupon_pools (store_id, pool, source, once_days, low_at) VALUES ($1, 'welcome', 'codes', 30, 0)",
        STORE,
    )
    assert await shop.looks() == [STORE]
    [event] = await shop.told()
    assert event.pools == ("welcome",)
