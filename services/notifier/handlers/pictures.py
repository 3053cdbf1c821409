"""A picture of a page, by a Chromium of the machine's own: without scripts, and without a way to any other machine."""

import asyncio
import os
from asyncio.subprocess import DEVNULL
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from libs.files.scratch_folder import scratch_folder

Screen = Literal["phone", "desktop"]
SCREENS: Final[Mapping[Screen, tuple[int, int]]] = MappingProxyType({"phone": (390, 1600), "desktop": (1280, 1400)})
"""Width and height in CSS pixels."""
TAKES_AT_MOST_S = 20.0
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--hide-scrollbars",
    "--no-first-run",
    "--blink-settings=scriptEnabled=false",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
_ONE_AT_A_TIME = asyncio.Semaphore(1)


class NoPictureError(Exception):
    """There is no browser to take a picture with, or it did not; the message says which."""


async def picture(chromium: Path | None, html: str, screen: Screen) -> bytes:
    """The page as PNG, as wide as the screen. Raises `NoPictureError`."""
    if chromium is None or not await asyncio.to_thread(chromium.is_file):
        raise NoPictureError("This service has no Chromium: NOTIFIER_CHROMIUM says where one is")
    async with _ONE_AT_A_TIME:
        with scratch_folder("evercart-picture-") as folder:
            return await _taken(chromium, html, screen, folder)


async def _taken(chromium: Path, html: str, screen: Screen, folder: Path) -> bytes:
    page, taken = folder / "page.html", folder / "page.png"
    page.write_text(html, encoding="utf-8")
    width, height = SCREENS[screen]
    own = (f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}", f"--screenshot={taken}")
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    process = await asyncio.create_subprocess_exec(
        str(chromium), *OPTIONS, *as_root, *own, page.as_uri(), stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )
    try:
        async with asyncio.timeout(TAKES_AT_MOST_S):
            await process.wait()
    except TimeoutError:
        raise NoPictureError("The browser took too long") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, 9)
            await process.wait()
    if process.returncode != 0 or not taken.is_file():
        raise NoPictureError("The browser could not take a picture")
    return taken.read_bytes()
