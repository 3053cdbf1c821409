"""When steps with windows are due, and that no two of them ever go out together."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.files.yaml_file import parse
from services.trigger.campaigns.registry import CampaignFileError
from services.trigger.domain.campaigns import CampaignFile
from services.trigger.domain.timing.schedule import Schedule
from services.trigger.domain.timing.steps import Step
from tests.unit.trigger.domain.timing.test_windows import ZONES, at, moments
from tests.unit.trigger.making import kind_names

ALL_KINDS = ", ".join(f"'{name}'" for name in kind_names())

BY_DAY = {"between": ["09:00", "20:00"], "days": "mon-sat", "zone": "Europe/Warsaw"}


def step(delay: str, window: dict[str, Any] | None = None, **more: Any) -> Step:
    return Step.model_validate({"delay": delay, "channel": "email", "template": "a", "at": window} | more)


def laid_out(quiet_since: datetime, *steps: Step) -> list[tuple[datetime, datetime, str | None]]:
    return [(slot.due_at, slot.expires_at, slot.skip) for slot in Schedule(steps).slots(quiet_since)]


def test_a_cart_that_is_left_in_the_evening_is_reminded_of_in_the_morning() -> None:
    [(due, expires, skip)] = laid_out(at("2026-03-02T19:30"), step("1h", BY_DAY, lateness="6h"))
    assert (due, expires, skip) == (at("2026-03-03T09:00"), at("2026-03-03T15:00"), None)


def test_what_is_late_is_not_sent_at_night() -> None:
    [(due, expires, _)] = laid_out(at("2026-03-02T18:00"), step("1h", BY_DAY, lateness="6h"))
    assert (due, expires) == (at("2026-03-02T19:00"), at("2026-03-02T20:00"))


def test_a_step_that_would_wait_until_the_next_is_due_gives_way_to_it() -> None:
    saturday = at("2026-03-07T19:30")
    found = laid_out(saturday, step("1h", BY_DAY), step("24h"))
    assert [(due, skip) for due, _, skip in found] == [
        (at("2026-03-09T09:00"), "next_step_due"),
        (at("2026-03-08T19:30"), None),
    ]
    both = laid_out(saturday, step("1h", BY_DAY), step("24h", BY_DAY))
    assert [skip for _, _, skip in both] == ["next_step_due", None], "one message on Monday morning, not two"


def test_a_step_expires_before_the_next_is_due() -> None:
    [first, _] = laid_out(at("2026-03-02T20:30"), step("1h", BY_DAY, lateness="6h"), step("14h"))
    assert first == (at("2026-03-03T09:00"), at("2026-03-03T10:30"), None)


def test_without_windows_steps_are_as_they_always_were() -> None:
    found = laid_out(at("2026-03-02T20:30"), step("1h", lateness="6h"), step("24h"))
    assert found == [
        (at("2026-03-02T21:30"), at("2026-03-03T03:30"), None),
        (at("2026-03-03T20:30"), at("2026-03-04T08:30"), None),
    ]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-07", "2026-10-03", "2026-10-24", "2026-10-31"])
def test_a_step_of_all_day_keeps_its_lateness_over_midnight(day: str, zone: str) -> None:
    """Also in the nights in which the clocks change."""
    all_day = {"between": ["00:00", "00:00"], "zone": zone}
    near = at(f"{day}T23:55", zone)
    [slot] = Schedule([step("1h", all_day)]).slots(near - timedelta(hours=1))
    assert (slot.due_at, slot.expires_at) == (near, near + timedelta(hours=12))


windows = st.none() | st.builds(
    lambda start, length, days, zone: {
        "between": [f"{start:02}:00", f"{(start + length) % 24:02}:30"],
        "days": sorted(days),
        "zone": zone,
    },
    st.integers(0, 23),
    st.integers(0, 23),
    st.sets(st.sampled_from(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]), min_size=1),
    st.sampled_from(ZONES),
)


@given(moments, st.lists(st.tuples(st.integers(1, 72), windows), min_size=1, max_size=5))
def test_no_two_steps_ever_go_out_together(quiet_since: datetime, drawn: list[tuple[int, Any]]) -> None:
    hours, steps = 0, list[Step]()
    for more, window in drawn:
        hours += more
        steps.append(step(f"{hours}h", window))
    slots = list(Schedule(steps).slots(quiet_since))
    sent = [slot for slot in slots if slot.skip is None]
    assert sent, "the last is always sent"
    assert sent[-1].number == len(steps)
    for slot in slots:
        assert slot.due_at >= quiet_since + slot.step.delay
        assert slot.expires_at >= slot.due_at
        if slot.step.at is not None:
            assert slot.step.at.open_from(slot.due_at)[0] == slot.due_at
    for earlier, later in itertools.pairwise(sent):
        assert earlier.due_at < later.due_at
        assert earlier.expires_at <= later.due_at


FILE = """
timezone: Europe/Warsaw
campaigns:
  - name: cart
    kind: abandoned_cart
    steps:
      - {delay: 1h, channel: email, template: a, at: {between: ["09:00", "20:00"]}}
"""


def test_a_window_is_in_the_zone_of_the_file_unless_it_names_one() -> None:
    def due(text: str) -> datetime:
        [campaign] = parse(text, "shop.yaml", CampaignFile).campaigns
        [slot] = Schedule(campaign.steps).slots(datetime(2026, 3, 2, 0, 0, tzinfo=UTC))  # type: ignore[attr-defined]
        found: datetime = slot.due_at
        return found

    assert due(FILE) == at("2026-03-02T09:00")
    own = FILE.replace('"20:00"]}', '"20:00"], zone: Asia/Tokyo}')
    assert due(own) == datetime(2026, 3, 2, 1, 0, tzinfo=UTC), "ten in the morning there"


def test_a_window_without_any_zone_is_refused() -> None:
    with pytest.raises(CampaignFileError, match="needs a zone"):
        parse(FILE.replace("timezone: Europe/Warsaw\n", ""), "shop.yaml", CampaignFile)


def test_everything_that_is_wrong_with_a_file_is_told_at_once_and_nothing_else() -> None:
    text = """
timezone: Europe/Warschau
campaigns:
  - name: a
    kind: abandoned_cart
    enter: {total: {EURO: 5, EUR: [5, 3]}}
    split: {holdout: 10, arms: {x: 50}}
    steps:
      - {delay: 1h, channel: fax, template: t}
  - {name: b, kind: birthday}
  - name: b
    kind: abandoned_cart
    steps: [{delay: 1h, channel: email, template: t, when: {arm: x}}]
"""
    with pytest.raises(CampaignFileError) as caught:
        parse(text, "shop.yaml", CampaignFile)
    assert str(caught.value).splitlines() == [
        "shop.yaml:2: timezone: not a time zone of the IANA database, such as Europe/Warsaw",
        "shop.yaml:6: campaigns.1.enter.total.EUR: the most is less than the least",
        "shop.yaml:6: campaigns.1.enter.total.EURO: 'EURO' is not a currency of ISO 4217 such as EUR",
        "shop.yaml:7: campaigns.1.split: holdout and arms come to 60, not to 100",
        "shop.yaml:9: campaigns.1.steps.1.channel: Input should be 'email', 'sms', 'whatsapp' or 'telegram'",
        "shop.yaml:10: campaigns.2: Input tag 'birthday' found using 'kind' does not match any of the expected tags: "
        + ALL_KINDS,
        "shop.yaml:11: campaigns.3.name: two campaigns are named b",
        "shop.yaml:13: campaigns.3.steps.1.when.arm: no arm of the split is named x",
    ]


def test_a_lateness_holds_where_no_window_limits_it() -> None:
    [(due, expires, _)] = laid_out(at("2026-03-02T09:30"), step("1h", BY_DAY))
    assert expires - due == timedelta(hours=9, minutes=30), "until the window closes"


def test_each_step_with_a_window_is_late_by_what_it_says_itself() -> None:
    steps = (step("1h", BY_DAY, lateness="30m"), step("24h", BY_DAY, lateness="2h"), step("48h", BY_DAY, lateness="3h"))
    found = laid_out(at("2026-03-02T09:00"), *steps)
    assert [expires - due for due, expires, _ in found] == [timedelta(hours=hours) for hours in (0.5, 2, 3)]
