"""UTM parameters of the links in messages, as the store says. Pure.

A link that has one already keeps its own, and gets none of ours: half of each would name a source that never was. They
stand before the fragment, where the shop's server and its statistics read them.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

from libs.contracts.own_hosts import leads_home
from libs.contracts.utm_rules import UTM_FACTS
from services.notifier.domain.store import Store

_PLACE: Final = re.compile(r"\{(" + "|".join(UTM_FACTS) + r")\}")


def with_utm(url: str, store: Store, facts: Mapping[str, object]) -> str:
    """The link with the store's parameters; as it is where it leads to no host of the store's, or has some.

    `facts` fill the places of `UTM_FACTS`: one that is None is left empty, and so is the parameter with nothing else.
    """
    if store.utm is None or store.hosts is None or not leads_home(url, store.hosts):
        return url
    before, hash_mark, fragment = url.partition("#")
    base, _, query = before.partition("?")
    if any(unquote(pair).casefold().startswith("utm_") for pair in re.split("[&;]", query)):
        return url
    filled = {name: _filled(said, facts) for name, said in store.utm if said is not None}
    ours = "&".join(f"utm_{name}={quote(value, safe='')}" for name, value in filled.items() if value)
    if not ours:
        return url
    return f"{base}?{query}{'&' if query else ''}{ours}{hash_mark}{fragment}"


def _filled(said: str, facts: Mapping[str, object]) -> str:
    return _PLACE.sub(lambda place: "" if (fact := facts.get(place[1])) is None else str(fact), said)
