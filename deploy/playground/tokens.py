"""The store's own log-in: JSON Web Tokens signed with HS256 (RFC 7515, 7519) and the store's key."""

from __future__ import annotations

import base64
import hmac
import json

LIFETIME_SECONDS = 12 * 3600
_HEADER = {"alg": "HS256", "typ": "JWT"}


def mint(customer: str, key: str, now: float) -> str:
    """A token for this customer, valid for twelve hours from ``now`` (seconds since 1970)."""
    claims = {"sub": customer, "iat": int(now), "exp": int(now) + LIFETIME_SECONDS}
    signed = f"{_encode(json.dumps(_HEADER).encode())}.{_encode(json.dumps(claims).encode())}"
    return f"{signed}.{_signature(signed, key)}"


def verify(token: str, key: str, now: float) -> str | None:
    """The customer of a token that `mint` made and that has not expired, or None."""
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(signed, key).encode()):
        return None
    claims = json.loads(base64.urlsafe_b64decode(signed.partition(".")[2] + "=="))
    return str(claims["sub"]) if claims["exp"] > now else None


def _signature(signed: str, key: str) -> str:
    return _encode(hmac.digest(key.encode(), signed.encode(), "sha256"))


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
