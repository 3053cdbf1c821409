import pytest

from deploy.traffic.measure import Spread, spread


def test_percentiles_are_of_the_nearest_rank():
    assert spread(number / 1000 for number in range(1, 101)) == Spread(100, 50.0, 99.0, 100.0)


def test_one_time_is_all_its_percentiles():
    assert spread([0.0042]) == Spread(1, 4.2, 4.2, 4.2)


def test_no_times_are_zero():
    assert spread([]) == Spread(0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("count", [2, 3, 99, 101])
def test_p99_is_never_above_the_slowest(count):
    found = spread(range(count))
    assert found.p50_ms <= found.p99_ms <= found.max_ms
