"""The picture by which a letter that was opened is counted: its link, and who fetches it although nobody has. Pure.

The link is the reminder's id, signed: the proxies of mail providers see it, so it opens nothing, and leads nowhere.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from libs.policy.laws import Laws
from services.notifier.domain.click import suspicion
from services.notifier.domain.reminder import Contact
from services.notifier.domain.store import Store

UNCOUNTED: Final = ("transactional", "confirmation")
"""Messages of these purposes bear no picture: who has ordered, and who is asked, has agreed to none."""
_SIGNED: Final = re.compile(r"([0-9a-f]{32})([0-9a-f]{16})")
_FETCHERS: Final = (
    ("apple_mail", re.compile(r"Mozilla/5\.0")),
    ("gmail", re.compile(r".*(GoogleImageProxy|ggpht\.com|Edge/12\.246 Mozilla/5\.0).*")),
    ("yahoo", re.compile(r".*YahooMailProxy.*")),
)
"""Whole names of programs: Apple's Mail Privacy Protection says no more than that, whenever a letter comes; Gmail's
proxy fetches what its readers open and what they may.
"""


def open_key(secret: bytes, reminder_id: UUID) -> str:
    """A reminder's id, signed."""
    made = hmac.digest(secret, b"evercart open v1" + reminder_id.bytes, hashlib.sha256)
    return f"{reminder_id.hex}{made[:8].hex()}"


def opened(key: str, secrets: Sequence[bytes]) -> UUID | None:
    """The reminder of a key, where one of the secrets has signed it."""
    found = _SIGNED.fullmatch(key)
    if found is None:
        return None
    reminder_id = UUID(found[1])
    signed = [hmac.compare_digest(open_key(secret, reminder_id), key) for secret in secrets]
    return reminder_id if any(signed) else None


def fetched_ahead(method: str, headers: Mapping[str, str], after: timedelta) -> str | None:
    """Who fetched the picture `after` the letter was handed over, where it need not be that somebody has opened it:
    `apple_mail`, `gmail`, `yahoo`, or why it may have been another machine. Names of headers are in lower case.
    """
    agent = headers.get("user-agent", "")
    known = next((name for name, pattern in _FETCHERS if pattern.fullmatch(agent)), None)
    return known or suspicion(method, headers, after)


def may_count(store: Store, contact: Contact, laws: Laws | None) -> bool:
    """Whether it may be counted that somebody opens a store's letters: where it does that, they have not declined, and
    have agreed where the laws of where they may be want that.
    """
    if store.count_opens is not True:
        return False
    if contact.pixel_consent is not None:
        return contact.pixel_consent
    where = (contact.locale, contact.phone, contact.timezone, store.time_zone, contact.country)
    return laws is not None and not laws.pixel_asks(*where)
