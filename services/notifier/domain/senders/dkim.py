"""The key by which a domain's messages are signed (DKIM, RFC 6376). Pure."""

import base64
import binascii
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from services.notifier.domain.senders.finding import Finding, Said, tags, unknown

SHORTEST, USUAL = 1024, 2048
"""Bits of an RSA key (RFC 8301)."""
_ED25519: Final = 32
"""Bytes of such a key (RFC 8463)."""


def place(selector: str, domain: str) -> str:
    """Where the key is."""
    return f"{selector}._domainkey.{domain}"


def judged(name: str, said: Said) -> Finding:
    """What the key at a name is worth."""
    if said is None:
        return unknown("dkim", name)
    keys = [text for text in said if "p" in tags(text)]
    if not keys:
        return Finding("dkim", name, "dkim_broken" if said else "dkim_missing", record="".join(said[:1])[:200])
    record, *more = keys
    key = tags(record)
    if more or key.get("v", "DKIM1") != "DKIM1":
        return Finding("dkim", name, "dkim_broken", record=record)
    if not key["p"]:
        return Finding("dkim", name, "dkim_revoked", record=record)
    bits = _bits(key.get("k", "rsa"), key["p"])
    if bits is None:
        return Finding("dkim", name, "dkim_broken", record=record)
    if bits < USUAL:
        return Finding("dkim", name, "dkim_short" if bits < SHORTEST else "dkim_weak", str(bits), record)
    testing = "y" in key.get("t", "").replace(" ", "").split(":")
    return Finding("dkim", name, "dkim_testing" if testing else "dkim_good", record=record)


def _bits(kind: str, text: str) -> int | None:
    """How strong a key is, as an RSA key is told; None where it is none."""
    try:
        key = base64.b64decode("".join(text.split()), validate=True)
        if kind == "ed25519":
            return USUAL if len(key) == _ED25519 else None
        read = load_der_public_key(key) if kind == "rsa" else None
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        return None
    return read.key_size if isinstance(read, RSAPublicKey) else None
