"""Follows the links of a message as a browser on another device would, logged in nowhere."""

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from deploy.traffic.cart_api import Cart, CartApi, RefusedError
from libs.http.client import Answer, HttpClient

_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_HOPS = 5
_SHORTEST_TOKEN = 20


async def open_cart(api: CartApi, links: tuple[str, ...]) -> tuple[str, Cart, Answer] | None:
    """The first link that opens a cart, the cart, and the API's answer; None when none of them does."""
    for link in links:
        for token in candidates(link):
            try:
                cart, answer = await api.recover(token)
            except RefusedError:
                continue
            return link, cart, answer
    return None


def candidates(link: str) -> Iterator[str]:
    """What may be a recovery token in a link: values of its query and fragment, its path's last segment."""
    parts = urlsplit(link)
    values = [value for _, value in parse_qsl(parts.query)] + [value for _, value in parse_qsl(parts.fragment)]
    values.append(unquote(parts.path.rsplit("/", 1)[-1]))
    yield from (v for v in values if len(v) >= _SHORTEST_TOKEN and v.isascii() and v.replace("-", "_").isidentifier())


async def post_page(link: str) -> Answer:
    """What the page's button does, which is a form without fields."""
    parts = urlsplit(link)
    async with HttpClient(f"{parts.scheme}://{parts.netloc}", size=1) as http:
        return await http.request("POST", parts.path, headers={"Accept": "text/html"})


async def load_page(link: str) -> Answer:
    """The page behind a link, after its redirects."""
    for _ in range(_MOST_HOPS):
        parts = urlsplit(link)
        async with HttpClient(f"{parts.scheme}://{parts.netloc}", size=1) as http:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            answer = await http.request("GET", path, headers={"Accept": "text/html"})
        if answer.status not in _REDIRECTS or "location" not in answer.headers:
            break
        link = urljoin(link, answer.headers["location"])
    return answer
