"""WhatsApp messages by Meta's Cloud API: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages.

A store may begin a conversation by a template that Meta has approved alone, so that is all that is sent. The reminder's
id travels as `biz_opaque_callback_data`, which comes back with every status. There is no idempotency key.
"""

from typing import Any, Final
from uuid import UUID

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from services.notifier.channels.http_api import Answer, HttpApi
from services.notifier.channels.outcome import Accepted, Closing, Outcome, Postponed, Refused, Unclear, Withheld
from services.notifier.channels.ports import FilledTemplate, Limits, ProviderSettings, TemplateLastWord

CLOSES: Final[dict[int, Closing]] = {
    131026: "bounced",  # no WhatsApp there, or it takes none from businesses
    131050: "stop",  # the recipient has stopped messages of marketing of this business
}
ABOUT_MESSAGE: Final = frozenset(
    (
        *(100, 131008, 131009, 131021, 131051, 132000, 132005, 132012, 132018),  # its form, or what fills the template
        *(131047, 131049, 131030),  # not to this person now: outside of 24 h, or Meta holds marketing back
    )
)
PASSING: Final = frozenset((4, 80007, 130429, 131048, 131056, 131064))
"""Too many at once: of the app, the account, the number, or to this person."""
DOWN: Final = frozenset((2, 131016, 131057))
OURS: Final = frozenset(
    (
        *(0, 3, 10, 190, 368, 131005, 131031, 131037, 131042, 131045, 133010, 133015, 130497),  # account and number
        *(132001, 132007, 132015, 132016),  # the template: not there in this language, paused, switched off
    )
)
"""Codes of https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes, as of December 2026."""


class WhatsAppSettings(ProviderSettings):
    """The token of a system user, for `whatsapp_business_messaging`. `version` is the Graph API's."""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_WHATSAPP_")

    base_url: str = Field(default="https://graph.facebook.com", pattern=r"^https?://")
    version: str = Field(default="v23.0", pattern=r"^v\d{1,3}\.\d{1,2}$")
    access_token: SecretStr


class WhatsApp:
    """One account over kept connections."""

    def __init__(self, settings: WhatsAppSettings, limits: Limits) -> None:
        headers = {"Authorization": f"Bearer {settings.access_token.get_secret_value()}"}
        self._api = HttpApi("whatsapp", settings.base_url, limits, headers=headers)
        self._version = settings.version

    async def send(self, sender: str, recipient: str, last_word: TemplateLastWord, *, reminder_id: UUID) -> Outcome:
        """Asks for one message. `sender` is the id of a number (`phone_number_id`), `recipient` a number in E.164."""
        if not (sender.isascii() and sender.isdigit()):
            return Postponed("whatsapp_sender", ours=True)
        filled = await last_word()
        if filled is None:
            return Withheld()
        message = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": recipient.removeprefix("+"),
            "type": "template",
            "template": _template(filled),
            "biz_opaque_callback_data": str(reminder_id),
        }
        answer = await self._api.post(f"/{self._version}/{sender}/messages", json=message)
        return judged(answer) if isinstance(answer, Answer) else answer

    async def close(self) -> None:
        """Closes the connections."""
        await self._api.close()


def _template(filled: FilledTemplate) -> dict[str, Any]:
    components: list[dict[str, Any]] = []
    if filled.parameters:
        named = [{"parameter_name": name} if filled.named else {} for name, _ in filled.parameters]
        texts = [{"type": "text", "text": text} for _, text in filled.parameters]
        components.append({"type": "body", "parameters": [a | b for a, b in zip(texts, named, strict=True)]})
    if filled.button is not None:
        suffix = [{"type": "text", "text": filled.button}]
        components.append({"type": "button", "sub_type": "url", "index": "0", "parameters": suffix})
    return {"name": filled.name, "language": {"code": filled.language}, "components": components}


def judged(answer: Answer) -> Outcome:
    """What an answer means. Pure. Meta's code goes before the status, which is 400 for much that is ours."""
    if answer.ok:
        return _taken(answer)
    error = answer.body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        return answer.means("whatsapp")
    reason = f"whatsapp_{code}"
    if code in CLOSES:
        return Refused(reason, suppress=CLOSES[code])
    if code in PASSING:
        return Postponed(reason, answer.retry_after_s)
    if code in DOWN:
        return Postponed(reason, answer.retry_after_s, down=True)
    if code in OURS or 200 <= code < 300:
        return Postponed(reason, answer.retry_after_s, ours=True)
    return Refused(reason) if code in ABOUT_MESSAGE else answer.means("whatsapp", code)


def _taken(answer: Answer) -> Outcome:
    messages = answer.body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    known = first.get("id") if isinstance(first, dict) else None
    return Accepted(known) if isinstance(known, str) else Unclear("whatsapp_no_answer")
