"""Which laws on messages a service goes by."""

from pathlib import Path
from typing import Literal, Self

from pydantic import PrivateAttr, model_validator

from libs.policy.laws import Laws
from libs.runtime.settings import ServiceSettings


class LawSettings(ServiceSettings):
    """`laws` is which rules of countries on texts are kept: `shipped`, `off`, or a file with others; locally off."""

    laws: Literal["shipped", "off"] | Path = "shipped"

    _laws: Laws | None = PrivateAttr(default=None)

    def read_laws(self) -> Laws | None:
        """The rules of countries on texts, as they were when the settings were read; None for none."""
        return self._laws

    @model_validator(mode="after")
    def _laws_can_be_followed(self) -> Self:
        if self.laws != "off" and (self.mode == "production" or "laws" in self.model_fields_set):
            self._laws = Laws.read() if self.laws == "shipped" else Laws.read(self.laws)
        return self
