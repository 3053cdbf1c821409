"""Rate limits at the door: each call counts for its caller, and too early a call is told when to come again."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b, sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from math import ceil

from prometheus_client import Counter
from starlette.requests import Request

from libs.http.problems import Problem
from services.cart.api.request import NO_PERSON
from services.cart.domain.rate import SECOND, Rate, Rates
from services.cart.ratelimit.counter import Caller, RateCounter

LIMITED = Counter("evercart_cart_rate_limited_total", "Calls that came too early", ["limit"])
COUNTED = "evercart.counted"
MAX_FORWARDED = 400
Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]


class RateLimits:
    """Holds callers to their rates; without a `counter` there are no limits.

    `own_proxies` are networks: who calls from there calls for the address that they forward, or has none of its own,
    and then the limits by address pass it over. `secret` keys the hashes of addresses.
    """

    def __init__(self, counter: RateCounter | None, own_proxies: Networks = (), secret: bytes = b"") -> None:
        self._counter, self._own_proxies = counter, own_proxies
        self._key = sha256(b"addresses" + secret).digest()
        self._named = lru_cache(10_000)(self._hashed)
        self._alert_until = 0  # by the counter's clock: some address has failed too often until then

    def shopper(self, request: Request, store_id: str, rates: Rates, caller: str, key_id: str) -> None:
        """Counts a shopper's call, once a request, for the storefront's key as well, if any. Raises `Problem` 429."""
        if self._counter is None or COUNTED in request.scope:
            return
        request.scope[COUNTED] = True
        # first alone, then together: what is refused to one is no call of the storefront
        shopper = ("shopper", store_id, caller)
        self._count(self._counter, shopper, rates.shopper)
        if self._counter.pressing.is_set() and rates.shopper.is_no_persons(self._counter.debt(shopper)):
            request.scope[NO_PERSON] = True
        self._count(self._counter, ("storefront", store_id, key_id), rates.storefront)

    def server(self, request: Request, store_id: str, rates: Rates, caller: str) -> None:
        """Counts a server's call, once a request. Raises `Problem` 429."""
        if self._counter is None or COUNTED in request.scope:
            return
        request.scope[COUNTED] = True
        self._count(self._counter, ("server", store_id, caller), rates.server)

    def token(self, request: Request, store_id: str, rates: Rates) -> None:
        """Counts a guest's token that is to be issued. Raises `Problem` 429."""
        if self._counter is not None and (address := self._address(request)):
            self._count(self._counter, ("tokens", store_id, address), rates.tokens)

    def contact(self, request: Request, store_id: str, rates: Rates, addresses: Sequence[str]) -> None:
        """Counts addresses that a guest leaves, for whoever calls and for each of them. Raises `Problem` 429."""
        if self._counter is None:
            return
        if address := self._address(request):
            self._count(self._counter, ("contacts", store_id, address), rates.contacts)
        for one in addresses:
            left = blake2b(one.casefold().encode(), key=self._key, digest_size=16).hexdigest()
            self._count(self._counter, ("contacts", store_id, left), rates.contacts)

    def before_proof(self, request: Request, store_id: str, rates: Rates) -> None:
        """Raises `Problem` 429 where too many credentials of this address were none: now none are looked at."""
        if self._counter is None or self._counter.now() >= self._alert_until:
            return  # as nearly always
        wait = self._counter.wait(("failures", store_id, self._address(request)), rates.failures)
        if wait:
            raise _too_early("failures", rates.failures, wait)

    def failed(self, request: Request, store_id: str, rates: Rates) -> None:
        """Counts credentials that were none."""
        if self._counter is not None and (address := self._address(request)):
            caller = ("failures", store_id, address)
            wait = self._counter.admit(caller, rates.failures) or self._counter.wait(caller, rates.failures)
            if wait:
                self._alert_until = max(self._alert_until, self._counter.now() + wait)

    def address(self, request: Request) -> str:
        """A hash of the address that calls; empty where nobody knows, or nobody counts."""
        return "" if self._counter is None else self._address(request)

    def _count(self, counter: RateCounter, caller: Caller, rate: Rate) -> None:
        wait = counter.admit(caller, rate)
        if wait:
            raise _too_early(caller[0], rate, wait)

    def _address(self, request: Request) -> str:
        client = request.scope.get("client")
        forwarded = request.headers.getlist("x-forwarded-for")
        return self._named(client[0] if client else "", ",".join(forwarded)[-MAX_FORWARDED:] if forwarded else "")

    def _hashed(self, peer: str, forwarded: str) -> str:
        """A hash of the address that calls, of its /64 in IPv6, which is what one line gets; empty where nobody knows.

        It is the last one that none of our proxies has: what stands before it was written by the caller.
        """
        known = _address_in(peer)
        for text in reversed(forwarded.split(",") if forwarded else []):
            if known is None or not self._ours(known):
                break
            told = _address_in(text)
            if told is None:
                # no proxy of ours writes that: it counts for the last address that is known, and not for nobody
                return self._digest(known)
            known = told
        return "" if known is None or self._ours(known) else self._digest(known)

    def _ours(self, address: Address) -> bool:
        return any(address in network for network in self._own_proxies)

    def _digest(self, address: Address) -> str:
        packed = address.packed[:8] if address.version == 6 else address.packed
        return blake2b(packed, key=self._key, digest_size=16).hexdigest()


def _address_in(text: str) -> Address | None:
    """The address in a place of X-Forwarded-For, to which some proxies add a port, and brackets in IPv6."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    # IPv4 over a socket for both: in one /64, all of them would be one caller
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _too_early(limit: str, rate: Rate, wait: int) -> Problem:
    """The fields are those of draft-ietf-httpapi-ratelimit-headers."""
    LIMITED.labels(limit).inc()
    seconds = ceil(wait / SECOND)
    headers = {
        "Retry-After": str(seconds),
        "RateLimit-Policy": f'"{limit}";q={rate.burst};w={ceil(rate.tolerance / SECOND)}',
        "RateLimit": f'"{limit}";r=0;t={seconds}',
    }
    return Problem(429, "rate-limited", "Too many calls. Try again later.", headers=headers, limit=limit)
