"""A stand-in of what the notifier found in the DNS of a sender."""

from typing import Any

from services.notifier.domain.senders.finding import Finding
from services.notifier.web.providers.senders import told_of

D = "lanternloom.shop"
NOW = "2026-12-01T10:15:00+00:00"
FOUND = (
    Finding("spf", D, "spf_good", "4", "v=spf1 include:spf.relay.shop -all"),
    Finding(
        "dkim", f"s1._domainkey.{D}", "dkim_weak", "1024", "v=DKIM1; k=rsa; p=" + "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB" * 5
    ),
    Finding("dmarc", D, "dmarc_watching", "none", f"v=DMARC1; p=none; rua=mailto:dmarc@{D}"),
    Finding("alignment", D, "aligned_by_key"),
    Finding("bounce", D, "bounce_good", f"mx.{D}", f"10 mx.{D}"),
)
MANY = Finding("spf", D, "spf_many", "2")


def senders(*found: Finding) -> list[dict[str, Any]]:
    """A sender of e-mails as the notifier tells of it."""
    told = {"channel": "email", "domain": D, "providers": ["postmark", "smtp"], "checked_at": NOW}
    return [told | {"findings": [told_of(one) for one in found or FOUND]}]
