"""Secrets of stores as they are kept: encrypted with a key that is made of the service's secret. Pure."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic_core import from_json, to_json


class BrokenSealError(ValueError):
    """Sealed with another secret, for another store, or changed since."""


class Seal:
    """Seals and opens, for one store at a time: what was sealed for one opens for no other. What was sealed with one of
    `older` still opens.
    """

    def __init__(self, token_secret: bytes, *older: bytes) -> None:
        self._fernet = MultiFernet([_fernet(secret) for secret in (token_secret, *older)])

    def close(self, store_id: str, secrets: Mapping[str, Any]) -> bytes:
        """Secrets by name, sealed."""
        return self._fernet.encrypt(to_json([store_id, secrets]))

    def open(self, store_id: str, sealed: bytes) -> dict[str, Any]:
        """What was sealed. Raises `BrokenSealError`."""
        try:
            sealed_for, secrets = from_json(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise BrokenSealError("sealed with another secret, or changed since") from None
        if sealed_for != store_id:
            raise BrokenSealError("sealed for another store")
        found: dict[str, Any] = secrets
        return found


def _fernet(secret: bytes) -> Fernet:
    return Fernet(urlsafe_b64encode(hmac.digest(secret, b"seal\0stores", "sha256")))
