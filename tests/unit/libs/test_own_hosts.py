"""Where a link may lead: to the store, as a browser would read it."""

import pytest

from libs.contracts.own_hosts import leads_home, leads_to_web

HOSTS = ("shop.example", "pictures.example", "::1")


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/mug",
        "http://shop.example:8443/mug?x=1#y",
        "https://SHOP.example/mug",
        "https://www.shop.example",
        "https://eu.cdn.pictures.example/чай.jpg",
        "http://[::1]:3000/mug",
        "HTTPS://shop.example/mug",
    ],
)
def test_a_host_of_the_store_s_and_what_is_below_it_is_its_own(url: str) -> None:
    assert leads_home(url, HOSTS)
    assert leads_to_web(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/mug",
        "https://shop.example.evil.example/mug",
        "https://evilshop.example/mug",
        "https://example/mug",
        "https://shop.example@evil.example/",
        "https://evil.example/shop.example",
        "https://evil.example#.shop.example",
        "https://evil.example%2f.shop.example/",
        "https://evil.example;.shop.example/",
        "http://[fe80::1]/mug",
    ],
)
def test_what_only_looks_like_it_is_somebody_else_s(url: str) -> None:
    assert not leads_home(url, HOSTS)
    assert leads_to_web(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@shop.example/",
        "https://evil.ex\tample/.shop.example",
        "https://shop.example/a b",
        " https://shop.example/",
        "https://shop.example/\x00",
        "https://shop.example/\x7f",
        "javascript://shop.example/%0aalert(1)",
        "ftp://shop.example/",
        "//shop.example/mug",
        "/mug",
        "https:///mug",
        "https://[shop.example/",
        "",
    ],
)
def test_what_is_no_plain_url_of_the_web_leads_nowhere(url: str) -> None:
    assert not leads_home(url, HOSTS)
    assert not leads_to_web(url)


def test_without_hosts_nothing_is_its_own() -> None:
    assert not leads_home("https://shop.example/", ())
