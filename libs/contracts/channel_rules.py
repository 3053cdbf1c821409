"""What a store may say of a channel that is neither e-mail nor text, such as WhatsApp: bounds as in `message_rules`."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

KnownChannel = Literal["email", "sms", "whatsapp", "telegram"]
"""What the notifier's registry has, for whoever has to tell a typing error from a channel. On the wire it is open."""
ONE_A_CART: Final = frozenset({"sms"})
"""Those by which one abandonment has one message at most."""
BY_PHONE: Final = frozenset({"sms", "whatsapp"})
"""Those whose addresses are telephone numbers: laws on texts hold there."""
CHANNEL: Final = r"^[a-z][a-z0-9_]{0,31}$"
ChannelName = Annotated[str, StringConstraints(pattern=CHANNEL)]
"""`whatsapp`, `telegram`: what the notifier's registry calls it."""
Sender = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]
ProviderName = Annotated[str, StringConstraints(pattern=CHANNEL)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,31}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}([-_][A-Za-z]{2,4}){0,2}$")]


class ApprovedTemplate(BaseModel):
    """A template that a provider has approved, and what fills it.

    `languages` are, by the language of the customer (`pl`), what the provider calls it (`pl`, `en_US`). `parameters`
    are names of what the message tells (`name`, `title`, `total`), in the order of the places in it; `named` where the
    template names its places so. `button` is whether it ends in a button whose link ends in the message's own part.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,512}$")]
    languages: Annotated[dict[Language, Language], Field(min_length=1, max_length=40)]
    parameters: Annotated[tuple[Word, ...], Field(max_length=20)] = ()
    named: bool = False
    button: bool = False


class ChannelRules(BaseModel):
    """A store's rules for one further channel: without a `sender` it sends nothing there.

    `providers` carry its messages, in their order; where it names none, that of the channel's name does. `cap_hours`
    lie between two messages to one customer, 0 is off; not set, as of texts. `templates` are those that the provider
    has approved, by the name of the template that a campaign says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sender: Sender | None = None
    providers: Annotated[tuple[ProviderName, ...], Field(max_length=4)] = ()
    cap_hours: Annotated[float, Field(ge=0)] | None = None
    templates: Annotated[dict[ChannelName, ApprovedTemplate], Field(max_length=100)] = Field(default_factory=dict)


Channels = Annotated[dict[ChannelName, ChannelRules], Field(max_length=8)]
