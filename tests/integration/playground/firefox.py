"""Firefox, driven by the protocol that it speaks itself (Marionette): nothing has to be installed beside it."""

import asyncio
import contextlib
import json
import os
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

from tests.support.eventually import eventually

FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox") or shutil.which("firefox-esr")
PATIENCE_S = 60
PREFERENCES = {
    "marionette.port": 0,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
    "ui.prefersReducedMotion": 1,
}
UNTIL = """const [found, done] = [arguments[0], arguments[1]];
const look = () => { try { if (eval(found)) return done(true); } catch { } setTimeout(look, 20); };
look();"""

# A proxy at which nobody answers: connections to this machine are made offline, too.
OFFLINE = """const [offline] = arguments;
Services.prefs.setBoolPref("network.proxy.allow_hijacking_localhost", offline);
Services.prefs.setStringPref("network.proxy.http", "127.0.0.1");
Services.prefs.setIntPref("network.proxy.http_port", 9);
Services.prefs.setIntPref("network.proxy.type", offline ? 1 : 0);
Services.io.offline = offline;
if (offline) Services.obs.notifyObservers(null, "net:cancel-all-connections");"""


class Firefox:
    """One browser with a profile, and so a storage, of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._ids = reader, writer, count(1)

    async def ask(self, name: str, **arguments: Any) -> Any:
        """One command of WebDriver, or of Marionette itself."""
        body = json.dumps([0, next(self._ids), name, arguments]).encode()
        self._writer.write(b"%d:%s" % (len(body), body))
        _, _, error, result = await self._heard()
        assert error is None, f"{name}: {error}"
        return result

    async def _heard(self) -> Any:
        async with asyncio.timeout(2 * PATIENCE_S):
            length = int((await self._reader.readuntil(b":"))[:-1])
            return json.loads(await self._reader.readexactly(length))

    async def run(self, script: str, *arguments: Any) -> Any:
        """What a script of the page returns."""
        return (await self.ask("WebDriver:ExecuteScript", script=script, args=arguments))["value"]

    async def until(self, expression: str) -> None:
        """Returns once the expression holds in the page."""
        await self.ask("WebDriver:ExecuteAsyncScript", script=UNTIL, args=[expression])

    async def click(self, selector: str) -> None:
        await self.until(f"document.querySelector({selector!r})")
        await self.run("document.querySelector(arguments[0]).click()", selector)

    async def set_offline(self, *, offline: bool) -> None:
        """As by "Work offline" in its menu, for this machine as well, to which it would go on speaking."""
        await self.ask("Marionette:SetContext", value="chrome")
        await self.run(OFFLINE, offline)
        await self.ask("Marionette:SetContext", value="content")


@contextlib.asynccontextmanager
async def a_firefox(profile: Path) -> AsyncIterator[Firefox]:
    """Runs until the block ends."""
    assert FIREFOX is not None
    profile.mkdir()
    preferences = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("\n".join(preferences))
    options = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile", str(profile)]
    home = os.environ | {"HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"}
    process = await asyncio.create_subprocess_exec(
        FIREFOX, *options, "about:blank", env=home, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", await _port(profile / "MarionetteActivePort"))
        browser = Firefox(reader, writer)
        await browser._heard()  # it greets
        await browser.ask("WebDriver:NewSession", strictFileInteractability=False)
        await browser.ask("WebDriver:SetTimeouts", script=PATIENCE_S * 1000, pageLoad=PATIENCE_S * 1000)
        yield browser
        writer.close()
    finally:
        process.terminate()
        await process.wait()


async def _port(told: Path) -> int:
    return int(await eventually(lambda: told.read_text().strip(), despite=FileNotFoundError))
