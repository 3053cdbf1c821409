"""Whom a client of ours trusts over TLS."""

import asyncio
import ssl

import httpx


class Trusted:
    """The certificates that are trusted, read once and beside the loop: they are a quarter of a megabyte, and a client
    that is made for one question would read them each time. `trust_env` heeds `SSL_CERT_FILE`, as httpx does.
    """

    def __init__(self, *, trust_env: bool = False) -> None:
        self._trust_env = trust_env
        self._context: ssl.SSLContext | None = None

    async def context(self) -> ssl.SSLContext:
        """What httpx takes as `verify`."""
        if self._context is None:
            self._context = await asyncio.to_thread(httpx.create_ssl_context, trust_env=self._trust_env)
        return self._context
