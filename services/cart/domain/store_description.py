"""What other services are told of a store: named field by field, so that a secret can't slip in. Pure."""

import re
from typing import Any

from services.cart.domain.store import Store

_CONTROLS = re.compile(r"[\x00-\x1f]+")
_NAME_LENGTH = 200


def description(store: Store) -> dict[str, Any]:
    """The fields of `StoreDescribed` for a store, as JSON has them: two are equal if there is nothing new to tell."""
    said: dict[str, Any] = {
        # the name stands in headers of e-mails
        "name": _CONTROLS.sub(" ", store.name)[:_NAME_LENGTH],
        "locale": store.locale,
        "time_zone": store.time_zone,
        "hosts": sorted(store.own_hosts()),
        "currency": store.currency,
    }
    if store.currencies:
        said["currencies"] = sorted({store.currency, *store.currencies})
    if store.messages is None:
        return said
    messages = store.messages.model_dump(mode="json", exclude_none=True)
    if not store.messages.channels:
        del messages["channels"]  # as before there were any: it is nothing new to tell
    return {**said, "messages": messages}
