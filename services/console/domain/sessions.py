"""How long a log-in lasts, and what proves that a form is its own. Pure."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

TOUCH = timedelta(minutes=1)
"""What was seen less long ago is not written down again."""
_PROOF = 32


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a session may be left alone, and how long it lasts however busy it is."""

    idle: timedelta = timedelta(hours=12)
    longest: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in on one device, known by the hash of its token."""

    token_hash: bytes
    person_id: UUID
    begun_at: datetime
    seen_at: datetime

    def lasts(self, now: datetime, lasting: Lasting) -> bool:
        """Whether it has not ended by itself."""
        return now - self.seen_at < lasting.idle and now - self.begun_at < lasting.longest

    def to_touch(self, now: datetime) -> bool:
        """Whether its last use is to be written down anew."""
        return now - self.seen_at >= TOUCH


def new_token() -> str:
    """256 random bits: of a session, an invitation, or a log-in that is under way."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """The hash by which a token is kept."""
    return hashlib.sha256(token.encode(errors="replace")).digest()


def form_token(token: str) -> str:
    """What a form of the session carries: another one on each page, so that compressed pages tell nothing (BREACH).
    Whoever has only this can't find the session's token.
    """
    pad = secrets.token_bytes(_PROOF)
    return (pad + _mixed(pad, _proof(token))).hex()


def is_form_token(given: str, token: str) -> bool:
    """Whether a form is of this session; takes the same time for every wrong one."""
    try:
        told = bytes.fromhex(given)
    except ValueError:
        return False
    pad, mixed = told[:_PROOF], told[_PROOF:]
    return len(mixed) == _PROOF and hmac.compare_digest(_mixed(pad, mixed), _proof(token))


def _proof(token: str) -> bytes:
    return hmac.digest(token.encode(errors="replace"), b"form", "sha256")


def _mixed(pad: bytes, text: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(pad, text, strict=True))
