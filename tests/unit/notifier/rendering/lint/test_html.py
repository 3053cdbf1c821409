"""The rules of a rendered page: each finds its fault, and leaves a good page alone."""

import pytest

from services.notifier.rendering.colours import contrast
from services.notifier.rendering.lint.html import broken_links, longest_line, too_large, weak_contrasts

GREY, LIGHT = "#6b7280", "#f3f4f6"


def test_a_hundred_kilobytes_are_the_most():
    assert too_large("a" * 100_000) is None
    assert too_large("a" * 99_999 + "ä") == 100_001


def test_a_line_of_998_octets_is_the_longest():
    assert longest_line(b"a" * 998 + b"\r\n" + b"b" * 998) is None
    assert longest_line(b"a\r\n" + b"b" * 999 + b"\r\nc") == 999


@pytest.mark.parametrize(
    "link",
    [
        "{{ recovery_url }}",
        "",
        "shop.example",
        "/cart",
        "https://",
        "http://shop .example",
        "javascript:x",
        "mailto:",
        "https://[x",
    ],
)
def test_a_link_that_leads_nowhere_is_found(link: str):
    assert broken_links(f'<a href="{link}">x</a>') == [link]
    assert broken_links(f'<img src="{link}">') == [link]


def test_links_to_the_web_to_mail_and_to_a_telephone_are_none():
    good = (
        "https://shop.example/r?a=1&amp;b=2",
        "http://shop.example",
        "mailto:hello@shop.example",
        "tel:+12015550100",
    )
    assert broken_links("".join(f'<a href="{link}">x</a>' for link in good)) == []


@pytest.mark.parametrize(
    ("html", "found"),
    [
        (f'<p style="color:{GREY}">x</p>', []),
        (f'<body style="background-color:{LIGHT}"><p style="color:{GREY}">x</p></body>', [(GREY, LIGHT, 4.5)]),
        (f'<td bgcolor="{LIGHT}"><p style="color:{GREY}">x</p></td>', [(GREY, LIGHT, 4.5)]),
        (f'<td style="background:{LIGHT} none"><p style="color:{GREY}">x</p></td>', [(GREY, LIGHT, 4.5)]),
        (f'<p style="background:{LIGHT};color:{GREY};font-size:24px">x</p>', []),
        (f'<p style="background:{LIGHT};color:{GREY};font-size:19px;font-weight:700">x</p>', []),
        (f'<p style="background:{LIGHT};color:{GREY};font-size:19px;font-weight:600">x</p>', [(GREY, LIGHT, 4.5)]),
        (f'<p style="background:{LIGHT};color:{GREY};font-size:18px;font-weight:bold">x</p>', [(GREY, LIGHT, 4.5)]),
        ('<p style="color:#bbb;font-size:30px">x</p>', [("#bbbbbb", "#ffffff", 3.0)]),
        ('<p style="color:#eee;display:none">x</p>', []),
        ('<p style="color:#eee"> <img src="x"> </p>', []),
        ('<p style="background:black"><i style="color:white">x</i></p>', []),
        ('<p style="color:white">a<br>b</p>c', [("#ffffff", "#ffffff", 4.5)] * 2),
        ("<style>a { color: #fff }</style></b><title>x</title>y", []),
    ],
)
def test_text_that_can_hardly_be_read_is_found(html: str, found: list[tuple[str, str, float]]):
    assert [(colour, ground, needed) for colour, ground, _, needed in weak_contrasts(html)] == found


def test_contrast_is_as_the_web_counts_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")
