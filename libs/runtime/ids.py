"""Identifiers."""

from uuid import UUID

import uuid_utils.compat


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562): sorts by the time of its making, which keeps indexes dense."""
    return uuid_utils.compat.uuid7()
