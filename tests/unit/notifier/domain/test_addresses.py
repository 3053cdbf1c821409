"""One mailbox, however its address is spelled; and never another person's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.domain.addresses import ascii_domain, spelled
from services.notifier.rendering.mime import UnusableAddressError, usable


@pytest.mark.parametrize(
    ("readable", "ascii_form"),
    [
        ("anna@fußball.de", "anna@xn--fuball-cta.de"),
        ("anna@βόλος.example", "anna@xn--nxasmm1c.example"),  # IDNA 2003 makes another sigma of it
        ("anna@bücher.example", "anna@xn--bcher-kva.example"),
        ("anna@пример.рф", "anna@xn--e1afmkfd.xn--p1ai"),
        ("anna@mail.example", "anna@mail.example"),
    ],
)
def test_a_domain_with_a_sharp_s_is_not_mailed_at_somebody_else_s(readable: str, ascii_form: str) -> None:
    """PHPMailer#2563: the codec of the standard library writes to fussball.de."""
    assert usable(readable) == usable(ascii_form) == ascii_form
    assert spelled(readable) == spelled(ascii_form) == readable


def test_a_domain_is_written_to_in_small_letters() -> None:
    assert ascii_domain("BÜCHER.Example") == "xn--bcher-kva.example"


def test_what_only_its_own_server_can_read_is_left_alone() -> None:
    assert spelled("An.Na+cart@Mail.Example") == "An.Na+cart@mail.example"
    assert spelled("anna@\N{FULLWIDTH LATIN SMALL LETTER B}ücher.example") == "anna@bücher.example"
    assert spelled("+4915112345678") == "+4915112345678"


@pytest.mark.parametrize("domain", ["💩.la", "a b.ü", "ü..example", "\N{COMBINING ACUTE ACCENT}a.example", "ü" * 80])
def test_a_domain_that_nobody_can_register_is_not_written_to_and_stays_as_it_is(domain: str) -> None:
    with pytest.raises(ValueError):
        ascii_domain(domain)
    with pytest.raises(UnusableAddressError):
        usable(f"anna@{domain}")
    assert spelled(f"anna@{domain}") == f"anna@{domain}"


@given(st.text())
def test_any_text_has_one_spelling(text: str) -> None:
    assert spelled(spelled(text)) == spelled(text)
