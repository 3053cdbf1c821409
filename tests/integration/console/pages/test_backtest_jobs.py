"""A draft is tried by keyboard alone, in three languages: what was held back is read where it is said."""

import pytest
from playwright.async_api import Page

from tests.integration.console.pages.conftest import Desk
from tests.integration.console.pages.test_browser import findings
from tests.support.browser import in_chromium

pytestmark = pytest.mark.asyncio(loop_scope="module")
MOST_TABS = 60
FOCUSED = "document.activeElement.innerText || document.activeElement.getAttribute('aria-label') || ''"
SAID = {
    "en-GB": ("Try on the last 7 days", "Held back: by the shop", "too soon after another message"),
    "de-DE": ("7 Tage", "Zurückgehalten: nach den Regeln", "zu kurz nach einer anderen Nachricht"),
    "pl-PL": ("7 dni", "Wstrzymane: przez zasady sklepu", "za wcześnie po innej wiadomości"),
}


async def tab_to(page: Page, words: str) -> str:
    """Goes on until what is named has the focus."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if words in (found := str(await page.evaluate(FOCUSED))):
            return found
    raise AssertionError(f"{words!r} is not reached by Tab")


@in_chromium
@pytest.mark.parametrize("locale", SAID)
async def test_a_draft_is_tried_and_its_table_read_by_keyboard(desk: Desk, locale: str):
    button, held, reason = SAID[locale]
    page = await desk.logged_in("marketer", width=390, locale=locale)
    await page.goto(desk.at("campaigns/edit"))
    await page.focus("#text")
    await tab_to(page, button)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/campaigns/backtests/**")
    assert (await page.get_attribute("html", "lang"), desk.console.fake.calls[-1][1]) == (locale[:2], "/backtests")
    table = page.get_by_role("region", name=held)
    assert reason in await table.inner_text()
    assert held in await tab_to(page, held), "it scrolls, so it takes the focus"
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    assert await findings(page) == []
