"""Text messages by Twilio's Messages API, and the replies that it calls back with.

The resource has no field for an id of ours: it stands in the URL of the status callback, which is signed with it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import escape
from typing import Any, Final
from uuid import UUID

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import ANSWER_S, Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Withheld
from services.notifier.channels.ports import (
    Callback,
    Limits,
    ProviderSettings,
    Question,
    Reply,
    SmsLastWord,
    UnreadableCallbackError,
)
from services.notifier.channels.sms.twilio_signatures import genuine
from services.notifier.channels.told import form_body
from services.notifier.domain.replies import Meaning

OPTED_OUT: Final = 21610
PASSING: Final = {20429, 21611, 63038}
"""Too many requests; the sender's queue is full; the account's daily limit: refused now, welcome later."""
MISCONFIGURED: Final = {
    20003,  # log-in
    20005,  # account not active
    21212,  # sender is no number
    21408,  # no permission to send to this region
    21601,  # sender can't send texts
    21603,  # no sender
    21606,  # sender is not ours
    21607,  # sender not verified
    21608,  # a trial account writes to verified numbers only
    21659,  # sender is none of the account's
    21660,  # sender and account do not match
    21661,
    21701,  # no such messaging service
    21703,  # messaging service without senders
    21704,
    21705,  # messaging service's id is wrong
    30002,  # account suspended
    30034,  # sender not registered with the carriers
}
"""Codes that speak of our account or sender: whoever runs the store can repair it within the budget."""
SID: Final = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_BEFORE, _AFTER = timedelta(seconds=-5), timedelta(seconds=ANSWER_S + 15)
"""How far apart two clocks may be, and how late an answer may be lost."""
READ_AS: Final[Mapping[str, Meaning]] = {"STOP": "stop", "START": "start", "HELP": "help"}

_FIELDS = {
    "MessageSid": "Names the message: it counts once, however often it is delivered.",
    "From": "The customer's number (E.164).",
    "To": "The number that was written to.",
    "MessagingServiceSid": "The messaging service that it belongs to, if it is one's.",
    "Body": "What was written.",
    "OptOutType": "STOP, START or HELP, where Twilio's advanced opt-out has read it.",
}
FORM = form_body(
    _FIELDS,
    ["MessageSid", "From"],
    {
        "MessageSid": "SM" + "0123456789abcdef" * 2,
        "From": "+48221234567",
        "To": "+15005550006",
        "Body": "STOP",
    },
)
"""The request that Twilio calls back with, as OpenAPI describes it."""


class TwilioSettings(ProviderSettings):
    """The account, and where Twilio, or what answers as its Messages API does, is reached.

    `webhook_key` is the secret of the account's SharedKey, where a rule of its webhooks signs by that (HMAC-SHA256).
    """

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_TWILIO_")

    base_url: str = Field(default="https://api.twilio.com", pattern=r"^https?://")
    account_sid: str
    auth_token: SecretStr
    webhook_key: SecretStr | None = None


class Twilio:
    """One account's Messages resource over kept connections."""

    def __init__(self, settings: TwilioSettings, limits: Limits) -> None:
        self._path = f"/2010-04-01/Accounts/{settings.account_sid}/Messages.json"
        log_in = settings.account_sid, settings.auth_token.get_secret_value()
        self._public_url, self._name = limits.public_url, limits.name or "twilio"
        self._api = HttpApi("twilio", settings.base_url, limits, auth=log_in)

    async def send(self, sender: str, recipient: str, last_word: SmsLastWord, *, reminder_id: UUID) -> Outcome:
        """Asks for one message. `sender` is a number, a short code, a word, or a messaging service (`MG…`)."""
        text = await last_word()
        if text is None:
            return Withheld()
        form = {"To": recipient, "Body": text}
        form["MessagingServiceSid" if sender.startswith("MG") and len(sender) > 11 else "From"] = sender
        if self._public_url:
            form["StatusCallback"] = f"{self._public_url.rstrip('/')}/{self._name}/events?reminder_id={reminder_id}"
        answer = await self._api.post(self._path, data=form)
        return judged(answer) if isinstance(answer, Answer) else answer

    async def ask(self, question: Question) -> Accepted | None:
        """The message to the number that was made just then, if there is one and no more."""
        if question.recipient is None:
            return None
        answer = await self._api.get(self._path, {"To": question.recipient, "PageSize": "50"})
        return found(answer, question) if isinstance(answer, Answer) else None

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def found(answer: Answer, question: Question) -> Accepted | None:
    """The one message of a list that was made within the time in which an answer is waited for, and says the same where
    that is known. Pure.

    Twilio keeps no id of ours, so two of that time say nothing: one may be another reminder's.
    """
    listed = answer.body.get("messages") if answer.ok else None
    of_then = [
        message["sid"]
        for message in (listed if isinstance(listed, list) else ())
        if isinstance(message, dict)
        and isinstance(message.get("sid"), str)
        and question.text in (None, message.get("body"))
        and _BEFORE <= _made(message) - question.since <= _AFTER
    ]
    return Accepted(of_then[0]) if len(of_then) == 1 else None


def _made(message: Mapping[str, Any]) -> datetime:
    try:
        return parsedate_to_datetime(str(message.get("date_created"))).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC) + timedelta(days=2)


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure.

    A 5xx other than 503 may come after the message was taken (Twilio, error 20500: a POST is not idempotent, and the
    resource knows no idempotency key), so it is not a refusal.
    """
    code = answer.number("code")
    if answer.ok:
        return Accepted(answer.text("sid"))
    if code == OPTED_OUT:
        return Refused("twilio_21610", suppress="stop")
    if code in MISCONFIGURED:
        return Postponed(f"twilio_{code}", answer.retry_after_s, ours=True)
    if code in PASSING:
        return Postponed(f"twilio_{code}", answer.retry_after_s, down=answer.status == 503)
    return answer.means("twilio", code)


class TwilioReplies:
    """Messages that customers send back, signed with the account's token."""

    media_type = "text/xml"
    signed_by = "X-Twilio-Signature"
    request_body = FORM

    def __init__(self, settings: TwilioSettings) -> None:
        self._token = settings.auth_token.get_secret_value()
        self._webhook_key = settings.webhook_key.get_secret_value() if settings.webhook_key else None

    def read(self, callback: Callback) -> Reply:
        """The message, if Twilio has signed it. Its own reading is there where its advanced opt-out is on."""
        form = dict(genuine(callback, self._token, self._webhook_key))
        if any("\x00" in value for value in form.values()):
            raise UnreadableCallbackError("No field holds a NUL.")
        number, sid = form.get("From", ""), form.get("MessageSid", "")
        # names and values are signed without a mark between them: by an id that took in what follows, the same message
        # would count again
        if not number or not SID.fullmatch(sid):
            raise UnreadableCallbackError("From and MessageSid are needed.")
        ours = frozenset(form[name] for name in ("To", "MessagingServiceSid") if name in form)
        return Reply(sid, number, ours, form.get("Body", ""), READ_AS.get(form.get("OptOutType", "").upper()))

    def answer(self, text: str, reply: Reply | None = None) -> str:  # noqa: ARG002 - it goes to who wrote
        """TwiML. Twilio confirms STOP and START itself."""
        message = f"<Message>{escape(text)}</Message>" if text else ""
        return f'<?xml version="1.0" encoding="UTF-8"?><Response>{message}</Response>'
