"""Which worker of a run has which tests first."""

from collections.abc import Sequence

import pytest


def shares(waiting: Sequence[pytest.Item], number: int) -> list[list[pytest.Item]]:
    """Tests that wait for processes, for so many workers: those that share a stack for one, the others for the rest."""
    together = [item for item in waiting if "flow" in getattr(item, "fixturenames", ())]
    apart = [item for item in waiting if item not in together]
    if number == 1:
        return [[*together, *apart]]
    return [together, *(apart[one :: number - 1] for one in range(number - 1))]
