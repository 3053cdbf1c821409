"""What a store may ask for, and what holds where it says nothing."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.cart.domain.rate import Rate, Rates
from services.cart.domain.store import Bounds, Expiry, Retention, Store

PLAIN = {"name": "Shop", "currency": "EUR", "jwt_key": "k" * 32, "recovery_url": "https://shop.test/{token}"}
RATE = {"per_second": 1, "burst": 1}


def test_carts_live_90_days_of_guests_30_and_empty_ones_a_day() -> None:
    lifetime = Expiry().lifetime()
    assert lifetime == type(lifetime)(*(timedelta(days=days) for days in (90, 30, 1, 400)))


def test_orders_are_kept_400_days_the_audit_two_years_and_receipts_three() -> None:
    spans = Retention().spans()
    assert spans == type(spans)(*(timedelta(days=days) for days in (400, 730, 1095)))


def test_the_rates_are_far_above_what_people_do() -> None:
    rates = {name: (rate["per_second"], rate["burst"]) for name, rate in Rates().model_dump().items()}
    assert rates == {
        "shopper": (20, 300),
        "server": (500, 5000),
        "storefront": (5000, 50_000),
        "tokens": (10, 600),
        "failures": (5, 300),
    }


def test_a_cart_holds_500_lines_of_999_units_and_units_are_not_set_aside() -> None:
    store = Store.model_validate(PLAIN)
    assert (store.limits.lines, store.limits.quantity, store.reservation_minutes) == (500, 999, 0)


@pytest.mark.parametrize(
    ("kind", "plain", "name", "least", "below"),
    [
        *((Expiry, {}, name, 0.01, 0) for name in ("customer_days", "guest_days", "empty_days", "closed_days")),
        *((Retention, {}, name, 30, 29.99) for name in ("orders_days", "audit_days", "erasures_days")),
        (Bounds, {}, "lines", 1, 0),
        (Bounds, {}, "quantity", 1, 0),
        (Store, PLAIN, "reservation_minutes", 0, -1),
        (Rate, RATE, "per_second", 0.0002, 0.0001),
        (Rate, RATE, "burst", 1, 0),
    ],
)
def test_nothing_is_less_than_makes_sense(
    kind: type[BaseModel], plain: dict[str, Any], name: str, least: float, below: float
) -> None:
    assert getattr(kind.model_validate(plain | {name: least}), name) == least
    with pytest.raises(ValidationError, match=name):
        kind.model_validate(plain | {name: below})


@pytest.mark.parametrize(
    ("kind", "plain", "name", "most", "above"),
    [
        (Bounds, {}, "lines", 500, 501),
        (Bounds, {}, "quantity", 999, 1000),
        (Store, PLAIN, "reservation_minutes", 1440, 1441),
        (Rate, RATE, "per_second", 100_000, 100_000.5),
        (Rate, RATE, "burst", 1_000_000, 1_000_001),
    ],
)
def test_nothing_is_more_than_the_service_takes(
    kind: type[BaseModel], plain: dict[str, Any], name: str, most: float, above: float
) -> None:
    assert getattr(kind.model_validate(plain | {name: most}), name) == most
    with pytest.raises(ValidationError, match=name):
        kind.model_validate(plain | {name: above})


def test_a_rate_costs_whole_microseconds_rounded_up() -> None:
    rate = Rate(per_second=3, burst=2)
    assert (rate.interval, rate.tolerance) == (333_334, 666_668)
    assert rate.wait(due=0, now=1_000_000) == 0
    assert rate.wait(due=1_666_668, now=1_000_000) == 333_334
    assert rate.wait(due=1_333_334, now=1_000_000) == 0
    assert rate.after(due=5, now=1_000_000) == 1_333_334
    assert rate.after(due=2_000_000, now=1_000_000) == 2_333_334
