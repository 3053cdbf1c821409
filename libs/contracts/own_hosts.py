"""A store's own hosts: what its description says of them, read alike by whoever has to decide where a link may lead."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

_NAME = re.compile(r"[\w.-]+")
_READ_OTHERWISE = re.compile(r"[\s\\\x00-\x1f\x7f]")
"""Browsers and we would not read the same host out of a URL that holds one of these."""


def leads_to_web(url: str) -> bool:
    """Whether it is a URL of the web, and read alike by all."""
    return _host(url) is not None


def leads_home(url: str, hosts: Collection[str]) -> bool:
    """Whether a URL leads to one of the hosts on the web, or to one below it."""
    host = _host(url)
    if host is None:
        return False
    return host in hosts or (_NAME.fullmatch(host) is not None and any(host.endswith(f".{own}") for own in hosts))


def _host(url: str) -> str | None:
    if _READ_OTHERWISE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return host if parts.scheme in ("http", "https") else None
