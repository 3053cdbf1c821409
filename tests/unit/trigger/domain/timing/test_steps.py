"""What a step may say, and which arm of an A/B test a customer is in."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.contracts.events import CouponFrom
from services.trigger.domain.coupons import Pool, pool_of
from services.trigger.domain.timing.schedule import lateness_budgets
from services.trigger.domain.timing.steps import Content, Message, PromptStep, Step, Steps, Variant

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
PLAIN = {"channel": "email", "template": "plain"}
CONTROL, BOLD = {"name": "control", "weight": 3}, {"name": "bold", "weight": 1, "template": "bold", "coupon": "BACK10"}


def steps(*said: dict[str, Any]) -> tuple[Step, ...]:
    return TypeAdapter(Steps).validate_python([PLAIN | one for one in said])


@pytest.mark.parametrize("kind", [Message, Variant])
def test_a_coupon_has_1_to_64_characters(kind: type[Message | Variant]) -> None:
    plain: dict[str, Any] = PLAIN if kind is Message else CONTROL
    for coupon in ("x", "x" * 64):
        assert kind.model_validate(plain | {"coupon": coupon}).coupon == coupon
    for coupon in ("", "x" * 65):
        with pytest.raises(ValidationError, match="coupon"):
            kind.model_validate(plain | {"coupon": coupon})


@pytest.mark.parametrize("kind", [Message, Variant])
def test_a_coupon_may_come_out_of_a_pool(kind: type[Message | Variant]) -> None:
    plain: dict[str, Any] = PLAIN if kind is Message else CONTROL
    said = kind.model_validate(plain | {"coupon": {"pool": "back10", "valid": "48h"}}).coupon
    assert said == Pool(pool="back10", valid=timedelta(hours=48), if_empty="hold")
    assert kind.model_validate(plain | {"coupon": said}).coupon == said
    least = {"pool": "p", "valid": "1m", "if_empty": "send"}
    assert kind.model_validate(plain | {"coupon": least}).coupon == Pool.model_validate(least)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", [Message, Variant])
def test_a_pool_is_written_as_it_was_said(kind: type[Message | Variant]) -> None:
    """Story: each campaign with a pool put two lines of pydantic's into the log, at each start and each change."""
    plain: dict[str, Any] = PLAIN if kind is Message else CONTROL
    said = kind.model_validate(plain | {"coupon": {"pool": "back10", "valid": "48h"}})
    assert said.model_dump(mode="json")["coupon"] == {"pool": "back10", "valid": "P2D", "if_empty": "hold"}
    assert kind.model_validate_json(said.model_dump_json(exclude_none=True)) == said


@pytest.mark.parametrize(
    ("coupon", "where"),
    [
        ({"pool": "back10", "valid": "59s"}, ("coupon", "valid")),
        ({"pool": "no such name!"}, ("coupon", "pool")),
        ({"pool": "back10", "if_empty": "cry"}, ("coupon", "if_empty")),
        ({"pool": "back10", "code": "X"}, ("coupon", "code")),
        ({"valid": "48h"}, ("coupon", "pool")),
        (7, ("coupon",)),
    ],
)
def test_a_fault_of_a_coupon_is_told_once_with_its_place(coupon: Any, where: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as told:
        Message.model_validate(PLAIN | {"coupon": coupon})
    assert [fault["loc"] for fault in told.value.errors()] == [where]


def test_a_variant_s_pool_goes_before_the_step_s_code_and_the_other_way_round() -> None:
    pool = CouponFrom(pool="back10", valid_seconds=172_800, if_empty="send")
    said = {"pool": "back10", "valid": "48h", "if_empty": "send"}
    step = Message.model_validate(PLAIN | {"coupon": "ALL5", "variants": [CONTROL | {"coupon": said}]})
    assert step.content_for("here", "anna") == Content("plain", "control", None, pool)
    assert step.content_for("here", None) == Content("plain", None, "ALL5", None)
    other = Message.model_validate(PLAIN | {"coupon": said, "variants": [CONTROL | {"coupon": "ALL5"}]})
    assert other.content_for("here", "anna") == Content("plain", "control", "ALL5", None)
    assert Message.model_validate(PLAIN | {"coupon": {"pool": "p"}}).plain.coupon_from == CouponFrom(pool="p")


def test_what_is_valid_for_a_part_of_a_second_is_rounded() -> None:
    pools = (pool_of(Pool(pool="p", valid=timedelta(seconds=60, milliseconds=more))) for more in (0, 499, 501))
    assert [pool.valid_seconds for pool in pools if pool] == [60, 60, 61]


def test_a_variant_weighs_from_one_to_a_million() -> None:
    for weight in (1, 1_000_000):
        assert Variant.model_validate(CONTROL | {"weight": weight}).weight == weight
    for weight in (0, 1_000_001):
        with pytest.raises(ValidationError, match="weight"):
            Variant.model_validate(CONTROL | {"weight": weight})


def test_two_variants_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two variants have the same name"):
        Message.model_validate(PLAIN | {"variants": [CONTROL, CONTROL]})


def test_a_guest_gets_no_variant_and_a_customer_the_step_s_own_where_the_arm_names_none() -> None:
    tried = Message.model_validate(PLAIN | {"coupon": "ALL5", "variants": [CONTROL]})
    assert tried.content_for("here", None) == Content("plain", None, "ALL5")
    assert tried.content_for("here", "anna") == Content("plain", "control", "ALL5")
    assert Message.model_validate(PLAIN).content_for("here", "anna") == Content("plain", None, None)


def test_a_customer_s_arm_never_changes_between_releases() -> None:
    tried = Message.model_validate(PLAIN | {"variants": [CONTROL, BOLD, {"name": "late", "weight": 2}]})
    arms = [tried.content_for("shop|tried|1", f"customer-{n}").variant for n in range(24)]
    assert "".join((arm or "-")[0] for arm in arms) == "cllclbclbccccccllclccllc"


def test_a_step_has_a_delay_and_some_lateness_if_any() -> None:
    assert steps({"delay": MICROSECOND, "lateness": MICROSECOND})[0].delay == MICROSECOND
    for wrong in ({"delay": timedelta(0)}, {"delay": HOUR, "lateness": timedelta(0)}):
        with pytest.raises(ValidationError):
            steps(wrong)


def test_a_message_of_an_order_goes_at_once_unless_it_is_to_wait_and_never_before() -> None:
    assert PromptStep.model_validate(PLAIN).delay == PromptStep.model_validate(PLAIN | {"delay": "0s"}).delay
    assert PromptStep.model_validate(PLAIN).delay == timedelta(0)
    with pytest.raises(ValidationError, match="delay"):
        PromptStep.model_validate(PLAIN | {"delay": -MICROSECOND})


def test_a_step_may_be_late_up_to_the_next_one() -> None:
    first, _ = steps({"delay": HOUR, "lateness": HOUR}, {"delay": 2 * HOUR})
    assert first.lateness == HOUR
    with pytest.raises(ValidationError, match="lateness of step 1 reaches past step 2"):
        steps({"delay": HOUR, "lateness": HOUR + MICROSECOND}, {"delay": 2 * HOUR})


def test_a_fault_in_a_later_step_is_told_by_its_number() -> None:
    with pytest.raises(ValidationError, match="step 3 is not later than step 2"):
        steps({"delay": HOUR}, {"delay": 2 * HOUR}, {"delay": 2 * HOUR})
    assert len(steps({"delay": HOUR}, {"delay": HOUR + MICROSECOND})) == 2


def test_the_last_step_may_be_late_for_twelve_hours_and_any_for_what_it_says() -> None:
    budgets = lateness_budgets(steps({"delay": HOUR, "lateness": 2 * HOUR}, {"delay": 24 * HOUR}))
    assert budgets == (2 * HOUR, 12 * HOUR)
