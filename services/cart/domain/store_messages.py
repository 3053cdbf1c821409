"""How a store speaks to its customers. The cart service only keeps it: whoever sends is told of it. Pure."""

from pydantic import ConfigDict

from libs.contracts.message_rules import Hours, MessageRules, QuietHours


class StoreMessages(MessageRules):
    """A store's voice and its rules for messages; on a channel without a sender it sends nothing.

    `delivery` says what becomes of a message whose process died between the provider's yes and the record. Caps are
    hours between two messages to one customer on one channel, 0 is off. `quiet_hours` is `HH:MM-HH:MM` in the
    recipient's own time, an empty string is off. Caps and quiet hours that are not set follow the notifier's mode.
    `templates` is the name of a folder below the notifier's own. Who carries the messages is known there by name, and
    so are all secrets.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    email_cap_hours: Hours | None = None
    sms_cap_hours: Hours | None = None
    quiet_hours: QuietHours | None = None
