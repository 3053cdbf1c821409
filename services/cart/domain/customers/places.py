"""In which country and region an address is. Pure; the lists are those of ISO 3166, as pycountry has them."""

import json
from functools import cache
from importlib import resources
from typing import Annotated

import pycountry
from pydantic import AfterValidator, StringConstraints, ValidationInfo


def _country(text: str) -> str:
    if pycountry.countries.get(alpha_2=text) is None:
        raise ValueError("not a country of ISO 3166-1, such as US")
    return text


def _region(text: str, info: ValidationInfo) -> str:
    if "country" not in info.data:  # it has a fault of its own
        return text
    country = info.data["country"]
    if country is None:
        raise ValueError("a region needs the country that it is in")
    if f"{country}-{text}" not in _regions():
        raise ValueError(f"not a region of {country} in ISO 3166-2")
    return text


@cache
def _regions() -> frozenset[str]:
    # not by pycountry's own table: it makes 5,000 objects of it, and holds the loop up for 60 ms instead of 10
    text = resources.files(pycountry).joinpath("databases/iso3166-2.json").read_bytes()
    return frozenset(row["code"] for row in json.loads(text)["3166-2"])


Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), AfterValidator(_country)]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,3}$"), AfterValidator(_region)]
"""What follows the country in ISO 3166-2, such as CA; of a model in which `country` stands before it."""
