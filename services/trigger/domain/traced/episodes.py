"""A cart that went quiet while recorded events pass by, and the steps that are ahead of it. Pure, and small: there are
many.
"""

from datetime import datetime
from typing import NamedTuple

from services.trigger.domain.carts import CartState
from services.trigger.domain.episodes import Ahead
from services.trigger.domain.kinds.campaign import Planned

TAKEN_OVER = "taken_over"


class TracedEpisode:
    """A cart as it went quiet, and its steps in order of due time, of which `done` are over.

    Among what is due at one moment it comes by its `order`.
    """

    __slots__ = ("among", "current", "done", "goes_on_as", "order", "place", "state", "steps", "voided")

    place: int

    def __init__(self, state: CartState, steps: tuple[Ahead, ...], order: int) -> None:
        self.state, self.steps, self.order = state, steps, order
        self.done = 0
        self.current = True
        self.voided: str | None = None
        self.goes_on_as: CartState | None = None
        """The cart as the episode knows it in which it goes on, with the steps that were ahead."""
        self.among: Among | None = None
        """Where it has a `place` while it is packed: what ends it then is noted there, and the episode is forgotten."""

    @property
    def due_at(self) -> datetime:
        """When the step that is ahead is due. Raises `IndexError` where none is."""
        return self.state.quiet_since + self.steps[self.done].due

    def void(self, why: str) -> None:
        """A change of its cart ends it."""
        self.voided = why
        if self.among is not None:
            self.among[self.place] = why

    def ended(self, planned: Planned) -> str | None:
        """Why a step's time never came, or None; `TAKEN_OVER` where it comes in the next episode."""
        if self.goes_on_as is None:
            return self.voided
        return "ordered" if self.goes_on_as.ended_by_order(planned.exit_on) else TAKEN_OVER


Among = list[TracedEpisode | str]
"""Of each of some episodes itself, or why it was voided."""


class Due(NamedTuple):
    """A step of a cart that is due, and why that is skipped whoever it is for."""

    state: CartState
    ahead: Ahead
    skip: str | None
