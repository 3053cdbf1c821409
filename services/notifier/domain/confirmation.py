"""Asking whoever has an address before it is written to: what, how often, and how long a yes counts. Pure."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from libs.contracts.events import ProfileSet, ReminderRequested

KIND: Final = "confirmation"
WINDOW: Final = timedelta(hours=24)
"""An address is asked once in it, whoever leaves it, in however many carts."""
MOST: Final = 2
"""So often is an address asked in `PER`: it is asked again once, and then left alone."""
PER: Final = timedelta(days=30)
LATENESS: Final = timedelta(hours=1)
"""Somebody sits at the checkout: a question that comes later than that surprises them."""
LINK_DAYS: Final = timedelta(days=3)
"""For how long a yes counts."""

_IDS: Final = UUID("5f6b0c1e-6d0d-5d7b-9a64-0c7b1f1f2a90")


def address_of(profile: ProfileSet, channel: str) -> str | None:
    """Where a channel reaches whom a profile is of."""
    if channel in ("email", "sms"):
        return profile.email if channel == "email" else profile.phone
    known = (profile.handles or {}).get(channel)
    return known.handle if known else None


def questions(profile: ProfileSet) -> list[ReminderRequested]:
    """A question for each address of a profile that has to say yes; the same profile asks the same."""
    return [
        ReminderRequested(
            event_id=uuid5(_IDS, f"event:{profile.event_id}:{channel}"),
            occurred_at=profile.occurred_at,
            reminder_id=uuid5(_IDS, f"{profile.store_id}:{profile.customer_id}:{channel}:{profile.profile_version}"),
            store_id=profile.store_id,
            customer_id=profile.customer_id,
            campaign=KIND,
            kind=KIND,
            step=1,
            channel=channel,
            template=KIND,
            due_at=profile.occurred_at,
            expires_at=profile.occurred_at + LATENESS,
        )
        for channel in profile.unconfirmed or ()
        if address_of(profile, channel) is not None
    ]


def may_ask(last_asked: datetime | None, times: int, now: datetime) -> bool:
    """Whether an address may be asked that was asked so often in `PER`, and then last."""
    return last_asked is None or (now >= last_asked + WINDOW and times < MOST)
