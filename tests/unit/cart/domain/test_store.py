"""What a store may ask for, and what holds where it says nothing."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from services.cart.domain.rate import Rate, Rates
from services.cart.domain.store import CartLimits, Expiry, Retention, Store

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
        "contacts": (0.05, 30),
    }


def test_a_cart_holds_500_lines_of_999_units_and_units_are_not_set_aside() -> None:
    store = Store.model_validate(PLAIN)
    assert (store.limits.lines, store.limits.quantity, store.reservation_minutes) == (500, 999, 0)


@pytest.mark.parametrize(
    ("kind", "plain", "name", "least", "below"),
    [
        *((Expiry, {}, name, 0.01, 0) for name in ("customer_days", "guest_days", "empty_days", "closed_days")),
        *((Retention, {}, name, 30, 29.99) for name in ("orders_days", "audit_days", "erasures_days")),
        (CartLimits, {}, "lines", 1, 0),
        (CartLimits, {}, "quantity", 1, 0),
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
        (CartLimits, {}, "lines", 500, 501),
        (CartLimits, {}, "quantity", 999, 1000),
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


@pytest.mark.parametrize(("algorithm", "least"), [("HS256", 32), ("HS384", 48), ("HS512", 64)])
def test_a_shared_secret_is_as_long_as_the_hash(algorithm: str, least: int) -> None:
    signed = PLAIN | {"jwt_algorithm": algorithm}
    assert Store.model_validate(signed | {"jwt_key": "k" * least}).jwt_algorithm == algorithm
    with pytest.raises(ValidationError, match=f"jwt_key is too short for {algorithm}"):
        Store.model_validate(signed | {"jwt_key": "k" * (least - 1)})


def test_a_public_key_is_one_for_its_algorithm() -> None:
    for key in ("no key", ""):
        with pytest.raises(ValidationError, match="jwt_key is no key for RS256"):
            Store.model_validate(PLAIN | {"jwt_algorithm": "RS256", "jwt_key": key})


PROVIDED: dict[str, Any] = {
    **{name: value for name, value in PLAIN.items() if name != "jwt_key"},
    "jwks_url": "https://login.example/keys",
    "jwt_algorithm": "RS256",
    "jwt_issuer": "https://login.example",
}


@pytest.mark.parametrize(
    ("store", "told"),
    [
        (PLAIN | {"jwks_url": "https://login.example/keys"}, "either jwt_key or jwks_url"),
        (PROVIDED | {"jwks_url": None}, "either jwt_key or jwks_url"),
        (PROVIDED | {"jwt_algorithm": "HS256"}, "jwks_url publishes no keys for HS256"),
        (PROVIDED | {"jwt_issuer": None}, "jwks_url needs jwt_issuer"),
    ],
)
def test_a_store_says_in_one_way_how_log_ins_are_checked(store: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Store.model_validate(store)


def test_the_url_of_a_provider_s_keys_has_at_most_2000_characters() -> None:
    begin = "https://login.example/"
    longest = begin + "k" * (2000 - len(begin))
    assert Store.model_validate(PROVIDED | {"jwks_url": longest}).jwks_url == longest
    with pytest.raises(ValidationError, match="jwks_url"):
        Store.model_validate(PROVIDED | {"jwks_url": longest + "k"})


def test_a_secret_key_begins_with_sk_and_has_24_characters() -> None:
    [key] = Store.model_validate(PLAIN | {"secret_keys": ["sk_" + "k" * 21]}).secret_keys
    assert key.get_secret_value() == "sk_" + "k" * 21
    for wrong in ("sk_" + "k" * 20, "pk_" + "k" * 21):
        with pytest.raises(ValidationError, match="secret_keys"):
            Store.model_validate(PLAIN | {"secret_keys": [wrong]})


def test_a_store_sells_in_its_currencies_and_in_any_where_it_names_none_besides_its_own() -> None:
    assert Store.model_validate(PLAIN).allowed().currencies is None
    both = Store.model_validate(PLAIN | {"currencies": ["PLN"], "limits": {"lines": 2, "quantity": 3}}).allowed()
    assert (both.lines, both.quantity, both.currencies) == (2, 3, frozenset({"EUR", "PLN"}))


def test_a_cart_holds_16_kibibytes_at_least_a_mebibyte_at_most_and_256_where_its_store_says_nothing() -> None:
    assert CartLimits().bytes == 256 * 1024
    for size in (16 * 1024, 1024**2):
        assert CartLimits(bytes=size).bytes == size
    for size in (16 * 1024 - 1, 1024**2 + 1):
        with pytest.raises(ValidationError):
            CartLimits(bytes=size)


@pytest.mark.parametrize(
    ("more", "host"),
    [
        ({"share_url": "https://look.test/{token}"}, "look.test"),
        ({"origins": ["https://app.test"]}, "app.test"),
        ({"hosts": ["cdn.test"]}, "cdn.test"),
    ],
)
def test_a_store_is_at_home_where_its_links_and_pages_are_and_at_the_hosts_that_it_names(
    more: dict[str, Any], host: str
) -> None:
    assert Store.model_validate(PLAIN).own_hosts() == {"shop.test"}
    assert Store.model_validate(PLAIN | more).own_hosts() == {"shop.test", host}


def test_a_store_has_up_to_fifty_hosts_of_its_own() -> None:
    hosts = [f"h{number}.shop.test" for number in range(51)]
    assert len(Store.model_validate(PLAIN | {"hosts": hosts[:50]}).hosts) == 50
    with pytest.raises(ValidationError):
        Store.model_validate(PLAIN | {"hosts": hosts})


def test_the_name_of_a_host_has_up_to_253_characters() -> None:
    longest = f"{'h' * 243}.shop.test"
    assert Store.model_validate(PLAIN | {"hosts": [longest]}).hosts == (longest,)
    with pytest.raises(ValidationError, match="hosts"):
        Store.model_validate(PLAIN | {"hosts": [f"h{longest}"]})
