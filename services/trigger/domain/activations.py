"""Since when each campaign is switched on, for each store. Pure.

The store `*` stands for every store without a campaign file of its own. What a campaign was doing for a store it goes
on doing, whichever file says so; what was out for it, in its own file or in that of all, is new when it comes back.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

EVERY_STORE = "*"

Activations = Mapping[tuple[str, str], datetime]
"""Store and campaign → since when. Of a store without a file of its own: only what differs from all such stores."""


def switch(
    before: Activations, own_before: Collection[str], files: Mapping[str, Collection[str]], now: datetime
) -> dict[tuple[str, str], datetime]:
    """The activations after `files` (store → names of its campaigns) came in force at `now`.

    `own_before` are the stores that had a file of their own until now.
    """
    of_all = {name: before.get((EVERY_STORE, name), now) for name in files.get(EVERY_STORE, ())}
    after = {(EVERY_STORE, name): since for name, since in of_all.items()}
    for store in ({store for store, _ in before} | set(own_before) | set(files)) - {EVERY_STORE}:
        on = {name: since for (other, name), since in before.items() if other == store}
        if store not in own_before:
            on = {name: since for (other, name), since in before.items() if other == EVERY_STORE} | on
        for name in files.get(store, of_all):
            since = on.get(name, now)
            if store in files or since != of_all[name]:
                after[store, name] = since
    return after
