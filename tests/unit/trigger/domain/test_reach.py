"""Whoever can't be reached is left out, with that as the reason; windows open where the recipient is."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from services.trigger.domain.batch import apply_batch
from services.trigger.domain.carts import CartState, apply
from services.trigger.domain.episodes import next_at, plan, wake
from services.trigger.domain.participation import Participants
from services.trigger.domain.reach import UNREACHABLE, Reach
from services.trigger.domain.timing.windows import Window
from tests.unit.trigger.making import STORE, T0, added, after, campaigns, claimed, noted

ONE = """
{zone}
campaigns:
  - name: cart
    kind: abandoned_cart
    {more}
    steps: [{{delay: 1h, channels: [{channels}], template: t{at}}}]
"""
AT = ', at: {between: ["09:00", "20:00"], zone: recipient}'


def on(channels: str = "email, sms", zone: str = "timezone: Europe/Warsaw", at: str = "", more: str = ""):
    return campaigns(ONE.format(channels=channels, zone=zone, at=at, more=more))


def cart(reach: Reach | None) -> CartState:
    return apply(None, added())._replace(reach=reach)


def reason(reach: Reach | None, channels: str, more: str = "") -> str:
    (decided,) = wake(cart(reach), on(channels, more=more), after(hours=2), after(hours=1), Participants()).decisions
    return decided.reason


@pytest.mark.parametrize(
    ("reach", "channels", "expected"),
    [
        (None, "email", "idle"),
        (Reach(True, False), "email", "idle"),
        (Reach(False, True), "email", UNREACHABLE),
        (Reach(True, False), "sms", UNREACHABLE),
        (Reach(False, True), "email, sms", "idle"),
        (Reach(False, False), "email, sms", UNREACHABLE),
        (Reach(False, False), "whatsapp", "idle"),
        (Reach(False, False, channels=()), "whatsapp", UNREACHABLE),
        (Reach(True, True, channels=("telegram",)), "whatsapp", UNREACHABLE),
        (Reach(False, False, channels=("telegram",)), "sms, telegram", "idle"),
        (Reach(True, False, channels=()), "whatsapp, email", "idle"),
    ],
)
def test_who_can_be_reached_by_none_of_a_steps_channels_is_left_out(reach, channels, expected):
    assert reason(reach, channels) == expected


def test_a_channel_of_which_nothing_is_told_may_be_open():
    assert Reach(False, False).by_any(["push"])
    assert not Reach(False, False, channels=["telegram"]).by_any(["push"])
    assert Reach(False, False, channels=["push"]).by_any(["push"]), "whatever stores call their own"


def test_who_can_not_be_reached_enters_no_campaign():
    """Story: half of the holdout had never left an address, and the figures told nothing."""
    known = Participants()
    (decided,) = wake(
        cart(Reach(False, False)), on(more="split: {holdout: 10}"), after(hours=2), after(hours=1), known
    ).decisions
    assert (decided.reason, known.changed) == (UNREACHABLE, {})


def test_it_stays_known_while_the_customer_is_the_same_and_not_when_another_comes():
    state = cart(Reach(True, False))
    assert apply(state, noted()).reach == Reach(True, False)
    assert apply(state, claimed()).reach is None


def due(reach: Reach | None) -> datetime | None:
    """Of a cart that went quiet at noon in UTC: the step waits for nine o'clock where it is after eight."""
    return next_at(cart(reach), on(at=AT))


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Europe/Warsaw", "2026-03-01T13:00Z"),
        ("Asia/Tokyo", "2026-03-02T00:00Z"),
        ("America/Los_Angeles", "2026-03-01T17:00Z"),
        ("Mars/Olympus", "2026-03-01T13:00Z"),
        (None, "2026-03-01T13:00Z"),
    ],
)
def test_a_window_opens_where_the_recipient_is_or_where_the_shop_is_if_that_is_not_known(zone, at):
    assert due(Reach(True, True, zone)) == datetime.fromisoformat(at)
    assert due(None) == T0 + timedelta(hours=1)


def test_a_batch_plans_by_where_its_customers_are():
    reach = {(STORE, "customer-a"): Reach(True, True, "Asia/Tokyo")}
    outcome = apply_batch({}, [(added(), 0), (added("b"), 0)], lambda _: on(at=AT), reach=reach)
    assert [one.state.reach for one in outcome.changed.values()] == [reach[STORE, "customer-a"], None]


@pytest.mark.parametrize(("at", "hangs"), [(AT, True), (', at: {between: ["09:00", "20:00"]}', False), ("", False)])
def test_only_windows_of_recipients_hang_on_where_they_are(at, hangs):
    assert on(at=at).by_zone_of_recipient is hangs


def test_a_window_of_recipients_needs_a_zone_for_those_of_whom_none_is_known():
    with pytest.raises(Exception, match="give it a timezone"):
        on(zone="", at=AT)
    (planned,) = plan(cart(None), on(zone="", at=AT.replace("recipient", "recipient, elsewhere: UTC")))
    assert planned.due_at == T0 + timedelta(hours=1)


def test_elsewhere_goes_with_recipients_alone():
    with pytest.raises(ValidationError, match="elsewhere goes with"):
        Window.model_validate({"zone": "UTC", "elsewhere": "UTC"})
    told = Window.model_validate({"zone": "recipient"}).in_zone("UTC")
    assert (told.zone, told.elsewhere) == ("recipient", "UTC")
    assert told.in_zone("Asia/Tokyo") == told
    assert told.open_from(datetime(2026, 3, 1, tzinfo=UTC))[0] == datetime(2026, 3, 1, tzinfo=UTC)
