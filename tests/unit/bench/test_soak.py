"""The line through what processes hold."""

from collections import Counter
from typing import cast

import pytest

from deploy.bench import soak
from deploy.bench.soak import drift
from deploy.traffic.cart_api import CartApi, RefusedError, Store


def test_growth_is_told_by_the_hour_and_of_what_is_settled_alone():
    warming_up = {0.0: {"api": 50.0}, 10.0: {"api": 90.0}}
    settled = {float(minute): {"api": 100 + minute / 10} for minute in range(20, 61, 10)}
    settled_mb, end_mb, growth = drift(warming_up | settled)["api"]
    assert settled_mb == pytest.approx(102)
    assert end_mb == pytest.approx(106)
    assert growth == pytest.approx(6)


def test_a_process_that_comes_late_is_left_out():
    samples = {0.0: {"api": 1.0}, 1.0: {"api": 1.0}, 2.0: {"api": 1.0}, 3.0: {"api": 1.0, "late": 9.0}}
    assert set(drift(samples)) == {"api"}


def test_noise_is_no_growth():
    samples = {float(minute): {"api": 100.0 + (minute % 2)} for minute in range(61)}
    assert abs(drift(samples)["api"][2]) < 0.5


@pytest.mark.parametrize("minutes", [0, 2])
def test_too_few_samples_say_nothing(minutes):
    with pytest.raises(ValueError, match="too short"):
        drift({float(minute): {"api": 1.0} for minute in range(minutes)})


async def test_a_customer_who_is_refused_is_counted_and_the_others_come():
    class Busy:
        store = Store("demo", "a key of thirty-two bytes or more!", "")

        async def add(self, *_: object) -> None:
            raise RefusedError("POST /cart/lines", 503, "unavailable", "Try again.")

    failed = Counter[str]()
    for number in (1, 2):
        await soak._shop(cast("CartApi", Busy()), number, failed)
    assert failed == {"POST /cart/lines was answered 503 unavailable: Try again.": 2}
