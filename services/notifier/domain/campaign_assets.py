"""Which templates a campaign's steps may name, and by which channels each can go. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

BY_STEP = ("_1", "_2")
"""`abandoned_cart` says at step 1 what `abandoned_cart_1` says, and later what `abandoned_cart_2` says."""

Said = Mapping[str, bool]
"""By the name of a template whether it has words for a text."""


@dataclass(frozen=True, slots=True)
class Assets:
    """By the name of a template the channels that it has words for, in order; None while they can't be read. The names
    of pools of coupons, in order.
    """

    templates: Mapping[str, tuple[str, ...]] | None
    pools: tuple[str, ...]


def templates_by_channel(
    of_files: Said, of_store: Said, channels: Collection[str], textual: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """By each name that a step may give the channels by which its message can go. `of_store` is what the store has said
    by the API, on top of its files and what ships; `textual` are the channels that carry a template's text.
    """
    by_step: dict[str, bool] = {}
    for name, texts in (*of_files.items(), *of_store.items()):
        for name_of in (name, name[:-2]) if name.endswith(BY_STEP) else (name,):
            by_step[name_of] = by_step.get(name_of, False) or texts
    return {
        name: tuple(channel for channel in channels if texts or channel not in textual)
        for name, texts in sorted(by_step.items())
    }
