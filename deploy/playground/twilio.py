"""What Twilio's Messages endpoint would answer: the shapes, codes and order of checks of its API 2010-04-01."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime

from deploy.playground.segments import count_segments

E164 = re.compile(r"\+[1-9]\d{6,14}")
SENDER = re.compile(r"\+?[1-9]\d{2,14}|(?=.*[A-Za-z])[A-Za-z0-9 &+_-]{1,11}")
LONGEST_BODY = 1600
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_WORDS = {"START", "YES", "UNSTOP"}
MESSAGES = {
    20003: (401, "Authenticate"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    21211: (400, "The 'To' number {to} is not a valid phone number."),
    21212: (400, "The 'From' number {sender} is not a valid phone number, shortcode, or alphanumeric sender ID."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
}


class RefusalError(Exception):
    """An answer other than 201: Twilio's code, the HTTP status and its JSON."""

    def __init__(self, code: int, **words: str) -> None:
        super().__init__(code)
        self.status, message = MESSAGES.get(code, (400, "Refused as the test asked"))
        self.body: dict[str, object] = {
            "code": code,
            "message": message.format(**words),
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": self.status,
        }


def authenticate(header: str | None, path_sid: str, account_sid: str, auth_token: str) -> None:
    """Raises `RefusalError` 20003 unless HTTP Basic names the account of the path and its token."""
    scheme, _, credentials = (header or "").partition(" ")
    try:
        given = base64.b64decode(credentials, validate=True)
    except binascii.Error:
        given = b""
    expected = f"{account_sid}:{auth_token}".encode()
    if scheme.lower() != "basic" or not hmac.compare_digest(given, expected) or path_sid != account_sid:
        raise RefusalError(20003)


def check(form: Mapping[str, str]) -> tuple[str, str, str]:
    """The recipient, sender and text of a request; raises `RefusalError`."""
    to, sender, body = (form.get(field, "").strip() for field in ("To", "From", "Body"))
    sender = sender or form.get("MessagingServiceSid", "")
    if not to:
        raise RefusalError(21604)
    if not E164.fullmatch(to):
        raise RefusalError(21211, to=to)
    if not sender:
        raise RefusalError(21603)
    if not (SENDER.fullmatch(sender) or sender.startswith("MG")):
        raise RefusalError(21212, sender=sender)
    if not body:
        raise RefusalError(21602)
    if len(body) > LONGEST_BODY:
        raise RefusalError(21617)
    return to, sender, body


def resource(
    sid: str, account_sid: str, direction: str, to: str, sender: str, body: str, at: datetime
) -> dict[str, object]:
    """The message resource as it is answered at once: queued and not priced yet."""
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}"
    service = sender if sender.startswith("MG") else None
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": body,
        "date_created": format_datetime(at),
        "date_sent": None,
        "date_updated": format_datetime(at),
        "direction": direction,
        "error_code": None,
        "error_message": None,
        "from": None if service else sender,
        "messaging_service_sid": service,
        "num_media": "0",
        # Twilio answers 0 as long as a service has not chosen the sender.
        "num_segments": "0" if service else str(count_segments(body)),
        "price": None,
        "price_unit": None,
        "sid": sid,
        "status": "received" if direction == "inbound" else "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": to,
        "uri": f"{uri}.json",
    }


def message_sid(number: int) -> str:
    """SM and 32 hexadecimal digits, the same for the same message."""
    return "SM" + hashlib.blake2b(str(number).encode(), digest_size=16).hexdigest()


def sign(url: str, form: Mapping[str, str], auth_token: str) -> str:
    """The X-Twilio-Signature of a callback: HMAC-SHA1 of the URL and the sorted names and values (Twilio, Security)."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(auth_token.encode(), signed.encode(), "sha1")).decode()


def keyword(body: str) -> str | None:
    """``stop``, ``start`` or None; Twilio heeds a keyword only if it is the whole text."""
    word = body.strip().upper()
    return "stop" if word in STOP_WORDS else "start" if word in START_WORDS else None
