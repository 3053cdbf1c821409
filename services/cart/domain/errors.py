"""A command that can't be done, in the words of the shop; the API gives it a status."""


class Refusal(Exception):  # noqa: N818 - nothing went wrong: it is an answer
    """`slug` ends the stable problem type, `detail` is a sentence for people, `members` are facts for programs."""

    def __init__(self, slug: str, detail: str, **members: object) -> None:
        super().__init__(detail)
        self.slug, self.detail, self.members = slug, detail, members
