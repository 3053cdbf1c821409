"""Up to when all is published: never past a row that is still to come, however transactions overlap."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from libs.outbox.mark import Mark

T0 = datetime(2026, 3, 1, tzinfo=UTC)
STEPS = st.lists(
    st.sampled_from(["begin", "write", "write", "commit", "roll back", "mark", "look", "read", "read"]), max_size=80
)


@given(STEPS, st.randoms(use_true_random=False))
def test_whatever_is_dated_up_to_a_horizon_is_published_by_then(steps, dice):
    """Rows are dated and numbered under the lock that `writing` tells of; a clock may stand still for a while."""
    mark, drawn, begun, seconds = Mark(), 0, 0, 0
    open_ones: dict[str, list[tuple[int, datetime]]] = {}
    shown: list[tuple[int, datetime]] = []
    horizon = T0 - timedelta(days=1)
    for step in steps:
        seconds += dice.randrange(2)
        now = T0 + timedelta(seconds=seconds)
        one = dice.choice(sorted(open_ones)) if open_ones else None
        if step == "begin":
            begun += 1
            open_ones[f"3/{begun}"] = []
        elif step == "write" and one:
            drawn, seconds = drawn + 1, seconds + 1  # a row comes later than the marks before it
            open_ones[one].append((drawn, T0 + timedelta(seconds=seconds)))
        elif step == "commit" and one:
            rows = open_ones.pop(one)
            assert all(at > horizon for _, at in rows), "it was told that all of these are out"
            shown = sorted(shown + rows)
        elif step == "roll back" and one:
            del open_ones[one]
        elif step == "mark" and not mark.pending:
            mark.begin(now, frozenset(open_ones), drawn)
        elif step == "look" and mark.unsettled:
            mark.looked(frozenset(open_ones), drawn)
        elif step == "read":
            size = dice.randrange(1, 4)
            batch, shown = shown[:size], shown[size:]
            horizon = mark.published(batch[-1][0] if len(batch) == size else None) or horizon
            assert all(at > horizon for _, at in shown)


def test_a_moment_waits_for_those_who_wrote_then_and_for_nobody_else():
    mark = Mark()
    mark.begin(T0, frozenset({"3/1"}), 10)
    assert mark.published(None) is None, "3/1 may have dated a row before it"
    mark.looked(frozenset({"3/1", "3/2"}), 12)
    assert (mark.pending, mark.unsettled) == (True, True)
    assert mark.published(None) is None
    mark.looked(frozenset({"3/2"}), 14)
    assert (mark.pending, mark.unsettled) == (True, False)
    assert mark.published(13) is None, "number 14 may be 3/1's, and was not read"
    assert mark.published(14) == T0
    assert (mark.pending, mark.unsettled) == (False, False)
    assert mark.published(None) is None, "it is told once"


def test_a_moment_at_which_nobody_wrote_needs_no_second_look():
    mark = Mark()
    assert (mark.pending, mark.unsettled) == (False, False)
    mark.begin(T0, frozenset(), 0)
    assert (mark.pending, mark.unsettled) == (True, False)
    assert mark.published(None) == T0
