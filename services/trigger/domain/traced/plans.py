"""What is ahead of a cart that went quiet, worked out once for all carts that have it alike. Pure."""

from collections.abc import Hashable, Sequence
from operator import attrgetter

from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.episodes import Ahead, plan, plans_by
from services.trigger.domain.kinds.campaign import Planned

_MOST_ALIKE = 1_000
_due_at = attrgetter("due_at")


class Plans:
    """Steps by how far they are from the quiet: carts share them, for there are many."""

    def __init__(self) -> None:
        self._alike: dict[Hashable, tuple[Ahead, ...]] = {}
        self._known: dict[Hashable, tuple[Ahead, ...]] = {}

    def of(self, state: CartState, campaigns: StoreCampaigns) -> tuple[Ahead, ...]:
        """What is ahead of a cart, in order of due time."""
        if not state.idle:
            return ()
        key = _plans_by(state, campaigns)
        found = self._known.get(key) if key is not None else None
        if found is None:
            found = self._planned(state, campaigns)
            if key is not None:
                if len(self._known) >= _MOST_ALIKE:
                    self._known.clear()
                self._known[key] = found
        return found

    def _planned(self, state: CartState, campaigns: StoreCampaigns) -> tuple[Ahead, ...]:
        quiet_since = state.quiet_since
        steps = sorted((one for one in plan(state, campaigns) if one.due_at >= state.decided_until), key=_due_at)
        times = [(one.due_at - quiet_since, one.expires_at - one.due_at) for one in steps]
        alike = (state.store_id, *((*_what(one), *at) for one, at in zip(steps, times, strict=True)))
        found = self._alike.get(alike)
        if found is None:
            if len(self._alike) >= _MOST_ALIKE:
                self._alike.clear()
            found = self._alike[alike] = tuple(Ahead(one, *at) for one, at in zip(steps, times, strict=True))
        return found


def _plans_by(state: CartState, campaigns: StoreCampaigns) -> Hashable | None:
    """As `plans_by`, of a store, and only of a cart that has just changed its goods: all is ahead of it."""
    by = plans_by(state, campaigns) if state.decided_until == state.quiet_since else None
    return None if by is None else (state.store_id, by)


def _what(planned: Planned) -> Sequence[Hashable]:
    return planned.campaign.name, planned.number, planned.skip, *(one.name for one in planned.behind)
