"""What the local stack tells people when it cannot go on."""


class LocalStackError(Exception):
    """One sentence that says what is wrong and what to do; shown without a traceback."""


def in_words(error: OSError) -> str:
    """What the system refuses, as a sentence."""
    about = f"{error.filename}: " if error.filename else ""
    return f"{about}{error.strerror or error}."
