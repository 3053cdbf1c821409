"""A guest's token in a cookie, for storefronts that keep it away from their pages' scripts."""

from typing import Literal

from starlette.datastructures import Headers

Cookies = Literal["off", "same-site", "cross-site"]
MAX_AGE_S = 400 * 24 * 3600
"""As long as browsers keep a cookie at all: it is the cart that expires."""
SAME_SITE = {"same-site": "Lax", "cross-site": "None"}


def cookie_name(store_id: str) -> str:
    """Browsers take `__Host-` only with Secure and for the whole host alone (RFC 6265bis, 4.1.3.2), so stores of one
    host are told apart by the name.
    """
    return f"__Host-evercart-{store_id}"


def cookie_of(headers: Headers, store_id: str) -> str | None:
    """The token that the browser sent. A name that comes twice counts as none: one of them was planted."""
    name, found = cookie_name(store_id), []
    for part in "; ".join(headers.getlist("cookie")).split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            found.append(value.strip())
    return found[0] if len(found) == 1 else None


def from_own_page(headers: Headers, origins: frozenset[str]) -> bool:
    """Whether the browser vouches that the call comes out of an allowed page. Both headers are beyond scripts' reach;
    a call with neither could be a form of anybody's in an old browser.
    """
    origin = headers.get("origin")
    return (origin is not None and origin in origins) or headers.get("sec-fetch-site") == "same-origin"


def set_cookie(store_id: str, token: str, cookies: Cookies) -> str:
    """The Set-Cookie header that has a browser keep a token; an empty one has it forgotten."""
    age = MAX_AGE_S if token else 0
    site = SAME_SITE[cookies]
    return f"{cookie_name(store_id)}={token}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite={site}"
