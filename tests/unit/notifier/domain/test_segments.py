"""What a text costs: counted as the playground's provider counts it, which knows nothing of this code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.playground.segments import count_segments as counted_by_the_provider
from services.notifier.domain.segments import count_segments, price_of


@given(st.text(alphabet="aé€[]я😀", max_size=330))
def test_it_is_what_a_provider_counts(text: str):
    assert count_segments(text) == counted_by_the_provider(text)


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 134, 2),
        ("я" * 135, 3),
        ("\uffff" * 70, 1),
        ("\U00010000" * 35, 1),
        ("\U00010000" * 36, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_is_counted_in_the_parts_that_the_network_sends(text: str, segments: int):
    assert count_segments(text) == segments


@pytest.mark.parametrize(
    ("segments", "each", "price"),
    [
        (1, "0.045", "0.045"),
        (3, "0.1", "0.3"),
        (2, "0.000001", "0.000002"),
        (2, "0.000000", "0.000000"),
        (7, "999999.999999", "6999999.999993"),
        (10, "12", "120"),
    ],
)
def test_the_price_of_segments_is_exact(segments: int, each: str, price: str):
    assert price_of(segments, each) == price
