"""A store's campaigns: what its file may say, and what of it is switched on. Pure."""

import hashlib
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property, reduce
from operator import or_
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    PlainValidator,
    SerializeAsAny,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from services.trigger.domain.campaign_faults import Around, missing
from services.trigger.domain.facts import Wanted
from services.trigger.domain.faults import refuse, tried, twice
from services.trigger.domain.kinds import registry
from services.trigger.domain.kinds.campaign import Campaign, QuietCartCampaign, SteppedCampaign
from services.trigger.domain.kinds.protocols import (
    CartCampaign,
    OccasionCampaign,
    PriceCampaign,
    StockCampaign,
    TellingCampaign,
)
from services.trigger.domain.names import NAME
from services.trigger.domain.origins import why_no_shopper
from services.trigger.domain.participation import Key
from services.trigger.domain.segments import Segment
from services.trigger.domain.strict import Strict
from services.trigger.domain.timing.steps import Step
from services.trigger.domain.timing.windows import Zone

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
Source = Literal["file", "api", "default"]
"""Where a store's campaigns are said: in a file of its own, which goes first, by the API, or in the file for all."""


@cache
def _any_of(kinds: tuple[registry.Kind, ...]) -> TypeAdapter[Campaign]:
    """A campaign of one of the kinds, told apart by `kind`."""
    campaign: Any = Annotated[reduce(or_, kinds), Field(discriminator="kind")]
    return TypeAdapter(campaign)


def _of_some_kind(value: Any, info: ValidationInfo) -> Campaign:  # noqa: ANN401 - whatever the file holds
    campaign, wrong = tried(lambda said: _any_of(registry.KINDS).validate_python(said, context=info.context), value)
    # what is wrong itself is not there
    zone_wrong = "timezone" not in info.data
    known = info.context or {}
    of_store = (known.get("templates"), known.get("pools"))
    around = Around(info.data.get("segments"), info.data.get("timezone"), zone_wrong, *of_store)
    refuse(missing(value, around, wrong), wrong)
    return campaign.in_zone(around.timezone) if isinstance(campaign, SteppedCampaign) and not zone_wrong else campaign


SegmentName = Annotated[str, Field(pattern=NAME)]


class CampaignFile(Strict):
    """A whole file: campaigns of the kinds in the registry, with names of their own."""

    timezone: Zone | None = None
    """Of all windows that name none of their own."""
    segments: dict[SegmentName, Segment] = Field(default_factory=dict, max_length=100)
    """Who is in which, for `enter` and `continue` of the campaigns."""
    campaigns: tuple[Annotated[SerializeAsAny[Campaign], PlainValidator(_of_some_kind)], ...]

    @field_validator("campaigns", mode="wrap")
    @classmethod
    def _names_differ(cls, value: Any, read: ValidatorFunctionWrapHandler) -> tuple[Campaign, ...]:  # noqa: ANN401 - as above
        campaigns: tuple[Campaign, ...]
        campaigns, wrong = tried(read, value)
        refuse(twice(value, "campaigns"), wrong)
        return campaigns

    @cached_property
    def digest(self) -> str:
        """Tells what it says from anything else: the same whichever way it is written."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @property
    def names(self) -> list[str]:
        """Of its campaigns, in its order."""
        return [c.name for c in self.campaigns]


@dataclass(frozen=True, slots=True)
class ActiveCampaign:
    """A campaign of a store and since when it has been switched on (aware, UTC)."""

    campaign: Campaign
    since: datetime = LONG_AGO


@dataclass(frozen=True)
class StoreCampaigns:
    """What is switched on for one store, where it was said, and which version of it.

    `version` is a number where the API said it, and tells what a file says from anything else that it may say.
    """

    active: tuple[ActiveCampaign, ...] = ()
    source: Source = "default"
    version: str = ""
    segments: Mapping[str, Segment] = field(default_factory=dict)

    @classmethod
    def always(cls, file: CampaignFile) -> Self:
        """A file's campaigns as if they had been on for ever, as a backtest wants them."""
        return cls(tuple(ActiveCampaign(c) for c in file.campaigns), segments=file.segments)

    @cached_property
    def wanted(self) -> Wanted:
        """Which facts beside the carts the campaigns on carts go by."""
        return self._wanted_by([a.campaign for a in self.active if isinstance(a.campaign, CartCampaign)])

    @cached_property
    def wanted_on_occasions(self) -> Wanted:
        """Which facts those go by that follow something that happened."""
        return self._wanted_by([a.campaign for a in self.active if isinstance(a.campaign, OccasionCampaign)])

    @cached_property
    def wanted_by_any(self) -> Wanted:
        """Which facts any of them goes by."""
        return self._wanted_by([a.campaign for a in self.active])

    def wanted_by(self, name: str) -> Wanted:
        """Which facts the campaign of that name goes by."""
        return self._wanted_by([a.campaign for a in self.active if a.campaign.name == name])

    def _wanted_by(self, campaigns: Sequence[Campaign]) -> Wanted:
        named = {name for campaign in campaigns for *_, name in campaign.segments_named}
        segments = [segment for name, segment in self.segments.items() if name in named]
        return Wanted(
            orders=any(segment.of_orders for segment in segments),
            abandoned=any(segment.abandoned is not None for segment in segments)
            or any(campaign.tells_times for campaign in campaigns),
            items=any(campaign.of_items for campaign in campaigns),
            clicks=any(campaign.of_clicks is not None for campaign in campaigns),
        )

    def asks_of_orders(self, subject: str) -> bool:
        """Whether a campaign that follows this goes by what was ordered, or for how much."""
        following = (a.campaign for a in self.active if isinstance(a.campaign, OccasionCampaign))
        return any((one.of_items or one.of_amounts) and one.subject == subject for one in following)

    @cached_property
    def leaves_to_carts(self) -> bool:
        """Whether a campaign leaves out who has a cart with goods."""
        return any(a.campaign.leaves_to_carts for a in self.active)

    def is_held(self, origin: str | None) -> bool:
        """Whether a campaign may go by what is in carts that somebody of this origin filled."""
        return any(why_no_shopper(origin, a.campaign.not_of_origin) is None for a in self.active)

    @cached_property
    def on_carts(self) -> tuple[tuple[CartCampaign, datetime], ...]:
        """Campaigns that answer carts which went quiet, each with since when it is on."""
        return tuple((a.campaign, a.since) for a in self.active if isinstance(a.campaign, CartCampaign))

    @cached_property
    def going_before(self) -> tuple[tuple[QuietCartCampaign, datetime], ...]:
        """Those of them that others leave a cart to, each with since when it is on."""
        found = ((a.campaign, a.since) for a in self.active if isinstance(a.campaign, QuietCartCampaign))
        return tuple(one for one in found if one[0].goes_before)

    @cached_property
    def on_stock(self) -> tuple[tuple[StockCampaign, datetime], ...]:
        """Campaigns that answer levels of items, each with since when it is on."""
        return tuple((a.campaign, a.since) for a in self.active if isinstance(a.campaign, StockCampaign))

    @cached_property
    def on_prices(self) -> tuple[tuple[PriceCampaign, datetime], ...]:
        """Campaigns that answer prices of items, each with since when it is on."""
        return tuple((a.campaign, a.since) for a in self.active if isinstance(a.campaign, PriceCampaign))

    @property
    def watches_items(self) -> bool:
        """Whether any of them tells people of items."""
        return bool(self.on_stock or self.on_prices)

    def telling(self, name: str) -> tuple[TellingCampaign, datetime] | None:
        """The campaign of that name that tells people of items, and since when it is on."""
        return next((one for one in (*self.on_stock, *self.on_prices) if one[0].name == name), None)

    @cached_property
    def on_occasions(self) -> tuple[tuple[OccasionCampaign, datetime], ...]:
        """Campaigns that follow something that happened, each with since when it is on."""
        return tuple((a.campaign, a.since) for a in self.active if isinstance(a.campaign, OccasionCampaign))

    @cached_property
    def subjects(self) -> frozenset[str]:
        """What they follow."""
        return frozenset(campaign.subject for campaign, _ in self.on_occasions)

    @cached_property
    def _with_participants(self) -> tuple[str, ...]:
        return tuple(a.campaign.name for a in self.active if a.campaign.keeps_participants)

    @cached_property
    def keeps_participants(self) -> bool:
        """Whether any of its campaigns does."""
        return bool(self._with_participants)

    def parts_of(self, store_id: str, customer_id: str | None) -> list[Key]:
        """A customer's parts in the campaigns that decide by what they decided on them before."""
        return [(store_id, name, customer_id) for name in self._with_participants] if customer_id is not None else []

    @cached_property
    def by_zone_of_recipient(self) -> bool:
        """Whether a window of a campaign on carts hangs on where the recipient is."""
        return any(_by_zone(campaign.steps) for campaign, _ in self.on_carts)

    @cached_property
    def occasions_by_zone_of_recipient(self) -> bool:
        """Whether a window of a campaign on what happens hangs on where the recipient is."""
        return any(isinstance(c, SteppedCampaign) and _by_zone(c.steps) for c, _ in self.on_occasions)

    @cached_property
    def alike(self) -> dict[Hashable, tuple[Any, ...]]:
        """What is planned for carts that have it alike, while these campaigns are in force: kept by `episodes`."""
        return {}

    @cached_property
    def shortest_delay(self) -> timedelta:
        """Before this has passed since a cart's last change nothing can be due."""
        return min((campaign.steps[0].delay for campaign, _ in self.on_carts), default=timedelta.max)


def _by_zone(steps: Sequence[Step]) -> bool:
    return any(step.at is not None and step.at.of_recipient for step in steps)
