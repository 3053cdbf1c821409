"""Writing a message for whoever asks: what can't be written is a problem document."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from libs.contracts.events import Channel
from libs.http.problems import Problem
from services.notifier.domain.hand_over import NotHandedOverError, check_variables, declared_in
from services.notifier.rendering.message import compose_letter, compose_text
from services.notifier.rendering.phrases import MissingVariableError, UnknownPhraseError
from services.notifier.rendering.samples import Sample
from services.notifier.rendering.templates import BrokenTemplateError, UnknownTemplateError


@contextmanager
def unwritable_told() -> Iterator[None]:
    """Raises `Problem` 404 for a template that there is not, 422 for one that can't be written."""
    try:
        yield
    except (UnknownTemplateError, UnknownPhraseError):
        raise Problem(404, "unknown-template", "There are no words for this template on this channel.") from None
    except (MissingVariableError, BrokenTemplateError) as error:
        raise Problem(422, "unusable-template", f"It can't be written: {error}.") from None
    except NotHandedOverError as error:
        raise Problem(422, "invalid-request", f"It can't be sent: {error}.") from None


def try_out(sample: Sample, template: str, channel: Channel, variables: Mapping[str, str]) -> None:
    """Writes a message with sample goods and these variables. Raises `Problem` 404 or 422."""
    with unwritable_told():
        draft = sample.draft(template, channel)
        words, section = draft.wording()
        check_variables(variables, declared_in(" ".join(words.variables(section))))
        if channel == "email":
            compose_letter(draft)
        else:
            compose_text(draft)
