"""How an identity provider is asked for its keys. Its address comes from a store's settings, so it is not trusted."""

import asyncio
import ssl

import httpx

from libs.http.public_address import public_address
from libs.http.trusted import Trusted

TIMEOUT_S = 5.0
MAX_DOCUMENT = 256 * 1024


class KeyFetcher:
    """Asks over TLS, no redirects, bounded in size and time, and of public addresses alone: whoever may set a store's
    `jwks_url` must not reach what only we can. In `local` mode without TLS and anywhere, too.
    """

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._trusted = Trusted()

    async def fetch(self, url: str) -> bytes:
        """The body that a URL answers with. Raises `httpx.HTTPError`, OSError, TimeoutError, ValueError."""
        if not (self._local or url.startswith("https://")):
            raise ValueError("a provider is asked over https")
        async with asyncio.timeout(TIMEOUT_S):
            # compressed, little becomes so much that it is in memory before it can be measured
            headers, extensions = {"Accept": "application/json", "Accept-Encoding": "identity"}, {}
            target = httpx.URL(url)
            if not self._local:
                headers["Host"] = target.netloc.decode()
                extensions["sni_hostname"] = target.host
                # by the address that was looked at: asked again, the name may lead elsewhere
                target = target.copy_with(host=await public_address(target.host, target.port or 443))
            return await _read(target, headers, extensions, await self._trusted.context())


async def _read(url: httpx.URL, headers: dict[str, str], extensions: dict[str, str], trusts: ssl.SSLContext) -> bytes:
    chunks, size = [], 0
    async with (
        httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False, verify=trusts) as client,
        client.stream("GET", url, headers=headers, extensions=extensions) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise ValueError(f"it answered {answer.status_code}")
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise ValueError("its answer is compressed")
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > MAX_DOCUMENT:
                raise ValueError("its answer is too long")
            chunks.append(chunk)
    return b"".join(chunks)
