"""What the endpoints need: the service as they see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from pydantic import SecretStr

from libs.http.deps import services_of
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.trigger.domain.campaigns import StoreCampaigns


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it. `keys` are the stores' own; without one nobody may ask. `campaigns` gives
    what is switched on for a store.
    """

    pool: Pool
    keys: Mapping[str, SecretStr]
    clock: Clock
    campaigns: Callable[[str], StoreCampaigns]


Given = Annotated[Services, Depends(services_of)]
