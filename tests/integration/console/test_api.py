"""The figures and rules over HTTP: as documented, with the right key, of the right store."""

import csv
import io
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from libs.http.server_keys import NamedKey
from libs.postgres.pool import Pool
from services.console.web.api.schemas import (
    CountingRules,
    ExperimentFigures,
    FunnelFigures,
    MessageFigures,
    RevenueFigures,
)
from services.console.web.app import application
from services.console.web.deps import Services
from tests.integration.console.conftest import Console
from tests.support.answers import as_documented
from tests.unit.console.making import NOON, at, clicked, decided, named, placed, sent, store

KEY, WRITING, OTHER = "sk_that_reads_figures_of_the_shop", "sk_that_changes_rules_of_the_shop", "sk_of_another_shop"
DAY = NOON.date().isoformat()
KINDS: dict[str, type[BaseModel]] = {
    "funnel": FunnelFigures,
    "revenue": RevenueFigures,
    "campaigns": MessageFigures,
    "channels": MessageFigures,
    "experiments": ExperimentFigures,
}


def client(pool: Pool) -> httpx.AsyncClient:
    writing = NamedKey(name="reports", key=SecretStr(WRITING), scopes=frozenset({"figures:read", "figures:write"}))
    reading = NamedKey(name="reader", key=SecretStr(KEY), scopes=frozenset({"figures:read"}))
    keys: Any = {"shop": (reading, writing), "other": SecretStr(OTHER)}
    app = application(Services(pool, keys, lambda: at(hours=5)), {})
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://console.test")


def bearing(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
async def told(console: Console) -> Console:
    """Anna is reminded, clicks and orders; Ben is held out."""
    ben = {"customer_id": "ben", "cart_id": named("b"), "arm": "holdout", "outcome": "skipped", "reason": "holdout"}
    await console.receive(
        store(),
        decided("1", at(), arm="treatment", campaign="=cart"),
        decided("2", at(), **ben, campaign="=cart"),
        sent("1", at(seconds=1), campaign="=cart"),
        clicked("1", at(minutes=1), campaign="=cart"),
        placed("A1", at(minutes=2)),
    )
    await console.sums.round()
    return console


@pytest.mark.parametrize("kind", KINDS)
async def test_figures_are_answered_as_documented(told: Console, kind: str) -> None:
    async with client(told.pool) as http:
        answer = await http.get(f"/v1/stores/shop/figures/{kind}?until={DAY}", headers=bearing(KEY))
        assert answer.status_code == 200
        assert as_documented(answer.content, KINDS[kind])
        body = answer.json()
        assert (body["since"], body["until"]) == ("2026-10-27", DAY)
        assert body[next(name for name in body if name not in ("store_id", "since", "until", "as_of"))]
        of_other = await http.get(f"/v1/stores/other/figures/{kind}", headers=bearing(OTHER))
        assert "cart" not in of_other.text


@pytest.mark.parametrize("kind", KINDS)
async def test_figures_are_tables_too(told: Console, kind: str) -> None:
    async with client(told.pool) as http:
        answer = await http.get(f"/v1/stores/shop/figures/{kind}?format=csv", headers=bearing(KEY))
    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert lines
    names = {line.get("campaign") or line["key"] for line in lines}
    assert names <= {"'=cart", "email", "", None}, "a spreadsheet would run a formula"


async def test_a_row_of_revenue_says_what_it_is_credited_to(told: Console) -> None:
    async with client(told.pool) as http:
        answer = await http.get("/v1/stores/shop/figures/revenue?by=step&by_day=false", headers=bearing(KEY))
    assert [(row["day"], row["key"], row["net"]) for row in answer.json()["rows"]] == [(None, "=cart/1", 2000)]


@pytest.mark.parametrize("path", [*(f"figures/{kind}" for kind in KINDS), "figures/rules"])
async def test_nobody_reads_without_a_key_of_the_store(told: Console, path: str) -> None:
    async with client(told.pool) as http:
        for headers in ({}, bearing(OTHER), bearing("sk_")):
            assert (await http.get(f"/v1/stores/shop/{path}", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    "query", ["since=2026-11-03&until=2026-11-02", "since=2001-01-01&until=2026-11-02", "until=0001-01-01", "by=colour"]
)
async def test_days_that_are_none_are_refused(told: Console, query: str) -> None:
    async with client(told.pool) as http:
        answer = await http.get(f"/v1/stores/shop/figures/revenue?{query}", headers=bearing(KEY))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_shares_that_were_planned_are_held_against_what_is(told: Console) -> None:
    planned = "planned=%3Dcart/holdout:50&planned=%3Dcart/treatment:50"
    async with client(told.pool) as http:
        answer = await http.get(f"/v1/stores/shop/figures/experiments?{planned}", headers=bearing(KEY))
        assert answer.json()["experiments"][0]["sample_ratio"]["p_value"] == 1.0
        wrong = await http.get("/v1/stores/shop/figures/experiments?planned=half", headers=bearing(KEY))
        assert wrong.status_code == 422


async def test_a_window_that_is_changed_counts_for_what_was_before(told: Console) -> None:
    await told.receive(placed("A2", at(days=3)))
    await told.sums.round()
    one_day = {"window_days": 5, "channel_days": {"email": 1}}
    path = "/v1/stores/shop/figures/rules"
    async with client(told.pool) as http:
        credited = "SELECT order_id FROM orders WHERE credited_to IS NOT NULL ORDER BY 1"
        assert await told.rows(credited) == [("A1",), ("A2",)]
        answer = await http.put(path, json=one_day, headers=bearing(WRITING))
        assert answer.status_code == 200
        assert as_documented(answer.content, CountingRules)
        assert answer.json()["version"] == 1
        await told.sums.round()
        assert await told.rows(credited) == [("A1",)]


async def test_rules_are_kept_read_and_not_made_anew_when_nothing_changes(told: Console) -> None:
    path = "/v1/stores/shop/figures/rules"
    async with client(told.pool) as http:
        assert (await http.get(path, headers=bearing(WRITING))).json() == {
            "version": 0,
            "window_days": 5,
            "channel_days": {},
            "currency": None,
            "rates": [],
        }
        asked = {"currency": "EUR", "rates": [{"currency": "USD", "since": "2026-01-01", "rate": "0.91"}]}
        first = await http.put(path, json=asked, headers=bearing(WRITING))
        again = await http.put(path, json=asked, headers=bearing(WRITING))
        assert (first.json()["version"], again.json()["version"]) == (1, 1)
        assert (await http.get(path, headers=bearing(WRITING))).json() == first.json()
    assert await told.rows("SELECT made_by, made_at FROM counting_rules") == [("reports", at(hours=5))]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"window_days": 0}, 422),
        ({"window_days": 31}, 422),
        ({"channel_days": {"e mail": 3}}, 422),
        ({"currency": "EURO"}, 422),
        ({"rates": [{"currency": "USD", "since": "2026-01-01", "rate": "0"}]}, 422),
        ({"colour": "red"}, 422),
        ([], 422),
    ],
)
async def test_rules_that_can_t_be_followed_change_nothing(told: Console, body: object, status: int) -> None:
    async with client(told.pool) as http:
        answer = await http.put("/v1/stores/shop/figures/rules", json=body, headers=bearing(WRITING))
    assert answer.status_code == status
    assert await told.rows("SELECT 1 FROM counting_rules") == []


async def test_a_key_that_only_reads_changes_nothing(told: Console) -> None:
    async with client(told.pool) as http:
        answer = await http.put("/v1/stores/shop/figures/rules", json={}, headers=bearing(KEY))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:evercart:problem:insufficient-scope")
