"""An age that was measured goes on by itself, for what is asked may be what is down."""

import pytest
from prometheus_client import CollectorRegistry, Gauge

from libs.runtime.age import Age


class Monotonic:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def clock() -> Monotonic:
    return Monotonic()


@pytest.fixture
def age(registry: CollectorRegistry, clock: Monotonic) -> Age:
    return Age(Gauge("waiting", "How long", ["what"], registry=registry), "mail", clock)


def test_nothing_is_told_before_it_was_measured(age: Age, registry: CollectorRegistry) -> None:
    """A 0 of a process that never measures would hide one that is dead."""
    assert registry.get_sample_value("waiting", {"what": "mail"}) is None
    age.measured(3)
    assert registry.get_sample_value("waiting", {"what": "mail"}) == 3


def test_it_grows_while_nobody_can_measure(age: Age, registry: CollectorRegistry, clock: Monotonic) -> None:
    """Story: Kafka was away for an hour, and the read lag stood at two seconds."""
    age.measured(2)
    clock.now += 3600
    assert registry.get_sample_value("waiting", {"what": "mail"}) == 3602
    age.measured(0.5)
    clock.now += 1
    assert registry.get_sample_value("waiting", {"what": "mail"}) == 1.5


def test_what_does_not_wait_does_not_grow(age: Age, clock: Monotonic) -> None:
    age.measured(0)
    clock.now += 3600
    assert age.seconds() == 0


def test_a_clock_that_is_behind_is_told_as_it_was(age: Age, clock: Monotonic) -> None:
    age.measured(-0.2)
    clock.now += 10
    assert age.seconds() == -0.2
