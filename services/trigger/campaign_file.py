"""Reads a campaign file and says where it is wrong: file, line, field, rule."""

from pathlib import Path

from libs.runtime.yaml_file import FileFaultError, load, parse
from services.trigger.campaigns import CampaignFile

CampaignFileError = FileFaultError
"""A campaign file that can't be used; each line of the message names file, line and field."""


def parse_campaigns(text: str, name: str) -> CampaignFile:
    """The campaigns in `text`. Raises `CampaignFileError`; `name` is what the message calls the file."""
    return parse(text, name, CampaignFile)


def load_campaigns(path: Path) -> CampaignFile:
    """The campaigns of a file. Raises `CampaignFileError`, also when it can't be read."""
    return load(path, CampaignFile)
