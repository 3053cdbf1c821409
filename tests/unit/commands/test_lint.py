"""`evercart lint`: what it looks at, how it tells of it, and with which status it ends."""

from pathlib import Path

from typer.testing import CliRunner

from deploy.cli import app

BAD = '[win_back]\nbody = "{titel}"\n'


def run(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(app, ["lint", *arguments])
    return result.exit_code, result.stdout.splitlines()


def words(folder: Path, text: str = BAD) -> Path:
    file = folder / "wording/en.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


def test_what_ships_has_no_faults() -> None:
    assert run() == (0, ["No faults."])


def test_a_store_s_folder_is_looked_at_and_its_faults_end_it_with_one(tmp_path: Path) -> None:
    file = words(tmp_path)
    code, told = run("--templates", str(tmp_path))
    assert code == 1
    assert f"{file}:2 missing-variable: win_back.body names {{titel}}, which nothing is called" in told


def test_of_the_folder_of_all_stores_each_is_looked_at(tmp_path: Path) -> None:
    bad, _ = words(tmp_path / "nordwind"), words(tmp_path / "suedwind", '[win_back]\nbody = "Hello"\n')
    (tmp_path / "notes").mkdir()
    code, told = run("--templates", str(tmp_path))
    assert code == 1
    assert told
    assert all(line.startswith(f"{bad}:2 ") for line in told)
