"""What the endpoints need: the service as they see it, and who may ask for what."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from libs.http.deps import services_of
from libs.http.server_keys import Keys
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.trigger.campaigns.registry import CampaignRegistry


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it. `keys` are the stores' own; without one nobody may ask. `campaigns` gives
    what is switched on for a store.
    """

    pool: Pool
    keys: Keys
    clock: Clock
    campaigns: CampaignRegistry


Given = Annotated[Services, Depends(services_of)]
