"""What Twilio tells of texts that it has taken (`StatusCallback`), signed with the account's token."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from services.notifier.channels.ports import Callback, UnreadableCallbackError
from services.notifier.channels.sms.twilio import SID, TwilioSettings
from services.notifier.channels.sms.twilio_signatures import genuine
from services.notifier.channels.told import form_body, reminder_of
from services.notifier.domain.answers import Answer, AnswerKind

READ_AS: Final[Mapping[str, AnswerKind]] = {
    "delivered": "delivered",
    "undelivered": "undelivered",
    "failed": "undelivered",
    "read": "opened",
}
"""Of `queued`, `sending` and `sent` nothing follows: the text is on its way, as is known here."""
NO_SUCH_NUMBER: Final = frozenset({"30005", "30006", "21211", "21614"})
"""Unknown handset, landline or out of reach for texts, no number: none will arrive there ever."""

_FIELDS = {
    "MessageSid": "Names the message.",
    "MessageStatus": "What has become of it: `delivered`, `undelivered`, `failed`; of others nothing follows.",
    "ErrorCode": "Why it was not delivered, such as 30003 (unreachable) or 30007 (filtered).",
}
FORM = form_body(
    _FIELDS,
    ["MessageSid", "MessageStatus"],
    {
        "MessageSid": "SM" + "0123456789abcdef" * 2,
        "MessageStatus": "undelivered",
        "ErrorCode": "30003",
    },
)
"""The request that Twilio calls back with, as OpenAPI describes it."""


class TwilioEvents:
    """Signs no time: that each status of a message counts once is all that stands against a replay."""

    signed_by = "X-Twilio-Signature"
    request_body = FORM

    def __init__(self, settings: TwilioSettings) -> None:
        self._token = settings.auth_token.get_secret_value()
        self._webhook_key = settings.webhook_key.get_secret_value() if settings.webhook_key else None

    async def read(self, callback: Callback, now: datetime) -> Sequence[Answer]:
        """One status of one message; it is of now, for Twilio does not say since when."""
        form = dict(genuine(callback, self._token, self._webhook_key))
        sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "").lower()
        # names and values are signed without a mark between them, so an id has to look like one
        if not SID.fullmatch(sid) or not status.isascii() or not status.isalpha():
            raise UnreadableCallbackError("MessageSid and MessageStatus are needed.")
        kind = READ_AS.get(status)
        if kind is None:
            return ()
        code = form.get("ErrorCode", "")
        reason = f"twilio_{code}" if code.isascii() and code.isdigit() and len(code) <= 6 and code != "0" else None
        if code in NO_SUCH_NUMBER:
            kind = "bounced"
        reminder_id = reminder_of(dict(parse_qsl(urlsplit(callback.url).query)).get("reminder_id", ""))
        return [Answer(f"{sid}.{status}", kind, now, reminder_id, sid, hard=kind == "bounced", reason=reason)]
