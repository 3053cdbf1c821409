"""Time zones by the names of the IANA database."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones


@cache
def zone_names() -> frozenset[str]:
    """All names; the folders of the database are read once."""
    return frozenset(available_timezones())


def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone of a name that anybody may have written; None for none, and for what is no name of a zone."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def country_of_zone(name: str | None) -> str | None:
    """The country (ISO 3166-1 alpha-2) in which a zone is; None for no zone, and for one that is no country's."""
    return _country_of_zones().get(name or "")


def zones_of_country(country: str) -> tuple[str, ...]:
    """The zones of a country, by their names; none of one that has none."""
    return tuple(zone for zone, found in _country_of_zones().items() if found == country)


@cache
def _country_of_zones() -> Mapping[str, str]:
    table = resources.files("tzdata").joinpath("zoneinfo/zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}
