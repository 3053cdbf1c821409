import pytest

from deploy.bench.pairs import Pair, earlier_ratios
from deploy.bench.shoppers import LINES, adding

PAIR = Pair("relay", ours=(50.0, 80.0, 90.0), bare=(100.0, 100.0, 100.0))


def test_a_ratio_is_of_one_round():
    assert PAIR.ratios == (0.5, 0.8, 0.9)


def test_json_holds_every_round_and_least_middle_and_most():
    ratio = PAIR.as_json()["ratio"]
    assert ratio == {"rounds": [0.5, 0.8, 0.9], "min": 0.5, "median": 0.8, "max": 0.9}


def test_an_earlier_run_is_read_by_name():
    assert earlier_ratios({"pairs": [PAIR.as_json()]}) == {"relay": 0.8}


@pytest.mark.parametrize("document", [{}, {"pairs": [{"name": "x"}]}, {"pairs": 3}, []])
def test_another_file_is_refused(document):
    with pytest.raises(ValueError, match="earlier"):
        earlier_ratios(document)


def test_callers_and_rounds_share_no_customer():
    found = [{one.customer_id for one in adding(tag, caller, 12)} for tag in ("a", "b") for caller in (0, 1)]
    assert sum(map(len, found)) == len(set.union(*found)) == 4 * 3


def test_each_cart_gets_its_lines_and_then_comes_the_next_customer():
    first, second = list(adding("a", 0, 2 * LINES))[:LINES], list(adding("a", 0, 2 * LINES))[LINES:]
    assert len({one.customer_id for one in first}) == len({one.customer_id for one in second}) == 1
    assert len({one.command.sku for one in first}) == LINES
