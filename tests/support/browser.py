"""The browser of tests: each module has one, in which each test has devices of its own."""

import os
import shutil

import pytest
from playwright.async_api import Browser

BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")  # the first takes a third of the others' CPU
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
in_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the PATH and CHROMIUM is not set")
IN_A_BROWSER = [in_chromium, pytest.mark.asyncio(loop_scope="module")]
"""Marks of a module whose tests take the fixture `browser`, which lives on the loop of the module."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


async def close_devices(browser: Browser) -> None:
    """The next test finds none."""
    for context in browser.contexts:
        await context.close()
