"""Which worker of a run has which tests first."""

from types import SimpleNamespace
from typing import Any

from tests.support.collecting import shares


def test_stories_that_share_a_stack_stay_with_one_worker_and_the_rest_is_spread() -> None:
    a, b = (SimpleNamespace(name=name, fixturenames=["flow", "kafka"]) for name in "ab")
    c, d, e = (SimpleNamespace(name=name, fixturenames=["kafka"]) for name in "cde")
    waiting: Any = [c, a, d, b, e]
    assert shares(waiting, 1) == [[a, b, c, d, e]]
    assert shares(waiting, 2) == [[a, b], [c, d, e]]
    assert shares(waiting, 3) == [[a, b], [c, e], [d]]
