"""The languages that ship, as the folder of their words has them: a new one is tested wherever the others are."""

import re

from services.notifier.rendering.phrases import Wordings
from services.notifier.rendering.templates import SHIPPED

FILES = sorted(file.stem for file in SHIPPED.glob("wording/*.toml"))
LANGUAGES = [*FILES, "sr-Latn"]
"""Serbian in Latin script has no file of its own."""
CYRILLIC = {
    tag for tag in LANGUAGES if re.search("[\u0400-\u04ff]", Wordings(SHIPPED).choose(tag, "en").say("page.button", {}))
}
LATIN = [tag for tag in LANGUAGES if tag not in CYRILLIC]
