"""Where somebody may be: what their address, the zone of their profile and their number tell of it. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from libs.runtime.zones import country_of_zone, zone_named, zones_of_country

States = Mapping[str, frozenset[str]]
"""Zone → the states in which somebody can be whose clock is that one."""

OVERSEAS: Final[Mapping[tuple[str, str], str]] = {
    **{("US", territory): territory for territory in ("AS", "GU", "MP", "PR", "UM", "VI")},
    **{("FR", territory): territory for territory in ("BL", "MF", "NC", "PF", "PM", "TF", "WF")},
    ("FR", "971"): "GP",
    ("FR", "972"): "MQ",
    ("FR", "973"): "GF",
    ("FR", "974"): "RE",
    ("FR", "976"): "YT",
}
"""Country and region → the country as which ISO 3166-1, and so the IANA database, has that region: with its clocks."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`phone` is a number in E.164, `zone` a name of the IANA database, `country` and `region` those of the address as
    in ISO 3166; None, or "" of a number: not told.
    """

    phone: str | None = None
    zone: str | None = None
    country: str | None = None
    region: str | None = None

    def countries(self) -> set[str]:
        """All that are told, which need not be the same one."""
        told = {self.country, self._country_of_zone(), _of_number(self.phone)[0]}
        return {country for country in told if country is not None}

    def told_by(self, country: str, *, of_states: bool) -> str:
        """What tells that they are in a country, or in which states of it: the `address`, else the `zone`, else the
        `number`.
        """
        of_address = country == self.country
        if of_address and (self.region is not None or not of_states):
            return "address"
        if country == self._country_of_zone():
            return "zone"
        return "address" if of_address else "number"

    def states(self, country: str, table: States) -> frozenset[str] | None:
        """Those of a country in which they may be; None: any. Nobody has to live where an area code is."""
        if country == self.country and self.region is not None:
            return frozenset({self.region})
        return table.get(self.zone or "") if country == self._country_of_zone() else None

    def clocks(self, table: States) -> tuple[ZoneInfo, ...]:
        """The zones in which they may be: the profile's, else the address's, else the number's. Of a country alone they
        are the number's where it is of that country; so they are where nobody keeps a clock in the address's.
        """
        if at_home := zone_named(self.zone):
            return (at_home,)
        country, by_number = _of_number(self.phone)
        if self.country is None or (self.region is None and self.country == country and by_number):
            return by_number
        everywhere = zones_of_country(OVERSEAS.get((self.country, self.region or ""), self.country))
        of_region = tuple(zone for zone in everywhere if self.region in table.get(zone, {self.region}))
        return _zones(of_region or everywhere) or by_number

    def _country_of_zone(self) -> str | None:
        return country_of_zone(self.zone) if zone_named(self.zone) else None


def _zones(names: Iterable[str]) -> tuple[ZoneInfo, ...]:
    return tuple(found for name in names if (found := zone_named(name)))


def _of_number(phone: str | None) -> tuple[str | None, tuple[ZoneInfo, ...]]:
    """The country of a number, and the zones of that country in which it may be: of a toll-free one, all."""
    if not phone:
        return None, ()
    import phonenumbers  # whoever knows no numbers has it not
    from phonenumbers.timezone import time_zones_for_number

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return None, ()
    country = phonenumbers.region_code_for_number(number)
    return country, _zones([name for name in time_zones_for_number(number) if country_of_zone(name) == country])
