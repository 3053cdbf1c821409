"""Where reading may begin: never past a row that is still to come, however transactions overlap."""

from hypothesis import given
from hypothesis import strategies as st

from libs.outbox.floor import Floor

STEPS = st.lists(st.sampled_from(["begin", "draw", "commit", "roll back", "note", "read"]), max_size=60)


@given(STEPS, st.randoms(use_true_random=False))
def test_no_row_ever_shows_at_or_below_the_floor(steps, dice):
    floor, drawn, begun = Floor(), 0, 0
    open_ones: dict[str, list[int]] = {}
    shown: set[int] = set()
    for step in steps:
        one = dice.choice(sorted(open_ones)) if open_ones else None
        if step == "begin":
            begun += 1
            open_ones[f"3/{begun}"] = []
        elif step == "draw" and one:
            drawn += 1
            open_ones[one].append(drawn)
        elif step == "commit" and one:
            fresh = open_ones.pop(one)
            assert all(row > floor.id for row in fresh)
            shown |= set(fresh)
        elif step == "roll back" and one:
            del open_ones[one]
        elif step == "note":
            floor.noted(drawn, frozenset(open_ones))
        elif step == "read":
            floor.saw(min(shown, default=None))
            assert all(row > floor.id for row in shown)
            shown -= set(sorted(shown)[: dice.randrange(4)])


def test_the_floor_rises_past_what_was_published_while_others_write():
    floor = Floor()
    floor.noted(10, frozenset({"3/1"}))
    floor.noted(20, frozenset({"3/1", "3/2"}))
    floor.saw(None)
    assert floor.id == 0  # 3/1 may have drawn up to 10
    floor.noted(30, frozenset({"3/2", "3/3"}))
    floor.saw(7)
    assert floor.id == 6  # 7 is not published yet
    floor.saw(None)
    assert floor.id == 10
