"""The process keeps the word of its OpenAPI document, whatever schemathesis sends as anonymous, customer and server.

Every check is on. `python -m pytest` with the path of this file shows each failure with its request.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.cart.main import MIGRATIONS
from tests.integration.cart.shop import JWT_KEY, LINE, SECRET_KEY, TOKEN_SECRET, Visitor, customer_token, done
from tests.support.forks import Forks
from tests.support.serving import free_port, ready

STORE = {
    "name": "Shop",
    "currency": "EUR",
    "jwt_key": JWT_KEY,
    "secret_keys": [SECRET_KEY],
    "recovery_url": "https://shop.test/cart/{token}",
}
RULES_BEYOND_A_SCHEMA = {
    "place_order": "cart_version needs cart_id",
    "update_order": "which facts give a cart back",
    "set_profile": "time zones, countries, regions, phone numbers, e-mail addresses",
    "set_handle": "phone numbers, channels that have fields of their own",
    "leave_contact": "time zones, countries, regions, e-mail addresses, phone numbers, handles",
    "set_watch": "the same of a contact",
    "change_lines": "what is left of a name without the blanks around it",
    "change_lines_of_customer": "the same, and ids of guests",
    "make_key": "what each kind of key needs",
}
"""Operations that may answer 422 to what their schema allows: the rule is one that JSON Schema has no words for."""
ACCEPTING = ["2xx", "3xx", "401", "403", "404", "409", "410", "412"]
"""Answers to a valid request: 410 and 412 say what has become of a link, a merge or a cart."""
REFUSING = ["400", "401", "403", "404", "405", "409", "413", "422"]
"""Answers to an invalid request."""
pytestmark = pytest.mark.timeout(600)  # thousands of calls, on machines that may be busy
ROW_BY_ROW = ("set_levels", "set_prices")
"""Operations that answer 200 and tell of each faulty row."""
CONFIG = """
base-url = "{url}"
hooks = "{hooks}"
max-stream-events = 1
request-timeout = 20
[parameters]
"header.X-Cart-Id" = "019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10"
{parameters}
[checks.positive_data_acceptance]
expected-statuses = {accepting}
[checks.negative_data_rejection]
expected-statuses = {refusing}
[phases.fuzzing.extra-data-sources]
responses = false
[phases.coverage.extra-data-sources]
responses = false
"""
OPERATION = """
[[operations]]
include-operation-id = "{operation}"
[operations.checks.{check}]
{rule}
"""
AUTH = """
[auth.openapi.{scheme}]
bearer = "{token}"
"""


@asynccontextmanager
async def serving(forks: Forks, dsn: str) -> AsyncIterator[str]:
    """The real process on a database of its own; gives its URL."""
    port = free_port()
    environment = os.environ | {
        "CART_DATABASE_URL": dsn,
        "CART_PORT": str(port),
        "CART_TOKEN_SECRET": TOKEN_SECRET,
        "CART_STORES": json.dumps({"shop": STORE}),
        "CART_RATE_LIMITS": "false",
    }
    url = f"http://127.0.0.1:{port}"
    with forks.run("services.cart.main", "migrate", "api", env=environment, log=Path(os.devnull)) as process:
        async with httpx.AsyncClient(base_url=url, timeout=60) as http:
            await ready(http, process)
        yield url


async def scenery(url: str) -> dict[str, Any]:
    """Things that are there, by the name of their parameter; without them most answers would be 404."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        anna = Visitor(http, {"Authorization": f"Bearer {customer_token('anna')}"})
        server = Visitor(http, {"Authorization": f"Bearer {SECRET_KEY}"})
        cart = done(await anna.ask("POST", "/cart/lines", LINE))
        look = await server.look(cart["id"])
        key = done(await server.ask("POST", "/keys", {"name": "till", "scopes": ["carts:read"]}), 201)
        done(await server.ask("PUT", "/customers/anna/identities/loyalty-4711"))
        erasure = done(await server.ask("POST", "/customers/zoe/erasure"), 202)
        return {
            "line_id": cart["lines"][0]["line_id"],
            "cart_id": cart["id"],
            "customer_id": "anna",
            "identity": "loyalty-4711",
            "key_id": key["key_id"],
            "erasure_id": erasure["erasure_id"],
            "token": look["recovery_url"].rpartition("/")[2],
        }


async def successes(url: str) -> float:
    """How many requests the process answered well, by its own figures."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        figures = (await http.get("/metrics")).text
    return sum(map(float, re.findall(r'^evercart_cart_requests_total\{.*status="2.."\} (\S+)', figures, re.MULTILINE)))


def config(url: str, known: dict[str, Any], auth: str) -> str:
    parameters = {"store_id": "shop"} | known
    text = CONFIG.format(
        url=url,
        hooks=Path(__file__).with_name("schemathesis_hooks.py"),
        parameters="\n".join(f'"path.{name}" = "{value}"' for name, value in parameters.items()),
        accepting=json.dumps(ACCEPTING),
        refusing=json.dumps(REFUSING),
    )
    exceptions = [expecting(name, "positive_data_acceptance", [*ACCEPTING, "422"]) for name in RULES_BEYOND_A_SCHEMA]
    exceptions += [expecting(name, "negative_data_rejection", [*REFUSING, "200"]) for name in ROW_BY_ROW]
    return text + auth + "".join(exceptions)


def expecting(operation: str, check: str, statuses: list[str]) -> str:
    return OPERATION.format(operation=operation, check=check, rule=f"expected-statuses = {json.dumps(statuses)}")


@pytest.mark.parametrize("caller", ["anonymous", "customer", "server"])
async def test_the_document_holds(
    forks: Forks, make_database: Callable[[Path], str], tmp_path: Path, caller: str
) -> None:
    async with serving(forks, make_database(MIGRATIONS)) as url:
        known = {} if caller == "anonymous" else await scenery(url)
        credentials = {"customer": customer_token("anna"), "server": SECRET_KEY}
        auth = AUTH.format(scheme=caller, token=credentials[caller]) if caller in credentials else ""
        (tmp_path / "schemathesis.toml").write_text(config(url, known, auth), encoding="utf-8")
        command = [str(Path(sys.executable).with_name("st")), "run", f"{url}/openapi.json", "--no-color"]
        # to whom nearly everything is closed, systematic coverage of bodies says nothing
        phases = "examples,fuzzing" if caller == "anonymous" else "examples,coverage,fuzzing"
        command += ["--checks=all", f"--phases={phases}", "--max-examples=5", "--continue-on-failure"]
        command += ["--generation-deterministic", "--warnings=off"]
        command += [] if caller == "anonymous" else [f"--include-tag={caller if caller == 'server' else 'shopper'}s"]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, _ = await process.communicate()
        reached = await successes(url)
    assert reached > (1 if caller == "anonymous" else 50), "most calls never got past the door"
    assert process.returncode == 0, said.decode()
