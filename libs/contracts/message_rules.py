"""What a store may say of its messages: the bounds, for the service that keeps them and for the one that sends.

On the wire (`libs.contracts.events.StoreMessages`) they are open: what a newer release tells is for whoever acts on it
to judge, and leaves the last description that could be used in force.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from libs.contracts.channel_rules import Channels
from libs.contracts.utm_rules import Utm

Line = Annotated[str, StringConstraints(pattern=r"^[^\r\n\x00-\x1f]*$", max_length=200)]
"""One line of text: it may stand in a header, so it holds no control characters."""
Address = Annotated[str, StringConstraints(pattern=r"^[!-~]+@[!-~]+$", max_length=254)]
TestAddress = Annotated[str, StringConstraints(pattern=r"^([!-~]+@[!-~]+|\+[1-9]\d{6,14})$", max_length=254)]
"""An e-mail address, or a telephone number as E.164 writes it."""
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
PROVIDER = r"^[a-z][a-z0-9_]{0,31}$"
Provider = Annotated[str, StringConstraints(pattern=PROVIDER)]
FirstProvider = Annotated[
    Provider,
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": PROVIDER},
                {"type": "array", "items": {"type": "string", "pattern": PROVIDER}, "minItems": 1, "maxItems": 4},
            ]
        },
        mode="validation",
    ),
]
"""A name, or several in their order, of which the first stays here."""
FurtherProviders = Annotated[tuple[Provider, ...], Field(max_length=3)]
Folder = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""The name of a folder, and no way out of the one that it is in."""
SmsSender = Annotated[str, StringConstraints(pattern=r"^(\+[1-9]\d{6,14}|\d{3,8}|MG[0-9a-f]{32}|[A-Za-z0-9 ]{1,11})$")]
"""A number, a short code, a messaging service, or a word (which nobody can answer)."""
WebUrl = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]+$", max_length=2000)]
Hours = Annotated[float, Field(ge=0)]


def _some_hours(value: str) -> str:
    start, _, end = value.partition("-")
    if start and start == end:
        raise ValueError("quiet hours that start when they end are none, or all day")
    return value


QuietHours = Annotated[
    str,
    StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d)?$"),
    AfterValidator(_some_hours),
]
"""`HH:MM-HH:MM` in the recipient's own time; an empty string is off."""
BounceAddress = Annotated[str, StringConstraints(pattern=r"^[a-z0-9._-]{1,14}@[a-z0-9.-]+$", max_length=200)]
"""Where messages come back to: what is added before the `@` leaves fourteen characters."""
Selector = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
"""The name of a key below `_domainkey` (RFC 6376, 3.1)."""
SegmentPrice = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,5})(\.[0-9]{1,6})?$")]
"""A decimal number as text, which no float rounds, in the store's currency."""
SoftBounces = Annotated[str, StringConstraints(pattern=r"^([1-9]\d{0,2} in [1-9]\d{0,2}d)?$")]
"""`3 in 7d`: three messages that came back for now within seven days; an empty string is off."""
Repeat = Annotated[str, StringConstraints(pattern=r"^(week|month|([2-9]|1[0-2]) (weeks|months))$")]
"""How often: `week`, `2 weeks`, `month`, `3 months`, twelve of either at most."""
Skus = Annotated[str, StringConstraints(pattern=r"^[^*\x00-\x1f]*\*?$", min_length=1, max_length=128)]
"""The number of an item, or with a `*` at its end all that begin like this."""


class MessageRules(BaseModel):
    """A store's voice and its rules for messages, all but caps and quiet hours, which may be left to who sends.

    `delivery` says what becomes of a message whose process died between the provider's yes and the record: it stays
    `unknown` (`at_most_once`), or is sent again under the same Message-ID (`at_least_once`). `messages_days` is for how
    long it is known what became of a reminder, `contents_days` what exactly was sent (None: as long as what became of
    it), `replies_days` who has answered what. `templates` is the name of a
    folder below the notifier's own. So many messages that come back for now (`soft_bounces`) close an address, as one
    does that comes back for good. With a `bounce_address` each message that goes by SMTP comes back to an address of
    its own below it. `email_fail_over` are the providers that are used, one after the other, where the one before
    surely took nothing; `email_provider: [ses, smtp]` says both at once. The same of texts. `channels` are the rules of
    further ones, such as `whatsapp`. Tests of messages go to `test_addresses`
    and to nobody else. By `dkim_selectors` its e-mails are signed: the keys are looked up, so that it is known when one
    is missing. `segment_price` is what a segment of a text costs it.
    Links of messages to hosts of the store carry `utm`, where they have none of their own.
    Letters lead to the cart by a link of ours where the store is to `count_clicks`, and carry a picture of ours where
    it is to `count_opens`, and whoever gets them may be counted. Where it is to `ask_monthly`, the letter that
    an order has arrived asks whether its products among `repeat_products` should come again (none named: that of an
    order of one product), so often as `repeat_every` says.
    """

    model_config = ConfigDict(frozen=True)

    email_from: Address | None = None
    email_provider: FirstProvider = "smtp"
    email_fail_over: FurtherProviders = ()
    sms_from: SmsSender | None = None
    sms_provider: FirstProvider = "twilio"
    sms_fail_over: FurtherProviders = ()
    delivery: Literal["at_most_once", "at_least_once"] = "at_most_once"
    accent: Color = "#1f2937"
    logo_url: WebUrl | None = None
    postal_address: Line | None = None
    messages_days: float = Field(default=400, ge=30)
    contents_days: float | None = Field(default=None, ge=1)
    replies_days: float = Field(default=90, ge=1)
    count_clicks: bool | None = None
    count_opens: bool | None = None
    ask_monthly: bool | None = None
    repeat_every: Repeat = "month"
    repeat_products: Annotated[tuple[Skus, ...], Field(max_length=100)] = ()
    bounce_address: BounceAddress | None = None
    soft_bounces: SoftBounces = "3 in 7d"
    dkim_selectors: Annotated[tuple[Selector, ...], Field(max_length=4)] = ()
    segment_price: SegmentPrice | None = None
    test_addresses: Annotated[tuple[TestAddress, ...], Field(max_length=20)] = ()
    utm: Utm | None = None
    templates: Folder | None = None
    channels: Channels = Field(default={})

    @model_validator(mode="before")
    @classmethod
    def _orders_are_split(cls, said: object) -> object:
        if not isinstance(said, Mapping):
            return said
        split = dict(said)
        for channel in ("email", "sms"):
            match split.get(f"{channel}_provider"):
                case [first, *further]:
                    if split.get(f"{channel}_fail_over"):
                        raise ValueError(f"{channel}_fail_over: the order is said by {channel}_provider already")
                    split |= {f"{channel}_provider": first, f"{channel}_fail_over": further}
        return split

    @field_validator("channels", mode="before")
    @classmethod
    def _none_are_none(cls, said: object) -> object:
        return {} if said is None else said

    @model_validator(mode="after")
    def _nobody_is_named_twice(self) -> Self:
        if not self.channels.keys().isdisjoint(("email", "sms")):
            raise ValueError("channels: e-mail and texts have fields of their own")
        further = [self.providers(channel) for channel in self.channels]
        for names in (self.email_providers, self.sms_providers, *further):
            if len(set(names)) < len(names):
                raise ValueError("a provider is named twice")
        return self

    def providers(self, channel: str) -> tuple[str, ...]:
        """Who carries its messages on a channel, in the order in which they are tried."""
        if channel in ("email", "sms"):
            return self.email_providers if channel == "email" else self.sms_providers
        rules = self.channels.get(channel)
        return (rules.providers if rules else ()) or (channel,)

    @property
    def email_providers(self) -> tuple[str, ...]:
        """Who carries its e-mails, in the order in which they are tried."""
        return self.email_provider, *self.email_fail_over

    @property
    def sms_providers(self) -> tuple[str, ...]:
        """The same of its texts."""
        return self.sms_provider, *self.sms_fail_over
