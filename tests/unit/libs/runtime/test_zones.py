"""Zones by their names, and the countries in which they are."""

import pytest

from libs.runtime.zones import country_of_zone


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Berlin", "DE"),
        ("Europe/Busingen", "DE"),
        ("America/Boise", "US"),
        ("UTC", None),
        ("x", None),
        (None, None),
    ],
)
def test_a_zone_is_in_one_country_or_in_none(zone: str | None, country: str | None):
    assert country_of_zone(zone) == country
