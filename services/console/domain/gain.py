"""What reminders earned in a week over what the people held out spent anyway: the first sentence of Today. Pure."""

from dataclasses import dataclass

from services.console.domain.figures import Week


@dataclass(frozen=True, slots=True)
class Gain:
    """In minor units of the store's currency; the truth lies between `low` and `high` in 95 of 100 cases."""

    amount: int
    low: int
    high: int

    @property
    def is_sure(self) -> bool:
        """Whether chance alone would seldom make so much, or so little."""
        return self.low > 0 or self.high < 0


def gain_of(week: Week) -> Gain | None:
    """None where nobody was held out, or too few to say."""
    if week.more is None or week.reminded is None:
        return None
    people, within = week.reminded.people, week.more.spent_within
    return Gain(round(week.more.spent * people), round(within.low * people), round(within.high * people))
