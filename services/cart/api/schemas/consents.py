"""What a customer has agreed to, as servers are told."""

from pydantic import AwareDatetime, BaseModel, Field


class ListedConsent(BaseModel):
    """A consent and its proof. `wording` and `page` are null where the store's server said that the customer agreed;
    `counts` says whether messages may go there by it.
    """

    channel: str = Field(examples=["email"])
    counts: bool
    agreed_at: AwareDatetime | None
    wording: str | None = Field(examples=["Remind me of my cart by e-mail."])
    page: str | None = Field(examples=["https://shop.example"])
    asked: bool
    confirmed_at: AwareDatetime | None
    confirmed_wording: str | None = Field(examples=["Do you want reminders about your cart from Shop by this channel?"])


class Consents(BaseModel):
    """Those of one customer, by channel."""

    consents: list[ListedConsent]
