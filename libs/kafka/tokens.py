"""Tokens for clusters that want OAUTHBEARER, from whoever issues them (RFC 6749, client credentials)."""

import asyncio
import base64
import json
import ssl
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from aiokafka.abc import AbstractTokenProvider

from libs.kafka.cluster import Sasl

TIMEOUT_S = 10.0
LONGEST_ANSWER = 65_536
FRESH = 0.8
"""The part of its life for which a token is used again: one that ends under way is refused."""
SHORT_LIFE_S = 60.0
"""Taken for the life of a token of which nothing is said."""


class TokenError(OSError):
    """No token could be had; the text holds nothing of what was sent or answered."""


class ClientCredentials(AbstractTokenProvider):  # type: ignore[misc]  # aiokafka carries no types
    """One token for all connections of a client, fetched when the last one is about to end."""

    def __init__(self, sasl: Sasl, ca_file: Path | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._sasl, self._ca_file, self._monotonic = sasl, ca_file, monotonic
        self._token, self._until = "", 0.0
        self._asking = asyncio.Lock()

    async def token(self) -> str:
        """A token that holds for a while. Raises `TokenError`."""
        async with self._asking:
            if not self._token or self._monotonic() >= self._until:
                asked = self._monotonic()
                answer = await asyncio.to_thread(self._ask)
                self._token, life_s = _token_of(answer)
                self._until = asked + FRESH * life_s
            return self._token

    def _ask(self) -> bytes:
        names = ":".join(quote(part, safe="") for part in (self._sasl.username, self._sasl.password))
        form = {"grant_type": "client_credentials"}
        if self._sasl.token_scope:
            form["scope"] = self._sasl.token_scope
        request = urllib.request.Request(  # noqa: S310 - the settings let in https, and http of this machine
            self._sasl.token_url,
            urlencode(form).encode(),
            {"Authorization": f"Basic {base64.b64encode(names.encode()).decode()}", "Accept": "application/json"},
        )
        trusted = ssl.create_default_context()
        if self._ca_file:
            trusted.load_verify_locations(self._ca_file)
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted), _NowhereElse)
        try:
            with opener.open(request, timeout=TIMEOUT_S) as answer:
                told: bytes = answer.read(LONGEST_ANSWER)
                return told
        except (OSError, HTTPException) as error:
            why = getattr(error, "code", type(error).__name__)
            raise TokenError(f"no token of {self._sasl.token_url}: {why}") from None


class _NowhereElse(urllib.request.HTTPRedirectHandler):
    """A redirect would take the client's secret somewhere else."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401 - urllib's own
        """Follows none: the answer is an error."""
        return


def _token_of(answer: bytes) -> tuple[str, float]:
    """The token and how many seconds it lives."""
    try:
        told = json.loads(answer)
        return str(told["access_token"]), float(told.get("expires_in", SHORT_LIFE_S))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise TokenError("the answer to a request for a token holds none") from None
