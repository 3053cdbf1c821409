"""What a domain wants done with messages in its name (DMARC, RFC 7489), and whether ours are its own. Pure."""

from dataclasses import dataclass
from typing import Final

from services.notifier.domain.senders.finding import Finding, Records, tags, unknown

_FEWEST_LABELS: Final = 2
_POLICIES: Final = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Policy:
    """What was found; `family` is the domain to which the sender's belongs (empty where nothing says so), and with
    `strict` only the very same domain is its own.
    """

    finding: Finding
    family: str = ""
    strict: bool = False


def wanted(domain: str) -> list[str]:
    """The names that are asked, the nearest first: of the domain, and of those above it."""
    labels = domain.split(".")
    return [f"_dmarc.{'.'.join(labels[n:])}" for n in range(max(len(labels) - _FEWEST_LABELS, 0) + 1)]


def judged(domain: str, records: Records) -> Policy:
    """The policy that counts for a domain: its own, else that of the nearest above it."""
    family = ""
    counts: tuple[str, list[str]] | None = None
    for name in wanted(domain):
        said = records.get(name)
        if said is None:
            if counts is None:
                return Policy(unknown("dmarc", domain))
            continue
        if found := [text for text in said if tags(text).get("v") == "DMARC1"]:
            family = name.removeprefix("_dmarc.")
            counts = counts or (family, found)
    if counts is None:
        return Policy(Finding("dmarc", domain, "dmarc_missing"))
    where, (record, *more) = counts
    if more:
        return Policy(Finding("dmarc", domain, "dmarc_many", str(1 + len(more))))
    said_of = tags(record)
    policy = said_of.get("p", "").lower()
    if where != domain:
        policy = said_of.get("sp", policy).lower()
    strict = said_of.get("aspf", "r").lower() == "s"
    if policy not in _POLICIES:
        return Policy(Finding("dmarc", domain, "dmarc_broken", record=record), family, strict)
    code = "dmarc_watching" if policy == "none" else "dmarc_good"
    return Policy(Finding("dmarc", domain, code, policy, record), family, strict)


def alignment(domain: str, returns_to: str, policy: Policy, spf: Finding, keys: list[Finding]) -> Finding | None:
    """Whether messages pass: by a signature of the domain's own, or by an envelope of its family whose SPF holds.

    `returns_to` is the envelope's domain, empty where it is the provider's. None where it can't be said.
    """
    if not policy.family or any(one.state == "unknown" for one in (spf, *keys)):
        return None
    if any(one.state in ("good", "warn") and one.code != "dkim_unsaid" for one in keys):
        return Finding("alignment", domain, "aligned_by_key")
    related = returns_to == domain or (not policy.strict and f".{returns_to}".endswith(f".{policy.family}"))
    if related and spf.state in ("good", "warn"):
        return Finding("alignment", domain, "aligned_by_envelope")
    if any(one.code == "dkim_unsaid" for one in keys):
        return None
    return Finding("alignment", domain, "not_aligned")
