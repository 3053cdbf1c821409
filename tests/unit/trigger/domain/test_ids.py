"""Ids are made of facts, the same in each release: another id would tell everybody a second time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.trigger.domain.campaigns import CampaignFile, StoreCampaigns
from services.trigger.domain.decision import crossing_id, crossing_reminder_id
from services.trigger.domain.occasions import Occasion, decide_all, due
from services.trigger.domain.participation import Participants

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
CONFIRMED = {
    "name": "confirmed",
    "kind": "order_confirmed",
    "steps": [{"channel": "email", "template": "order_confirmed"}],
}


def test_the_id_of_a_crossing_and_of_what_is_told_of_it_is_the_one_it_always_was() -> None:
    crossing = crossing_id("low_stock", "shop", "low", "tea", 4)
    assert crossing == UUID("7eb63d3b-ed51-523d-a69a-d35d7263bc9f")
    assert crossing_reminder_id(crossing, UUID(int=8), "sms") == UUID("3114c05e-4a54-5019-9399-ed6e4abd6004")


def test_the_id_of_what_is_told_of_an_order_is_the_one_it_always_was() -> None:
    campaigns = StoreCampaigns.always(CampaignFile.model_validate({"campaigns": [CONFIRMED]}))
    order = Occasion("shop", "order.placed", "o-1", "anna", AT, 3, AT)
    [one] = decide_all(order, due(order, campaigns, AT + timedelta(hours=1)), AT, Participants())
    assert one.reminder_id == UUID("a52306c3-cd7f-5923-8dbf-6e271e01df1e")
