"""Every message that ships, in every language and on every channel, as people see it: on one sheet a template.

A column is a screen: 390 and 1280 pixels, light and dark; what a text says stands beside. Sheets are taken by
EVERCART_PICTURES=<a folder> pytest <this file>. Whatever the sheet, nothing may be cut off or run out of its screen.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import pytest
from playwright.async_api import Browser

from libs.contracts.events import Channel
from services.console.domain.template_said import seen_in
from services.notifier.domain.store import Store
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.samples import ANNA, NOW, Sample
from services.notifier.rendering.templates import NO_TEMPLATES, Templates
from tests.support.browser import IN_A_BROWSER
from tests.unit.notifier.languages import LANGUAGES

pytestmark = IN_A_BROWSER
SHIPPED = Templates()
TEMPLATES = sorted(
    name
    for name, said in SHIPPED.wordings.choose("en", "en").phrases.items()
    if name not in NO_TEMPLATES and isinstance(said, dict)
)
CHATS: tuple[Channel, ...] = ("sms", "whatsapp", "telegram")
STORE = Store(name="Lantern & Loom", email_from="hello@shop.example", sms_from="+12015550100")
SCREENS = ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark"))
TALL = 1000
CUT_OFF = """(frames) => frames.flatMap((frame) => {
  const page = frame.contentDocument, found = [];
  const runs = page.documentElement.scrollWidth - frame.clientWidth;
  if (runs > 0) found.push(`${frame.title}: runs ${runs} px out of its screen`);
  for (const one of page.querySelectorAll("div, td, a, span, p")) {
    const style = page.defaultView.getComputedStyle(one);
    if (style.overflowX !== "visible" && style.display !== "none" && one.clientHeight > 1
        && one.scrollWidth > one.clientWidth + 1)
      found.push(`${frame.title}: cut off: ${one.textContent.trim().slice(0, 60)}`);
  }
  return found;
})"""
STYLE = """body{font:14px sans-serif;margin:16px;background:#ddd;width:3500px}
section{display:flex;gap:16px;align-items:start;margin:0 0 16px}h2{width:90px}
iframe{border:0;background:#fff;height:%dpx}.texts{width:390px}
p{background:#fff;padding:12px;border-radius:12px;overflow-wrap:anywhere;margin:0 0 8px}"""


@dataclass(frozen=True)
class Shown:
    """A template in a language: its letter, and what it says on each other channel."""

    language: str
    subject: str
    html: str
    texts: tuple[str, ...]


def shown(template: str) -> Iterator[Shown]:
    """A template in every language that ships, with a coupon."""
    for language in LANGUAGES:
        sample = Sample(SHIPPED, STORE, replace(ANNA, locale=language), coupon="SAVE10", coupon_until=NOW)
        letter = compose_letter(sample.draft(template, "email"))
        texts = tuple(compose_text(sample.draft(template, channel)) for channel in CHATS)
        yield Shown(language, letter.subject, letter.html, texts)


def sheet(template: str) -> str:
    """A page with all of it."""
    parts = [f"<!doctype html><meta charset=utf-8><style>{STYLE % TALL}</style><h1>{template}</h1>"]
    for one in shown(template):
        frames = "".join(
            f'<iframe title="{one.language} {width} {scheme}" style="width:{width}px" sandbox="allow-same-origin"'
            f' srcdoc="{escape(seen_in(one.html, scheme))}"></iframe>'
            for width, scheme in SCREENS
        )
        texts = "".join(f"<p>{escape(text)}</p>" for text in (one.subject, *one.texts))
        parts.append(f"<section><h2>{one.language}</h2>{frames}<div class=texts>{texts}</div></section>")
    return "".join(parts)


@pytest.mark.parametrize("template", TEMPLATES)
async def test_nothing_of_a_message_is_cut_off_on_any_screen_in_any_language(browser: Browser, template: str):
    context = await browser.new_context(viewport={"width": 3532, "height": 1200}, device_scale_factor=0.5)
    page = await context.new_page()
    await page.route("https://**", lambda route: route.abort())
    await page.set_content(sheet(template), wait_until="load")
    assert await page.locator("iframe").count() == len(LANGUAGES) * len(SCREENS)
    assert await page.eval_on_selector_all("iframe", CUT_OFF) == []
    if folder := os.environ.get("EVERCART_PICTURES"):
        await page.screenshot(path=Path(folder) / f"sheet-{template}.png", full_page=True)
    await context.close()
