"""What makes a password good enough to be kept. Pure: hashing is `auth/passwords.py`."""

from typing import Literal

SHORTEST, LONGEST, FEWEST_DIFFERENT = 12, 200, 5
Fault = Literal["too_short", "too_long", "too_plain", "too_close"]


def fault_of(password: str, email: str, name: str) -> Fault | None:
    """What is wrong with a password for this person. No rules of signs: they make passwords worse (NIST 800-63B)."""
    if len(password) < SHORTEST:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    if len(set(password)) < FEWEST_DIFFERENT:
        return "too_plain"
    known = [part for part in (email.partition("@")[0], name) if len(part) >= FEWEST_DIFFERENT - 1]
    bare = password.lower()
    for part in known:
        bare = bare.replace(part.lower(), "")
    return "too_close" if len(bare) < SHORTEST // 2 else None
