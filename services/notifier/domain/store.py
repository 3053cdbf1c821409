"""One store: its voice and its rules, as the cart service describes it."""

import re

from libs.contracts.message_rules import Line
from libs.contracts.own_hosts import leads_home, leads_to_web
from libs.policy.store_rules import StoreRules


class Store(StoreRules):
    """One store's voice and rules.

    `email_provider` and `sms_provider` are names from the registry of channels. `hosts` are its own: what leads
    elsewhere is no link and no picture in its messages. A cart service of before does not tell them (None); then
    anything that leads to the web is. `currency` is that of its `segment_price`; one of before does not tell it either.
    """

    store_id: str = ""
    name: Line
    locale: str = "en"
    hosts: tuple[str, ...] | None = None
    currency: str | None = None

    def link(self, url: str | None) -> str | None:
        """The URL where it leads to the web and to the store; None elsewhere: anybody may write a cart."""
        if url is None or not (leads_home(url, self.hosts) if self.hosts is not None else leads_to_web(url)):
            return None
        return url

    @property
    def takes_replies(self) -> bool:
        """Whether a customer can answer STOP: nobody can answer a sender that is a word."""
        return re.fullmatch(r"\+\d+|\d+|MG[0-9a-f]{32}", self.sms_from or "") is not None
