"""What is heard of a message after it was handed over."""

from typing import ClassVar

from pydantic import Field

from libs.contracts.events.messages import MessageEvent


class MessageAnswer(MessageEvent):
    """What is heard of a message after it was handed over, each once of a message. It says nothing of the outcome."""


class MessageDelivered(MessageAnswer):
    """The provider says that the recipient's server, or phone, has taken the message."""

    type: ClassVar[str] = "message.delivered"


class MessageBounced(MessageAnswer):
    """The provider has taken the message, and could not deliver it."""

    type: ClassVar[str] = "message.bounced"

    weight: str | None = Field(
        default=None,
        description="`hard`: there is no such address, and nothing is sent there any more; `soft`: it may work another "
        "time; `ours`: the sender, the account or the message was refused.",
    )
    status: str | None = Field(
        default=None,
        description="What the recipient's server said, such as `5.1.1` (RFC 3463) or `550`.",
    )


class MessageComplained(MessageAnswer):
    """Whoever got the message has called it spam: nothing is sent to that address any more."""

    type: ClassVar[str] = "message.complained"


class MessageOpened(MessageAnswer):
    """Somebody has opened the message, as the provider says, or the picture in a letter: told once of each message.

    What programs of mail providers fetch ahead is told once besides, as `prefetch`. It decides nothing.
    """

    type: ClassVar[str] = "message.opened"

    prefetch: str | None = Field(
        default=None,
        description="Who fetched what tells of it, where it need not be that anybody has opened it: `apple_mail`, "
        "`gmail`, `yahoo`, or as a click is `suspected`; null: a person, as far as can be seen.",
    )


class MessageClicked(MessageAnswer):
    """The message's link to the cart was followed: told once of each message, of those whose links come by here.

    What may have been a machine is told once besides, as `suspected`, and only before a person's click; nothing may be
    decided on it. It says nothing of the outcome.
    """

    type: ClassVar[str] = "message.clicked"

    coupon_pool: str | None = Field(default=None, description="The pool of which the message offers a code.")
    suspected: str | None = Field(
        default=None,
        description="Why it may have been a machine: `head`, `prefetch`, `scanner` (it says so, or nothing), "
        "`first_seconds` after the sending, `burst` over all links of the message, `hidden_link` that nobody sees, or "
        "a later word; null: a person's click.",
    )


class MessageUnsubscribed(MessageAnswer):
    """Whoever got the message wants no more on its channel: told once of each message, whatever they choose later.

    What is open to them by now `customer.reach` tells. A STOP is told of the message that went to its sender last.
    """

    type: ClassVar[str] = "message.unsubscribed"

    by: str | None = Field(
        default=None,
        description="How it was said: `link` (with one click, or on the page behind it), `preferences` (the page where "
        "they choose), `reply` (STOP and its words), or a later word.",
    )
