"""Every address of every service says what it does not know, except where others write the address."""

import re
from functools import cache
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from tests.contract.documents import cart_app, checked_in, console_app, notifier_app, trigger_app

APPS = {
    "cart": cache(cart_app),
    "notifier": cache(notifier_app),
    "trigger": cache(trigger_app),
    "console": cache(console_app),
}
"""What makes each; a worker that gets none of these tests makes none."""
DOCUMENTS = {service: checked_in(service) for service in APPS}
TOLERANT = {
    "/u/{token}",
    "/p/{token}",
    "/c/{token}",
    "/h/{token}",
    "/o/{key}.gif",
    "/y/{token}",
    "/m/{token}",
    "/s/{token}",
    "/twilio/inbound",
    *(f"/{one}/events" for one in ("twilio", "vonage", "ses", "resend", "postmark", "sendgrid", "mailgun")),
    "/health/live",
    "/health/ready",
    "/metrics",
}
"""Mail programs and campaigns add to links, providers and probes to what they call."""
CALLS = [
    (service, method, path)
    for service, document in DOCUMENTS.items()
    for path, operations in document["paths"].items()
    for method in operations
]


async def asked(app: ASGIApp, method: str, path: str, query: str) -> httpx.Response:
    address = re.sub(r"\{[a-z_]+\}", "x", path)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://x.test") as http:
        return await http.request(method, f"{address}?{query}")


@pytest.mark.parametrize(("service", "method", "path"), CALLS)
async def test_an_unknown_parameter_is_refused_by_its_name(service: str, method: str, path: str) -> None:
    """Story: `?limti=10` was answered with everything, and `?status=open` was no filter but looked like one."""
    answer = await asked(APPS[service](), method, path, "limti=10")
    body: dict[str, Any] = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    refused = body.get("type") == "urn:evercart:problem:unknown-parameter"
    assert refused == (path not in TOLERANT)
    if refused:
        assert (answer.status_code, body["parameters"]) == (400, ["limti"])
        assert "400" in DOCUMENTS[service]["paths"][path][method]["responses"]


@pytest.mark.parametrize(("service", "method", "path"), CALLS)
async def test_a_parameter_that_is_described_is_known(service: str, method: str, path: str) -> None:
    described = DOCUMENTS[service]["paths"][path][method]["parameters"]
    query = "&".join(f"{one['name']}=1" for one in described if one.get("in") == "query")
    answer = await asked(APPS[service](), method, path, query)
    assert "unknown-parameter" not in answer.text


async def test_a_refusal_is_told_to_the_pages_that_may_hear_it_and_counted_by_its_route() -> None:
    transport = httpx.ASGITransport(APPS["cart"]())
    async with httpx.AsyncClient(transport=transport, base_url="http://x.test") as http:
        answer = await http.get("/v1/stores/demo/cart?x=1", headers={"Origin": "https://elsewhere.example"})
        figures = (await http.get("/metrics")).text
    assert (answer.status_code, answer.headers["vary"]) == (400, "Origin")
    assert 'route="/v1/stores/{store_id}/cart",status="400"' in figures


@pytest.mark.parametrize("path", ["/docs?x=1", "/openapi.json?x=1", "/problems?x=1", "/sdk/evercart.js?v=3"])
async def test_pages_and_files_take_anything(path: str) -> None:
    assert (await asked(APPS["cart"](), "GET", *path.split("?"))).status_code == 200
