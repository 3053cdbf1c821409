"""Passwords as argon2id keeps them (RFC 9106's second recommendation, which argon2-cffi takes by default)."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2
"""Each takes 64 MiB and 50 ms: log-ins wait for each other instead of taking the machine."""


class Passwords:
    """Hashes and compares, aside from the loop that answers everybody else."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def hashed(self, password: str) -> str:
        """What is kept of a password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, password: str, kept: str | None) -> bool:
        """Whether it is the password; where nothing is kept it takes as long, and is not."""
        if kept is None and self._nobodys is None:
            self._nobodys = await self.hashed("nobody's")
        async with self._turns:
            right = await asyncio.to_thread(self._matches, password, kept or self._nobodys or "")
        return right and kept is not None

    def is_old(self, kept: str) -> bool:
        """Whether it was hashed by weaker rules than those of now."""
        return self._hasher.check_needs_rehash(kept)

    def _matches(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False
