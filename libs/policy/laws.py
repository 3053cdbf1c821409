"""What laws and carriers want of a text message about a cart, by where its recipient is. Pure; the rules are data.

Source: `laws.toml`, which says of each where it comes from.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from libs.files import toml_file
from libs.policy.whereabouts import Whereabouts

SHIPPED: Final = Path(__file__).with_name("laws.toml")
SEARCH_DAYS: Final = 30
"""No window that opens later than that is looked for: a reminder has expired long before."""

Window = tuple[time, time]
NONE: Final = "none"


def _window(value: object) -> object:
    start, _, end = str(value).partition("-")
    opens, closes = time.fromisoformat(start), time.fromisoformat(end)
    if opens >= closes:
        raise ValueError("it has to close after it opens, on the same day")
    return opens, closes


def _window_or_none(value: object) -> object:
    return value if value == NONE else _window(value)


Hours = Annotated[Window, BeforeValidator(_window)]
OwnHours = Annotated[Window | Literal["none"], BeforeValidator(_window_or_none)]


class Law(BaseModel):
    """One rule for text messages about carts in a country, or in some of its states.

    Texts may go within `hours` (local, the end not included) of every day; `saturday`, `sunday` and `holidays` go
    before it. `once_an_abandonment`: one text for each time that a cart is left; `within_hours` after that, at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: str = Field(pattern=r"^[A-Z]{2}$")
    states: frozenset[Annotated[str, Field(pattern=r"^[A-Z0-9]{1,3}$")]] = frozenset()
    hours: Hours | None = None
    saturday: OwnHours | None = None
    sunday: OwnHours | None = None
    holidays: OwnHours | None = None
    once_an_abandonment: bool = False
    within_hours: float | None = Field(default=None, gt=0)
    source: str = Field(min_length=1)

    def holds_in(self, states: frozenset[str] | None) -> bool:
        """Whether it holds for somebody who may be in these states of its country; None: in any."""
        return not self.states or states is None or not states.isdisjoint(self.states)

    def opens(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """The first moment from `moment` on at which a text may go to somebody in the zone; None for a long time."""
        local = moment.astimezone(zone)
        for days in range(SEARCH_DAYS):
            day = local.date() + timedelta(days=days)
            window = self._on(day)
            if window is None:
                return moment if days == 0 else datetime.combine(day, time(), zone).astimezone(moment.tzinfo)
            if window == NONE:
                continue
            start, end = (datetime.combine(day, at, zone).astimezone(moment.tzinfo) for at in window)
            if moment < end:
                return max(moment, start)
        return None

    def _on(self, day: date) -> Window | Literal["none"] | None:
        if self.holidays is not None and day in _holidays(self.country):
            return self.holidays
        own = {5: self.saturday, 6: self.sunday}.get(day.weekday())
        return self.hours if own is None else own


class PixelLaw(BaseModel):
    """In a country a picture that tells that a letter was opened wants a consent of its own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: str = Field(pattern=r"^[A-Z]{2}$")
    languages: frozenset[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = frozenset()
    source: str = Field(min_length=1)


class LawFile(BaseModel):
    """The rules, when they were looked at last, and in which states the zones of profiles are.

    `pixels` are the countries where a pixel wants a consent of its own; None of a file that says nothing of them: all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reviewed: date
    laws: tuple[Law, ...] = ()
    pixels: tuple[PixelLaw, ...] | None = None
    states_of_zones: Mapping[str, frozenset[str]] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demands:
    """What the laws of where somebody is want, all of them together; `zones` are those in which they may be."""

    laws: tuple[Law, ...] = ()
    zones: tuple[ZoneInfo, ...] = ()

    @property
    def once_an_abandonment(self) -> bool:
        """Whether a cart that was left may be told of once, by text."""
        return any(law.once_an_abandonment for law in self.laws)

    @property
    def within(self) -> timedelta | None:
        """How long after a cart was left a text about it may go, at most."""
        hours = [law.within_hours for law in self.laws if law.within_hours is not None]
        return timedelta(hours=min(hours)) if hours else None

    def opens(self, moment: datetime) -> datetime | None:
        """The first moment from `moment` on that all laws allow in all zones; None if there is none for a long time."""
        if not self.laws:
            return moment
        until, most = moment, moment + timedelta(days=SEARCH_DAYS)
        while until < most:
            found = [law.opens(until, zone) for law in self.laws for zone in self.zones]
            if None in found:
                return None
            following = max([until, *(one for one in found if one is not None)])
            if following == until:
                return until
            until = following
        return None


NOTHING: Final = Demands()


class Laws:
    """The rules of a file, asked by whom a text is for."""

    def __init__(self, file: LawFile) -> None:
        self._file = file

    @classmethod
    def read(cls, path: Path = SHIPPED) -> "Laws":
        """The rules of a file. Raises `TomlFileError`, which says in words what is wrong with it."""
        return cls(toml_file.load(path, LawFile))

    def demands(self, phone: str, zone: str | None, country: str | None = None, region: str | None = None) -> Demands:
        """What holds for a number in E.164 whose owner's profile says a zone, and the country and region of an address;
        or none of it. Of whom no number is known ("") the others tell.

        The laws of all countries that are told hold together. Which state's hold says the address, else the zone, else
        those of all do: nobody has to live where an area code is. Clocks go by the profile, else by the address, else
        by the number.
        """
        if not self._file.laws:
            return NOTHING
        there = Whereabouts(phone, zone, country, region)
        laws = self._of(there)
        return Demands(laws, there.clocks(self._file.states_of_zones)) if laws else NOTHING

    def named(
        self, phone: str, zone: str | None, country: str | None = None, region: str | None = None
    ) -> list[tuple[Law, str]]:
        """The laws that hold for them, each with what tells that: the `address`, the `zone` or the `number`."""
        there = Whereabouts(phone, zone, country, region)
        return [(law, there.told_by(law.country, of_states=bool(law.states))) for law in self._of(there)]

    def _of(self, there: Whereabouts) -> tuple[Law, ...]:
        states = {country: there.states(country, self._file.states_of_zones) for country in there.countries()}
        return tuple(law for law in self._file.laws if law.country in states and law.holds_in(states[law.country]))

    def pixel_asks(
        self, locale: str, phone: str | None, zone: str | None, zone_of_store: str, country: str | None = None
    ) -> bool:
        """Whether a picture that tells of opens wants a consent of its own, of whoever reads a language.

        All places that their address (`country`), zone, number and language tell count. Of a language without a country
        all that speak it do, where nothing else tells; the store's zone where nothing tells at all. Where that is none,
        it wants one.
        """
        rows = self._file.pixels
        if rows is None:
            return True
        language, _, rest = locale.replace("_", "-").partition("-")
        spoken_in = rest.rpartition("-")[2]
        places = Whereabouts(phone, zone, country).countries() | ({spoken_in} if len(spoken_in) == 2 else set())
        if not places and any(language in row.languages for row in rows):
            return True
        places = places or Whereabouts(zone=zone_of_store).countries()
        return not places or any(row.country in places for row in rows)


@cache
def _holidays(country: str) -> Container[date]:
    from holidays import country_holidays  # it takes a tenth of a second, and few stores write to where it counts

    return country_holidays(country)
