"""Pictures by a browser: what it is told, and what is said where there is none or it fails."""

import asyncio
from pathlib import Path

import pytest

from services.notifier.handlers import pictures
from services.notifier.handlers.pictures import SCREENS, NoPictureError, picture

SHOOTS = """#!/bin/sh
for one in "$@"; do
  case "$one" in
    --screenshot=*) echo "$@" > "${one#--screenshot=}" ;;
  esac
done
"""


def browser(folder: Path, script: str) -> Path:
    path = folder / "chromium"
    path.write_text(script)
    path.chmod(0o700)
    return path


async def test_the_page_is_taken_as_wide_as_the_screen_without_scripts_and_without_a_network(tmp_path: Path):
    for screen, (width, height) in SCREENS.items():
        told = (await picture(browser(tmp_path, SHOOTS), "<p>Hello</p>", screen)).decode()
        assert f"--window-size={width},{height}" in told
        assert "--blink-settings=scriptEnabled=false" in told
        assert "MAP * ~NOTFOUND" in told
        assert "file:///" in told


@pytest.mark.parametrize("path", [None, Path("/nowhere/chromium")])
async def test_without_a_browser_that_is_said(path: Path | None):
    with pytest.raises(NoPictureError, match="NOTIFIER_CHROMIUM"):
        await picture(path, "<p>Hello</p>", "phone")


@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 3\n", "#!/bin/sh\nexit 0\n"])
async def test_a_browser_that_fails_is_said_to_have_failed(tmp_path: Path, script: str):
    with pytest.raises(NoPictureError, match="could not take"):
        await picture(browser(tmp_path, script), "<p>Hello</p>", "phone")


async def test_a_browser_that_hangs_is_ended_with_all_that_it_has_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pictures, "TAKES_AT_MOST_S", 0.1)
    hangs = browser(tmp_path, "#!/bin/sh\nsleep 600 &\nwait\n")
    with pytest.raises(NoPictureError, match="too long"):
        async with asyncio.timeout(60):
            await picture(hangs, "<p>Hello</p>", "phone")
