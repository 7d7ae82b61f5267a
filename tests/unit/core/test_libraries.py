"""A library that cannot be loaded is named with the command that installs it."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
from movie_director.cli import main
from movie_director.core.libraries import _INSTALLED_BY, missing_library
from movie_director.executors._animatic.jobs import error_as_json

ROOT = Path(__file__).resolve().parents[3]


def test_every_library_the_package_asks_for_is_known() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {re.split("[>=]", line)[0].strip() for line in project["dependencies"]}
    assert asked == set(_INSTALLED_BY.values())


def test_a_missing_library_is_told_with_its_remedy_also_by_a_helper() -> None:
    error = ModuleNotFoundError("No module named 'freetype'", name="freetype")
    assert error_as_json(error) == {
        "error": "MissingLibrary",
        "what": "The library 'freetype-py' could not be loaded (No module named 'freetype').",
        "remedy": "Install it with: pip install freetype-py",
        "where": "",
    }


def test_a_part_of_a_library_counts_as_the_library_and_our_own_code_does_not() -> None:
    broken = missing_library(ImportError("DLL load failed", name="av._core"))
    assert broken is not None
    assert "'av' could not be loaded (DLL load failed)" in broken.what
    assert missing_library(ImportError("no such name", name="movie_director.core")) is None
    assert missing_library(ImportError("no name")) is None


@pytest.mark.parametrize("library", ["pymupdf_fonts", "pydyf", "fontTools"])
def test_the_command_line_says_what_to_install(
    library: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script = tmp_path / "cups.fountain"
    script.write_text("INT. KITCHEN - DAY\n\nAnna puts down a cup.\n", encoding="utf-8")
    for name in [name for name in sys.modules if name.startswith("movie_director.timeline")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    assert main(["plan", str(script)]) == 1
    heard = capsys.readouterr()
    assert f"pip install {_INSTALLED_BY[library]}" in heard.err
    assert "fault" not in heard.err
