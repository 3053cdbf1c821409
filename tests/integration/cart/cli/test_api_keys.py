"""Keys that are made at the command line, beside a running service."""

import asyncio
import os
import subprocess
import sys

import pytest

from deploy.commands.keys_over_http import keys_over_http
from deploy.local.errors import LocalStackError
from libs.http.serve import serve
from services.cart.auth.key_cache import KeyCacheRefresh
from tests.integration.cart.shop import Shop, done, refused
from tests.support.serving import free_port, listening


def keys(dsn: str | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "CART_DATABASE_URL"}
    given = {} if dsn is None else {"CART_DATABASE_URL": dsn}
    command = [sys.executable, "-m", "services.cart.cli.api_keys", *arguments]
    return subprocess.run(command, env=environment | given, capture_output=True, text=True, check=False)


def told(dsn: str, *arguments: str) -> str:
    """What the standard output says of a command that must succeed."""
    ran = keys(dsn, *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


async def test_a_key_lives_from_its_making_to_its_end_at_the_command_line(shop: Shop, dsn: str):
    watch = KeyCacheRefresh(shop.pool, shop.callers[0].keys)
    first = told(dsn, "create", "erp", "--store", "shop", "--scope", "orders:write", "--scope", "audit:read")
    await watch.refresh()
    await shop.server(first).order("1")
    key_id = first.split("_")[1]
    second = told(dsn, "rotate", key_id, "--grace-hours", "0")
    await watch.refresh()
    refused(await shop.server(first).ask("POST", "/orders", {"order_id": "2"}), 401, "unauthorized")
    await shop.server(second).order("2")
    listed = told(dsn, "list", "--store", "shop")
    assert key_id in listed
    assert "orders:write" in listed
    assert first not in listed
    entries = done(await shop.server(second).ask("GET", "/audit"))["entries"]
    assert [entry["action"] for entry in entries] == ["key.rotated", "key.created"]
    assert all(entry["actor"].startswith("cli:") for entry in entries)
    told(dsn, "revoke", key_id)
    await watch.refresh()
    refused(await shop.server(second).ask("POST", "/orders", {"order_id": "3"}), 401, "unauthorized")
    assert told(dsn, "list", "--store", "shop") == ""


async def test_a_key_of_no_store_opens_them_all(shop: Shop, dsn: str):
    secret = told(dsn, "create", "ops", "--scope", "all")
    await KeyCacheRefresh(shop.pool, shop.callers[0].keys).refresh()
    await shop.server(secret).order("1")
    await shop.server(secret, "other").order("1")
    done(await shop.clients[0].get("/v1/stores", headers={"Authorization": f"Bearer {secret}"}))


async def test_a_storefront_s_key_is_made_for_its_pages(shop: Shop, dsn: str):
    key = told(dsn, "create", "web", "--store", "shop", "--publishable", "--origin", "https://shop.test")
    assert key.startswith("pk_")
    await KeyCacheRefresh(shop.pool, shop.callers[0].keys).refresh()
    done(await shop.customer().ask("GET", "/cart", X_Publishable_Key=key, Origin="https://shop.test"))
    refused(await shop.customer().ask("GET", "/cart"), 401, "publishable-key-required")


def test_what_makes_no_sense_is_told_in_a_sentence_and_changes_nothing(dsn: str):
    for wrong in (
        ("create", "x", "--store", "shop"),
        ("create", "x", "--store", "shop", "--scope", "everything"),
        ("create", "x", "--publishable", "--origin", "https://shop.test"),
        ("create", "x", "--store", "shop", "--publishable", "--origin", "*"),
        ("rotate", "0123456789abcdef"),
        ("revoke", "0123456789abcdef"),
    ):
        ran = keys(dsn, *wrong)
        assert ran.returncode != 0, wrong
        assert "Traceback" not in ran.stderr, wrong
        assert ran.stdout == ""
    assert told(dsn, "list", "--store", "shop") == ""


def test_it_says_what_it_needs():
    assert "CART_DATABASE_URL" in keys(None, "list").stderr
    unreachable = keys("postgresql://nobody@127.0.0.1:1/cart", "list").stderr
    assert "can't be used" in unreachable
    assert "Traceback" not in unreachable


async def test_a_store_s_keys_are_kept_over_http_too(shop: Shop, dsn: str, capsys: pytest.CaptureFixture[str]):
    """Story: who ran the service elsewhere had to open its database to the world to make a key."""
    watch = KeyCacheRefresh(shop.pool, shop.callers[0].keys)
    keeper = told(dsn, "create", "keeper", "--store", "shop", "--scope", "keys:write", "--scope", "orders:write")
    await watch.refresh()
    port = free_port()
    serving = asyncio.create_task(serve(shop.apps[0], "127.0.0.1", port))
    await listening(port, serving)

    async def asked(*arguments: str) -> str:
        url, _ = f"http://127.0.0.1:{port}", capsys.readouterr()
        await asyncio.to_thread(keys_over_http, url, keeper, [*arguments, "--store", "shop"])
        return capsys.readouterr().out.strip()

    try:
        first = await asked("create", "erp", "--scope", "orders:write")
        await shop.server(first).order("1")
        key_id = first.split("_")[1]
        second = await asked("rotate", key_id, "--grace-hours", "0")
        refused(await shop.server(first).ask("POST", "/orders", {"order_id": "2"}), 401, "unauthorized")
        await shop.server(second).order("2")
        assert await asked("list") == told(dsn, "list", "--store", "shop")
        assert await asked("revoke", key_id) == ""
        refused(await shop.server(second).ask("POST", "/orders", {"order_id": "3"}), 401, "unauthorized")
        with pytest.raises(LocalStackError, match="key-scope-exceeded"):
            await asked("create", "all", "--scope", "all")
        with pytest.raises(LocalStackError, match="name: String should"):
            await asked("create", "")
    finally:
        serving.cancel()
        await asyncio.wait([serving])
