"""A reminder as an approved template of WhatsApp's, filled, ready to be sent."""

from dataclasses import replace
from typing import Final

from services.notifier.channels.outcome import LastWord, Outcome, Send
from services.notifier.channels.ports import FilledTemplate, TemplateProvider
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.message import filling
from services.notifier.rendering.phrases import MissingVariableError
from services.notifier.rendering.templates import UnknownTemplateError
from services.notifier.rendering.text import shortened

MOST: Final = 512
"""Characters of what fills one place; a whole body has 1024."""


def compose(draft: Draft, provider: TemplateProvider) -> Send:
    """Raises as `filled`; so does what it gives, where it has to be filled anew."""
    template, channel = filled(draft), draft.reminder.channel

    async def send(last_word: LastWord) -> Outcome:
        async def final() -> FilledTemplate | None:
            now = await last_word()
            if now is None:
                return None
            return template if draft.holds(now) else filled(replace(draft, snapshot=now))

        sender, recipient = draft.store.sender(channel) or "", draft.contact.address(channel) or ""
        return await provider.send(sender, recipient, final, reminder_id=draft.reminder.reminder_id)

    return send


def filled(draft: Draft) -> FilledTemplate:
    """The template that the store names for that of the campaign, in the customer's language, else the store's.

    Raises `UnknownTemplateError` where it names none, `MissingVariableError` where what fills it is not known: a place
    that stays empty is refused.
    """
    section = draft.wording()[1]
    rules = draft.store.channels.get(draft.reminder.channel)
    approved = rules.templates.get(section) or rules.templates.get(draft.reminder.template) if rules else None
    if approved is None:
        raise UnknownTemplateError(f"{draft.reminder.template}: the store names no approved template")
    spoken = (draft.contact.locale, draft.contact.locale.partition("-")[0].partition("_")[0], draft.store.locale)
    language = next((one for one in spoken if one in approved.languages), next(iter(approved.languages)))
    facts = filling(draft)
    parameters = tuple((name, shortened(facts.get(name, ""), MOST)) for name in approved.parameters)
    if missing := [name for name, text in parameters if not text]:
        raise MissingVariableError(f"{approved.name}: {', '.join(missing)}")
    button = draft.link_token if approved.button else None
    if approved.button and button is None:
        raise MissingVariableError(f"{approved.name}: button")
    return FilledTemplate(approved.name, approved.languages[language], parameters, named=approved.named, button=button)
