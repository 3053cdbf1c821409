"""What a relay's refusal means: is it about this recipient, about this message, or about us? Pure.

Somebody can repair what is wrong with us within a message's budget, so only what speaks of the recipient or of the
message ends it. Where a relay says no more than `550` or `5.7.1` its words decide; they are Postfix's, Exim's,
Exchange's, Gmail's and Amazon's.
"""

import re
from typing import Final

from services.notifier.channels.outcome import Outcome, Postponed, Refused, Unclear

CLOSING: Final = 421
PERMANENT: Final = 500
BAD_ADDRESS: Final = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10")
"""Enhanced codes (RFC 3463, 7505) that say: this address will never work."""

_OUR_REPLIES: Final = {500, 501, 502, 503, 504, 521, 530, 534, 535, 538, 555}
"""Replies about how we speak or log in (RFC 5321, 4.2.2; RFC 4954, 6), not about whom we write to."""
_OURS: Final = re.compile(
    r"5\.1\.[789]"  # the sender's address (RFC 3463, 7505)
    r"|5\.3\.[0-35-9]"  # the relay itself; 5.3.4 is a message that is too big for it
    r"|5\.4\.5"  # congestion, and a quota of ours at Gmail
    r"|5\.5\.\d+"  # how we speak
    r"|5\.7\.(0|3|[89]|1[1-46]|2[0-9]|3\d|[4-9]\d|\d{3,})"  # log-in, SPF, DKIM, DMARC, reputation (RFC 7372; Exchange)
)
_UNDECIDED: Final = re.compile(r"5\.0\.0|5\.7\.1|")
_ABOUT_US: Final = re.compile(
    r"relay|authenticat|not verified|unverified|credential|log.?in|sender|not authori[sz]ed|not permitted|client host"
    r"|quota|sending limit|rate limit|too many|suspended|disabled account|account (is )?(disabled|not active)"
    r"|spf|dkim|dmarc|reverse dns|\bptr\b|block.?list|black.?list|helo|ehlo",
    re.IGNORECASE,
)
_ABOUT_MAILBOX: Final = re.compile(r"recipient|mailbox|no such user|user unknown|unknown user", re.IGNORECASE)


def refusal(code: int, message: str, *, handed_over: bool = True) -> Outcome:
    """What a reply other than a yes means. 5yz is for good, 4yz for now (RFC 5321, 4.2.1), anything else no answer:
    then the relay may have what was `handed_over`.
    """
    if not 400 <= code < 600:
        return Unclear("smtp_no_answer") if handed_over else Postponed("smtp_disconnected", down=True)
    if code < PERMANENT:
        return Postponed(f"smtp_{code}", down=code == CLOSING)
    enhanced = _enhanced(message)
    if code in _OUR_REPLIES or _OURS.fullmatch(enhanced) or (_UNDECIDED.fullmatch(enhanced) and _tells_of_us(message)):
        return sender_refused(code)
    return Refused(f"smtp_{code}", suppress="bounced" if enhanced in BAD_ADDRESS else None)


def sender_refused(code: int) -> Postponed:
    """It is we who are refused."""
    return Postponed(f"smtp_{code}_sender", ours=code >= PERMANENT)


def _enhanced(message: str) -> str:
    first = message.split(" ", 1)[0]
    return first if re.fullmatch(r"5\.\d{1,3}\.\d{1,3}", first) else ""


def _tells_of_us(message: str) -> bool:
    # `<anna@sender.example>: Recipient address rejected: User unknown` holds a word of ours in an address
    words = re.sub(r"<[^>]*>|\S+@\S+", "", message)
    return _ABOUT_US.search(words) is not None and not (
        _ABOUT_MAILBOX.search(words) and not re.search(r"relay|authenticat|verified", words, re.IGNORECASE)
    )
