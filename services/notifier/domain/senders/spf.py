"""Who may send for a domain (SPF, RFC 7208), as far as it can be judged without a message. Pure."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Final

from services.notifier.domain.senders.finding import Finding, Records, unknown

MOST_LOOKUPS: Final = 10
"""RFC 7208, 4.6.4: with more, a record counts as broken."""
_TERM: Final = re.compile(
    r"[+?~-]?(?P<name>all|include|exists|a|mx|ptr|ip4|ip6)(?P<value>(?:[:/].+)?)|[a-z][a-z0-9._-]*=.*", re.IGNORECASE
)
_ASKS: Final = frozenset({"include", "exists", "a", "mx", "ptr"})


class _TooManyError(Exception):
    """More look-ups than may be."""


class _LeadsNowhereError(Exception):
    """It includes a domain that has no record."""


def judged(domain: str, records: Records, *, needed: bool = True) -> Finding:
    """What a domain's record is worth; `records` are those of it and of all that it leads to (`wanted`). It is not
    needed where the envelope is the provider's.
    """
    said = records.get(domain)
    if said is None:
        return unknown("spf", domain)
    own = _of(said)
    if not own:
        return Finding("spf", domain, "spf_missing" if needed else "spf_unneeded")
    record, *more = own
    if more:
        return Finding("spf", domain, "spf_many", str(len(own)))
    if (term := _broken(record)) is not None:
        return Finding("spf", domain, "spf_broken", term[:100], record)
    try:
        lookups = _count(domain, records, 0)
    except _TooManyError:
        return Finding("spf", domain, "spf_lookups", record=record)
    except _LeadsNowhereError as error:
        return Finding("spf", domain, "spf_include", str(error), record)
    ending = _ending(domain, records)
    if ending == "+":
        return Finding("spf", domain, "spf_open", record=record)
    if lookups is None:
        return unknown("spf", domain)
    return Finding("spf", domain, "spf_good" if ending in ("-", "~") else "spf_loose", str(lookups), record)


def wanted(domain: str, records: Records) -> set[str]:
    """The names that have to be asked before it can be judged."""
    known, ahead = set[str](), [domain]
    while ahead and len(known) <= MOST_LOOKUPS:
        name = ahead.pop(0)
        if name not in known:
            known.add(name)
            ahead += [leads_to for _, leads_to in _steps(records.get(name)) if leads_to]
    return {name for name in known if name not in records}


def _of(said: tuple[str, ...]) -> list[str]:
    return [text for text in said if text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")]


def _terms(record: str) -> list[str]:
    return record.split()[1:]


def _terms_of(said: tuple[str, ...] | None) -> list[str]:
    """Those of the one record; none where there are several."""
    found = _of(said or ())
    return _terms(*found) if len(found) == 1 else []


def _broken(record: str) -> str | None:
    """The first term that makes all of the record void."""
    return next((term for term in _terms(record) if not _known(term)), None)


def _known(term: str) -> bool:
    found = _TERM.fullmatch(term)
    if found is None:
        return False
    name, value = (found["name"] or "").lower(), (found["value"] or "")
    if name in ("ip4", "ip6"):
        try:
            return ip_network(value[1:], strict=False).version == int(name[-1])
        except ValueError:
            return False
    if name == "all":
        return not value
    return name not in ("include", "exists") or value.startswith(":")


def _steps(said: tuple[str, ...] | None) -> Iterator[tuple[str, str]]:
    """What a record asks, in its order: the mechanism, and the domain whose record counts there, too, if any."""
    names = [(term.lstrip("+?~-").lower(), term) for term in _terms_of(said)]
    closed = next((n for n, (name, _) in enumerate(names) if name == "all"), None)
    for name, term in names[:closed]:
        mechanism = re.split(r"[:/=]", name)[0]
        if mechanism in _ASKS and not name.startswith(f"{mechanism}="):
            leads_to = term.partition(":")[2].lower() if mechanism == "include" else ""
            yield mechanism, "" if "%" in leads_to else leads_to
    if closed is None:
        for name, term in names:
            if name.startswith("redirect="):
                yield "redirect", term.partition("=")[2].lower()


def _count(domain: str, records: Records, before: int) -> int | None:
    """How many look-ups the record takes, those `before` it counted; None where some of it could not be asked."""
    lookups, certain = before, True
    for _, leads_to in _steps(records.get(domain)):
        lookups += 1
        if lookups > MOST_LOOKUPS:
            raise _TooManyError
        if leads_to:
            said = records.get(leads_to)
            if said is not None and len(_of(said)) != 1:
                raise _LeadsNowhereError(leads_to)
            within = _count(leads_to, records, lookups) if said is not None else None
            certain = certain and within is not None
            lookups = within or lookups
    return lookups if certain else None


def _ending(domain: str, records: Records) -> str:
    """The sign of the `all` that counts, here or where the record redirects to; a question mark without one."""
    seen = set[str]()
    while domain not in seen:
        seen.add(domain)
        for term in _terms_of(records.get(domain)):
            if term.lstrip("+?~-").lower() == "all":
                return term[0] if term[0] in "+?~-" else "+"
        domain = next((to for name, to in _steps(records.get(domain)) if name == "redirect"), domain)
    return "?"
