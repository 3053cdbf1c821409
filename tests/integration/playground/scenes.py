"""A shop on a fake of a cart service, and browsers at it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.async_api import Browser, Page
from playwright.async_api import Error as BrowserError

from tests.integration.playground.fake_cart import FakeCart

if TYPE_CHECKING:
    from tests.integration.playground.conftest import Running


@dataclass
class Scene:
    """A shop, its fake of a cart service, and browsers."""

    shop: "Running"
    fake: FakeCart
    browser: Browser
    complaints: list[str]

    @property
    def base(self) -> str:
        return str(self.shop.http.base_url).rstrip("/")

    async def device(self, width: int = 1280) -> Page:
        """A browser of its own, which complains of scripts that fail, dialogs and calls to strangers."""
        context = await self.browser.new_context(viewport={"width": width, "height": 860}, reduced_motion="reduce")
        own = (self.base, self.shop.settings.cart_url, "data:")
        context.on("response", lambda got: None if got.url.startswith(own) else self.complaints.append(got.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        return await context.new_page()

    async def open(self, page: Page, path: str, ready: str) -> Page:
        """Loads a page until it is ready; once more if the network of the machine changes meanwhile."""
        for left in (1, 0):
            try:
                await page.goto(self.base + path)
                await page.wait_for_selector(ready)
                return page
            except BrowserError:
                if not left:
                    raise
        return page

    async def shopper(self, width: int = 1280) -> Page:
        return await self.open(await self.device(width), "/shop", ".product")


async def log_in(page: Page, name: str) -> None:
    """Returns once the page greets who has logged in; the cart follows by itself, see `sent`."""
    await page.click("#account button")
    await page.click(f"#people button:has-text('{name}')")
    await page.wait_for_selector(f"#notices .notice:has-text('Welcome, {name}')")


async def sent(page: Page) -> None:
    """Returns when nothing waits for the service: what was put in, and a guest's cart that a log-in takes along."""
    await page.wait_for_selector("#cart[aria-busy=false]")
