"""What people see: each page in Chromium without a finding of axe, nothing cut off, nothing that a script policy stops.

Pictures for the docs are taken anew by EVERCART_PICTURES=deploy/docs/console pytest <this file>.
"""

import copy
import os
from pathlib import Path

import pytest
from playwright.async_api import Page

from services.console.db import template_drafts
from services.console.db.template_drafts import Draft
from tests.integration.console.pages import test_stock
from tests.integration.console.pages.conftest import Desk
from tests.integration.console.pages.fake_backtests import TRIED
from tests.integration.console.pages.fake_services import KEY_ID
from tests.integration.console.pages.fake_templates import SHIPPED
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
AXE = (Path(__file__).parents[1] / "vendor/axe.min.js").read_text()
PAGES = {
    "today": "today",
    "campaigns": "campaigns",
    "campaign-edit": "campaigns/edit",
    "campaign-version": "campaigns/versions/3",
    "backtest": f"campaigns/backtests/{TRIED}",
    "backtests": "campaigns/backtests",
    "experiments": "experiments",
    "winner": "experiments/end?campaign=cart&arm=treatment",
    "upcoming": "upcoming",
    "cancel": "upcoming/cancel?cart=019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10",
    "pause": "pause?campaign=cart",
    "customers": "customers",
    "customer": "customer?id=anna",
    "unmerge": "customer/merges/019ab6f2-7c11-7d3e-9a55-00000000beef?id=anna",
    "erase": "customer/erase?id=anna",
    "messages": "messages",
    "copy": "messages/00000000-0000-0000-0000-000000000001",
    "replies": "replies",
    "templates": "templates",
    "template-edit": "templates/edit?template=abandoned_cart_1&language=en",
    "template-edit-overtaken": "templates/edit?template=win_back&language=en",
    "template-versions": "templates/versions?template=birthday",
    "template-version": "templates/versions/1?template=birthday",
    "stock": "stock",
    "stock-item": "stock/item?sku=tea",
    "test": "test?template=browse",
    "health": "health",
    "letters": "letters?topic=cart.events",
    "letters-put-back": "letters/put-back?topic=cart.events",
    "settings": "settings",
    "settings-edit": "settings/edit",
    "keys": "settings/keys",
    "key-rotate": f"settings/keys/rotate?key={KEY_ID}",
    "key-revoke": f"settings/keys/revoke?key={KEY_ID}&name=till",
    "people": "people",
    "audit": "audit",
}
WIDTHS = (390, 1280)


async def findings(page: Page) -> list[str]:
    """What axe finds on a page. It is run beside the page's own policy, as an extension would be."""
    found = await page.evaluate(
        f"{AXE}; axe.run(document, {{resultTypes: ['violations'], iframes: false}})"
        ".then((r) => r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`))"
    )
    return list(found)


async def overtaken(desk: Desk) -> None:
    """The owner has begun with an older template than is in force by now."""
    (person,) = await desk.console.house.people.all()
    base = copy.deepcopy(SHIPPED)
    base["words"]["en"]["button"] = "Before"
    mine = copy.deepcopy(base)
    mine["words"]["en"] |= {"heading": "Mine", "button": "Mine"}
    draft = Draft(mine, base, '"1"', desk.console.clock())
    async with desk.console.pool.acquire() as connection:
        await template_drafts.keep(connection, person.person_id, "shop", "win_back", draft)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_is_accessible_and_fits(desk: Desk, width: int, scheme: str, tmp_path: Path):
    await test_stock.levels(desk.console)
    await test_stock.told(desk.console)
    page = await desk.logged_in(width=width, scheme=scheme)
    for name in ("birthday", "win_back", "birthday", "win_back"):
        desk.console.fake.templates.say(name, SHIPPED)
    await overtaken(desk)
    folder = Path(os.environ.get("EVERCART_PICTURES", tmp_path))
    for name, path in PAGES.items():
        await page.goto(desk.at(path))
        await page.wait_for_load_state("load")
        assert await findings(page) == [], name
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert len((await page.content()).encode()) < 100_000, name
        picture = folder / name / f"{width}-{scheme}.png"
        picture.parent.mkdir(exist_ok=True)
        await page.screenshot(path=picture, full_page=True)
        assert picture.stat().st_size > 5_000
