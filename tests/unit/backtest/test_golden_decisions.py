"""What the campaigns that ship decide on recorded traffic stays as it is, release by release: which episodes there are,
when each step is due, what becomes of it, and under which id. A changed digest is a change that the changelog tells.
"""

import hashlib
import os
from datetime import UTC
from pathlib import Path

import pytest

from deploy.traffic.trace import last_moment, rows
from deploy.traffic.trace_events import cart_events
from services.trigger.campaigns import registry
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.decision import Decision

ROOT = Path(__file__).parents[3]
SHIPPED = StoreCampaigns.always(registry.load_campaigns(ROOT / "services/trigger/campaigns/default.yaml"))
TRACES = "EVERCART_TRACES"
"""The folder with the recorded traces: their terms keep them out of here."""


def decided(path: Path) -> list[Decision]:
    until = last_moment(path)
    assert until is not None
    return list(decisions(cart_events(rows(path), "shop"), SHIPPED, until))


def digest(found: list[Decision]) -> str:
    """Of every decision, in their order."""
    whole = hashlib.sha256()
    for one in found:
        due_at = one.due_at.astimezone(UTC).isoformat()
        told = (one.customer_id, one.cart_id, one.cart_version, one.campaign, one.step, one.channel, due_at)
        whole.update(repr((*told, one.outcome, one.reason, one.reminder_id)).encode())
    return whole.hexdigest()[:16]


def test_the_campaigns_that_ship_decide_on_the_example_trace_as_they_always_did() -> None:
    found = decided(ROOT / "deploy/backtest/example/trace.csv")
    assert digest(found) == "fec34c6ec8a06304"


@pytest.mark.parametrize(
    ("trace", "number", "golden"),
    [("taobao_cart_events", 14_045, "b0f4cabb37400325"), ("rees46_cosmetics_mini", 3_771, "374c76eceab34f4b")],
)
def test_the_campaigns_that_ship_decide_on_recorded_traces_as_they_always_did(
    trace: str, number: int, golden: str
) -> None:
    """Customers, steps, due times, outcomes and reasons are those of 2026-11-29, before ids went by the step's name."""
    folder = os.environ.get(TRACES)
    if folder is None:
        pytest.skip(f"{TRACES} does not name the folder with the recorded traces, which may not be copied into here")
    found = decided(Path(folder) / f"{trace}.csv.gz")
    assert len(found) == number
    assert digest(found) == golden
