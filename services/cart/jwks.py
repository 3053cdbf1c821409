"""A provider's public keys (RFC 7517), as far as the one algorithm of a store goes."""

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
MIN_RSA_BITS = 2048
"""RFC 7518, 3.3."""
MAX_KEYS = 100
KINDS: Mapping[str, tuple[str, str | None]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "EdDSA": ("OKP", "Ed25519"),
}
"""Algorithms whose keys may be public: kind of key, and curve."""


def read_keys(document: bytes, algorithm: str) -> dict[str | None, PublicKey]:
    """The keys of a JWK set that check signatures of `algorithm`, by their id; others are passed over.

    A single one is also found under None: by tokens that name no key. Raises ValueError for what is no JWK set.
    """
    found: dict[str | None, PublicKey] = {}
    for jwk in _listed(document):
        key_id = jwk.get("kid")
        key = _usable(jwk, algorithm) if isinstance(key_id, str) or key_id is None else None
        if key is not None and key_id not in found:
            found[key_id] = key
    return found if len(found) != 1 else found | {None: next(iter(found.values()))}


def _listed(document: bytes) -> list[dict[str, Any]]:
    parsed = json.loads(document)
    keys = parsed.get("keys") if isinstance(parsed, dict) else None
    if not isinstance(keys, list) or len(keys) > MAX_KEYS or not all(isinstance(jwk, dict) for jwk in keys):
        raise ValueError("not a JWK set")
    return keys


def _usable(jwk: dict[str, Any], algorithm: str) -> PublicKey | None:
    kind, curve = KINDS[algorithm]
    fits = jwk.get("kty") == kind and jwk.get("crv") == curve
    meant = jwk.get("use", "sig") == "sig" and jwk.get("alg", algorithm) == algorithm
    if not fits or not meant or "verify" not in jwk.get("key_ops", ("verify",)):
        return None
    public = {name: value for name, value in jwk.items() if name != "d"}  # a private one, published by mistake
    try:
        key = jwt.PyJWK(public, algorithm).key
    except (jwt.PyJWTError, UnsupportedAlgorithm, TypeError, ValueError):
        return None
    if isinstance(key, RSAPublicKey):
        return key if key.key_size >= MIN_RSA_BITS else None
    return key if isinstance(key, EllipticCurvePublicKey | Ed25519PublicKey) else None
