"""What a server's words say of an address."""

import pytest

from services.notifier.domain.status import status_in


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("5.1.1",), "5.1.1"),
        (("smtp; 550 5.1.1 <anna@x.example>: user unknown",), "5.1.1"),
        (("smtp;552-5.2.2 The mailbox is full",), "5.2.2"),
        (("5.0.0", "smtp; 550 5.1.1 unknown"), "5.1.1"),
        (("5.0.0", "smtp; 550 unknown"), "5.0.0"),
        (("4.0.0 (temporary)",), "4.0.0"),
        (("550 unknown",), "550"),
        (("", "421 later"), "421"),
        (("2.1.5",), "2.1.5"),
        (("5.7.515 access denied",), "5.7.515"),
        (("4.4.1", "5.1.1"), "4.4.1"),
        (("address 10.5.1.1 at 5.1.1.9", "554"), "554"),
        (("250 OK", "ticket 5501, 1550"), None),
        (("3.1.1", "5.1111.1", ""), None),
        ((), None),
        (("x" * 1997 + " 550",), None),
        (("x" * 1996 + " 550",), "550"),
    ],
)
def test_the_first_that_says_something_counts(texts: tuple[str, ...], expected: str | None):
    assert status_in(*texts) == expected
