"""What messages go out by: one line a provider, one line a channel. The README shows how to add one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.notifier.channels.email.compose import compose as compose_email
from services.notifier.channels.email.mailgun import Mailgun, MailgunSettings
from services.notifier.channels.email.mailgun_events import MailgunEvents, MailgunEventSettings
from services.notifier.channels.email.postmark import Postmark, PostmarkSettings
from services.notifier.channels.email.postmark_events import PostmarkEvents, PostmarkEventSettings
from services.notifier.channels.email.resend import Resend, ResendSettings
from services.notifier.channels.email.resend_events import ResendEvents, ResendEventSettings
from services.notifier.channels.email.sendgrid import SendGrid, SendGridSettings
from services.notifier.channels.email.sendgrid_events import SendGridEvents, SendGridEventSettings
from services.notifier.channels.email.ses import Ses, SesSettings
from services.notifier.channels.email.ses_events import SesEvents, SesEventSettings
from services.notifier.channels.email.smtp import Smtp, SmtpSettings
from services.notifier.channels.outcome import Send
from services.notifier.channels.ports import (
    CallbackReader,
    EmailProvider,
    Limits,
    ProviderSettings,
    ReplyReader,
    SmsProvider,
    TemplateProvider,
)
from services.notifier.channels.sms.compose import compose as compose_text
from services.notifier.channels.sms.twilio import Twilio, TwilioReplies, TwilioSettings
from services.notifier.channels.sms.twilio_events import TwilioEvents
from services.notifier.channels.sms.vonage import Vonage, VonageSettings
from services.notifier.channels.sms.vonage_events import VonageEvents, VonageEventSettings
from services.notifier.channels.telegram.bot import Telegram, TelegramSettings
from services.notifier.channels.telegram.replies import TelegramReplies
from services.notifier.channels.whatsapp.cloud import WhatsApp, WhatsAppSettings
from services.notifier.channels.whatsapp.compose import compose as compose_template
from services.notifier.channels.whatsapp.events import WhatsAppEvents, WhatsAppEventSettings
from services.notifier.rendering.draft import Draft

P = TypeVar("P", EmailProvider, SmsProvider, TemplateProvider)


@dataclass(frozen=True, slots=True)
class Events:
    """Who reads what a provider tells of messages, built from settings of its own: it can send without them."""

    settings: type[ProviderSettings]
    build: Callable[[Any], CallbackReader]


@dataclass(frozen=True, slots=True)
class Provider(Generic[P]):
    """How a provider is built from its own settings, and, where it calls back with replies, or tells what became of
    messages, who reads those.
    """

    settings: type[ProviderSettings]
    build: Callable[[Any, Limits], P]
    replies: Callable[[Any], ReplyReader] | None = None
    events: Events | None = None


@dataclass(frozen=True, slots=True)
class Channel(Generic[P]):
    """How a message is composed, and by which providers it goes. `start_url` is the link that starts a chat with a
    sender, and brings a payload back, where the channel has such links.

    `once_a_cart`: one abandonment has one message on this channel at most.
    """

    compose: Callable[[Draft, P], Send]
    providers: dict[str, Provider[P]]
    once_a_cart: bool = False
    start_url: Callable[[str, str], str] | None = None


EMAIL_PROVIDERS: dict[str, Provider[EmailProvider]] = {
    "smtp": Provider(SmtpSettings, Smtp),
    "ses": Provider(SesSettings, Ses, events=Events(SesEventSettings, SesEvents)),
    "resend": Provider(ResendSettings, Resend, events=Events(ResendEventSettings, ResendEvents)),
    "postmark": Provider(PostmarkSettings, Postmark, events=Events(PostmarkEventSettings, PostmarkEvents)),
    "sendgrid": Provider(SendGridSettings, SendGrid, events=Events(SendGridEventSettings, SendGridEvents)),
    "mailgun": Provider(MailgunSettings, Mailgun, events=Events(MailgunEventSettings, MailgunEvents)),
}
SMS_PROVIDERS: dict[str, Provider[SmsProvider]] = {
    "twilio": Provider(TwilioSettings, Twilio, TwilioReplies, Events(TwilioSettings, TwilioEvents)),
    "vonage": Provider(VonageSettings, Vonage, events=Events(VonageEventSettings, VonageEvents)),
}
TELEGRAM_PROVIDERS: dict[str, Provider[SmsProvider]] = {
    "telegram": Provider(TelegramSettings, Telegram, TelegramReplies),
}
WHATSAPP_PROVIDERS: dict[str, Provider[TemplateProvider]] = {
    "whatsapp": Provider(WhatsAppSettings, WhatsApp, events=Events(WhatsAppEventSettings, WhatsAppEvents)),
}

CHANNELS: dict[str, Channel[Any]] = {
    "email": Channel(compose_email, EMAIL_PROVIDERS),
    "sms": Channel(compose_text, SMS_PROVIDERS, once_a_cart=True),
    "whatsapp": Channel(compose_template, WHATSAPP_PROVIDERS),
    "telegram": Channel(compose_text, TELEGRAM_PROVIDERS, start_url="https://t.me/{}?start={}".format),
}
