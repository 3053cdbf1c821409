"""What follows an order goes out when it is day where its customer is, as far as that is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.contracts.events import Event, OrderPlaced
from libs.runtime.ids import uuid7
from services.trigger.domain.backtest import decisions
from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.occasions import Begun, Occasion, Viewed, apply, next_at
from tests.unit.trigger.making import reached

NIGHT = datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
NINE = {"between": ["09:00", "20:00"]}


def thanks(**at: Any) -> StoreCampaigns:
    step = {"delay": "1s", "channel": "email", "template": "t", "lateness": "30d", "at": NINE | at}
    told = {"name": "thanks", "kind": "post_purchase", "steps": [step]}
    return StoreCampaigns.always(CampaignFile.model_validate({"timezone": "Europe/Warsaw", "campaigns": [told]}))


BY_RECIPIENT = thanks(zone="recipient")
PLACED = Occasion("shop", "order.placed", "1", "anna", NIGHT, 0, NIGHT, {"order_id": "1"})


def utc(hour: int) -> datetime:
    return NIGHT.replace(hour=hour, minute=0)


@pytest.mark.parametrize(
    ("campaigns", "zone", "hour"),
    [
        (BY_RECIPIENT, None, 8),
        (BY_RECIPIENT, "America/New_York", 13),
        (BY_RECIPIENT, "Asia/Tokyo", None),
        (thanks(), "America/New_York", 8),
        (thanks(zone="Europe/London"), "America/New_York", 9),
    ],
)
def test_a_window_opens_where_the_customer_is(campaigns: StoreCampaigns, zone: str | None, hour: int | None) -> None:
    due = next_at(replace(PLACED, zone=zone), campaigns)
    assert due == (NIGHT + timedelta(seconds=1) if hour is None else utc(hour))


@pytest.mark.parametrize(
    "change", [Begun(PLACED.key, "anna", NIGHT), Viewed(("shop", "product.viewed", "anna"), "anna", NIGHT, ("tea",))]
)
def test_what_begins_is_where_its_customer_is(change: Begun | Viewed) -> None:
    for zone in (None, "Asia/Tokyo"):
        found = apply(None, change, 0, zone)
        assert found is not None
        assert found.zone == zone


def test_only_where_a_window_asks_for_it_it_is_looked_up() -> None:
    assert BY_RECIPIENT.occasions_by_zone_of_recipient
    assert not BY_RECIPIENT.by_zone_of_recipient
    assert not thanks().occasions_by_zone_of_recipient


@pytest.mark.parametrize(("zone", "hour"), [(None, 8), ("America/New_York", 13), ("Nowhere/Land", 8)])
def test_a_backtest_goes_by_where_the_customer_was_by_then(zone: str | None, hour: int) -> None:
    facts = {"event_id": uuid7(), "occurred_at": NIGHT, "store_id": "shop", "customer_id": "anna", "order_id": "1"}
    before = NIGHT - timedelta(hours=1)
    told: list[Event] = [reached("anna", timezone=zone, occurred_at=before), OrderPlaced.model_validate(facts)]
    [one] = decisions(told, BY_RECIPIENT, NIGHT + timedelta(days=2))
    assert (one.due_at, one.outcome) == (utc(hour), "would_send")
