from datetime import UTC, datetime

from deploy.bench.shoppers import LINES, adding, events


def test_callers_and_rounds_share_no_customer():
    found = [{one.customer_id for one in adding(tag, caller, 12)} for tag in ("a", "b") for caller in (0, 1)]
    assert sum(map(len, found)) == len(set.union(*found)) == 4 * 3


def test_each_cart_gets_its_lines_and_then_comes_the_next_customer():
    first, second = list(adding("a", 0, 2 * LINES))[:LINES], list(adding("a", 0, 2 * LINES))[LINES:]
    assert len({one.customer_id for one in first}) == len({one.customer_id for one in second}) == 1
    assert len({one.body["sku"] for one in first}) == LINES


def test_events_of_a_cart_tell_its_lines_one_after_the_other():
    first, second = events(2, datetime.now(UTC))[:LINES], events(2, datetime.now(UTC))[LINES:]
    assert [one.cart_version for one in first] == [len(one.holds) for one in first] == [1, 2, 3, 4, 5]
    assert len({one.cart_id for one in first}) == 1
    assert first[0].customer_id != second[0].customer_id
