"""Who a customer is and how they may be reached, in words. Pure."""

from collections.abc import Iterable, Iterator
from typing import Any

from libs.contracts.reasons import in_words

_CONSENT = "_consent"
_HIDDEN = ("email", "phone", "name")


def masked(text: str) -> str:
    """What tells somebody who knows it that it is theirs, and nobody else what it is: `a…@example.com`, `…4711`."""
    name, at, host = text.rpartition("@")
    return f"{name[:1]}…@{host}" if at else f"…{text[-4:]}" if len(text) > 8 else "…"


def names_in_words(customer_id: str, others: Iterable[str]) -> str:
    """The customer, and what else acts for them."""
    also = ", ".join(others)
    return f"{customer_id}, also {also}" if also else customer_id


def profile_in_words(profile: dict[str, Any] | None, reveal: bool) -> Iterator[str]:
    """A line for what is known of them, one for each consent; addresses and names only where they are asked for."""
    if profile is None:
        yield "no profile: nobody knows how to reach them"
        return
    told = {name: profile[name] if reveal else masked(profile[name]) for name in _HIDDEN if profile.get(name)}
    more = {name: profile[name] for name in ("locale", "timezone", "country", "region") if profile.get(name)}
    yield ", ".join(f"{name} {value}" for name, value in (told | more).items()) or "no address"
    for name in sorted(name for name in profile if name.endswith(_CONSENT)):
        since = profile.get(f"{name}_at")
        agreed = f"agreed{f' {since[:10]}' if since else ''}" if profile[name] else "not agreed"
        yield f"{name.removesuffix(_CONSENT)}: {agreed}"


def closed_in_words(suppressions: Iterable[dict[str, Any]]) -> Iterator[str]:
    """A line for each channel or address that is closed to them."""
    for one in suppressions:
        by = ", ".join(filter(None, (one["source"], one["status"])))
        what = "the address" if one["subject"].startswith("address:") else "the customer"
        yield (
            f"{one['channel']} is closed to {what} since {one['created_at'][:10]}: {in_words(one['reason'])}"
            + (f" ({by})" if by else "")
        )
