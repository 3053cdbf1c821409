"""Writes deploy/docs/events and NOTICE.md: `python -m deploy.reference`, after a change of contracts or packages."""

from deploy.reference.files import FOLDER, files
from deploy.reference.notice import NOTICE, notice


def main() -> None:
    """Write what is to be there, and remove what is not."""
    made = files()
    for path in set(FOLDER.glob("*")) - set(made):
        path.unlink()
    FOLDER.mkdir(exist_ok=True)
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    NOTICE.write_text(notice(), encoding="utf-8")


if __name__ == "__main__":
    main()
