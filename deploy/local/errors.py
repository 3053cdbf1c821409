"""What the local stack tells people when it cannot go on."""


class LocalStackError(Exception):
    """One sentence that says what is wrong and what to do; shown without a traceback."""
