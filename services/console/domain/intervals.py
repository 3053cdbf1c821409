"""How sure a figure is: between which bounds the truth lies in 95 of 100 cases. Pure; chance comes from a fixed seed.

Wilson (1927) for a rate and Newcombe (1998, his method 10) for the difference of two hold where rates are small and
people few, where the usual formula gives bounds below nothing. What people spend is mostly nothing and sometimes much,
so there it is drawn again and again from what was seen.
"""

import math
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from services.console.domain.figures import Interval

Z = float(special.ndtri(0.975))
POWER_Z = float(special.ndtri(0.8))
RESAMPLES = 1_000
DISTINCT = 60
"""Of more different amounts than this, neighbours count as their mean: the bounds move by less than drawing anew."""
ALONE, AGAINST = 0, 1
"""Chance of their own for two who are compared: who is always the other has it in their own interval, too, so that
nobody is drawn twice.
"""
_SEED = 20_260_101


def rate_within(hits: int, of: int) -> Interval:
    """Wilson's interval of a rate. Raises `ValueError` for a rate of nobody."""
    if of <= 0 or not 0 <= hits <= of:
        raise ValueError("a rate is of somebody")
    share, spread = hits / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z / (1 + spread) * math.sqrt(share * (1 - share) / of + spread / (4 * of))
    return Interval(0.0 if hits == 0 else middle - half, 1.0 if hits == of else middle + half)


def rates_apart(hits: int, of: int, other_hits: int, other_of: int) -> Interval:
    """Newcombe's interval of what one rate has over another."""
    one, other = hits / of, other_hits / other_of
    mine, theirs = rate_within(hits, of), rate_within(other_hits, other_of)
    apart = one - other
    return Interval(
        apart - math.hypot(one - mine.low, theirs.high - other),
        apart + math.hypot(mine.high - one, other - theirs.low),
    )


def mean(spent: Mapping[int, int]) -> float:
    """What each spent; `spent` is how many people spent how much."""
    return sum(amount * people for amount, people in spent.items()) / sum(spent.values())


def mean_within(spent: Mapping[int, int], stream: int = ALONE) -> Interval:
    """The bootstrap's interval of what each spends."""
    return _between(_means(spent, stream))


def means_apart(spent: Mapping[int, int], other: Mapping[int, int]) -> Interval:
    """The bootstrap's interval of what each spends more than each of the others."""
    return _between(_means(spent, ALONE) - _means(other, AGAINST))


def sample_ratio(people: Mapping[str, int], planned: Mapping[str, float]) -> float:
    """How likely it is that chance divides people so far from what was planned (chi-square); 1 where it can't be said.

    `planned` are shares of any sum; an arm in which nobody is counts, too.
    """
    arms = [arm for arm in planned if planned[arm] > 0]
    total, shares = sum(people.get(arm, 0) for arm in arms), sum(planned[arm] for arm in arms)
    if len(arms) < 2 or not total:
        return 1.0
    wanted = {arm: total * planned[arm] / shares for arm in arms}
    distance = sum((people.get(arm, 0) - wanted[arm]) ** 2 / wanted[arm] for arm in arms)
    return float(special.chdtrc(len(arms) - 1, distance))


def people_needed(rate: float, other: float) -> int | None:
    """How many people each arm needs until a difference like this one is seen in four of five cases; None for none."""
    if rate == other:
        return None
    spread = rate * (1 - rate) + other * (1 - other)
    return math.ceil((Z + POWER_Z) ** 2 * spread / (rate - other) ** 2)


def _means(spent: Mapping[int, int], stream: int) -> NDArray[np.float64]:
    """What each spends in every one of the draws. How often each amount is drawn is multinomial, which is the same as
    drawing every person and costs by amounts, not by people.
    """
    amounts, people = _grouped(spent)
    return _drawn(tuple(amounts.tolist()), tuple(people.tolist()), stream)


@lru_cache(128)  # 8 kB each: a page asks for the same draws until a sum changes
def _drawn(amounts: tuple[float, ...], people: tuple[float, ...], stream: int) -> NDArray[np.float64]:
    shares = np.array(people)
    total = int(shares.sum())
    random = np.random.default_rng([_SEED, stream])
    drawn = random.multinomial(total, shares / total, size=RESAMPLES)
    means: NDArray[np.float64] = drawn @ np.array(amounts) / total
    means.setflags(write=False)  # whoever asks again gets the same
    return means


def _grouped(spent: Mapping[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    amounts = np.array(sorted(spent), dtype=np.float64)
    people = np.array([spent[amount] for amount in sorted(spent)], dtype=np.float64)
    if len(amounts) <= DISTINCT:
        return amounts, people
    groups = np.array_split(np.arange(len(amounts)), DISTINCT)
    counts = np.array([people[group].sum() for group in groups])
    sums = np.array([(amounts[group] * people[group]).sum() for group in groups])
    return sums / counts, counts


def _between(means: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(float(low), float(high))
