"""Numbers, money and times as the reader's language writes them."""

from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from babel import Locale, UnknownLocaleError, dates, numbers

from libs.money.currencies import decimal_of, exponent

_LONG_AGO, _A_MOMENT = timedelta(days=6), timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Formats:
    """The reader's language, the store's time zone, and the moment."""

    locale: Locale
    zone: tzinfo
    now: datetime
    just_now: str

    def number(self, value: float) -> str:
        """`1,204`."""
        return numbers.format_decimal(value, locale=self.locale)

    def share(self, value: float, digits: int = 1) -> str:
        """`12.1 %` of 0.121."""
        return numbers.format_percent(value, format=f"#,##0.{'0' * digits}\u00a0%", locale=self.locale)

    def money(self, minor: float, currency: str) -> str:
        """An amount in minor units of ISO 4217."""
        digits = exponent(currency)
        pattern = copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (digits, digits)
        amount = decimal_of(round(minor), currency)
        written: str = pattern.apply(amount, self.locale, currency=currency, currency_digits=False)
        return written

    def price(self, amount: Decimal, currency: str) -> str:
        """An amount in whole units with all the digits that it has: what a message costs is often less than a cent."""
        pattern = copy(self.locale.currency_formats["standard"])
        pattern.frac_prec = (exponent(currency), 6)
        written: str = pattern.apply(amount, self.locale, currency=currency, currency_digits=False)
        return written

    def plain(self, value: Decimal) -> str:
        """`0.075`, without what says nothing, to be typed over."""
        return numbers.format_decimal(value, format="0.######", locale=self.locale)

    def day(self, value: date | datetime) -> str:
        """`Mon 23 Nov`, in the zone of the store."""
        local = value.astimezone(self.zone) if isinstance(value, datetime) else value
        return dates.format_skeleton("MMMEd", local, locale=self.locale)

    def date(self, value: str) -> str:
        """The same of a day as JSON writes it."""
        return self.day(date.fromisoformat(value))

    def clock(self, value: datetime) -> str:
        """`14:05`."""
        return dates.format_time(value, "short", tzinfo=self.zone, locale=self.locale)

    def when(self, value: datetime | str) -> str:
        """Day and time: `23 Nov, 14:05`."""
        return f"{self.day(moment(value))}, {self.clock(moment(value))}"

    def ago(self, value: datetime | str) -> str:
        """`5 minutes ago`, `in 3 hours`; what is long ago, or far ahead, by its day."""
        apart = moment(value) - self.now
        if abs(apart) < _A_MOMENT:
            return self.just_now
        if abs(apart) > _LONG_AGO:
            return self.day(moment(value))
        return dates.format_timedelta(apart, add_direction=True, locale=self.locale)

    def lasting(self, value: timedelta | float) -> str:
        """`3 hours`."""
        return dates.format_timedelta(
            value if isinstance(value, timedelta) else timedelta(seconds=value), locale=self.locale
        )


def locale_of(language: str, accepted: str) -> Locale:
    """The reader's own variety of a language (Swiss German, American English), where their browser names one."""
    asked = (part.partition(";")[0].strip() for part in accepted.split(","))
    for tag in asked:
        if tag.lower().startswith(f"{language}-"):
            try:
                return Locale.parse(tag, sep="-")
            except (ValueError, UnknownLocaleError):
                continue
    return Locale.parse(language)


def moment(value: datetime | str) -> datetime:
    """A moment, as JSON writes it or as it is; without a zone it is UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)
