"""What was read at a price is kept until a file changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from movie_director.core.kept_values import KeptValues


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    for name in "ab":
        (tmp_path / f"{name}.yaml").write_text(name, encoding="utf-8")
    return sorted(tmp_path.glob("*.yaml"))


def test_what_is_kept_is_there_until_a_file_or_the_form_changes(files: list[Path]) -> None:
    folder = files[0].parent
    assert KeptValues(folder, "things", files).load() is None
    KeptValues(folder, "things", files).keep({"a": [1]})
    assert KeptValues(folder, "things", files).load() == {"a": [1]}
    assert KeptValues(folder, "things", files, form="2").load() is None
    assert KeptValues(folder, "things", files[:1]).load() is None
    files[0].write_text("changed", encoding="utf-8")
    assert KeptValues(folder, "things", files).load() is None


def test_only_the_newest_stays_and_others_are_left_alone(files: list[Path]) -> None:
    folder = files[0].parent
    KeptValues(folder, "others", files).keep({"b": 2})
    for number in range(3):
        files[0].write_text(str(number), encoding="utf-8")
        KeptValues(folder, "things", files).keep({"number": number})
    names = sorted(path.name.split("-")[0] for path in (folder / "__pycache__").iterdir())
    assert names == ["others", "things"]


@pytest.mark.parametrize("text", ["", "[1]", "{", "\0"])
def test_what_was_spoiled_counts_as_not_kept(files: list[Path], text: str) -> None:
    folder = files[0].parent
    KeptValues(folder, "things", files).keep({"a": 1})
    (spoiled,) = (folder / "__pycache__").iterdir()
    spoiled.write_text(text, encoding="utf-8")
    assert KeptValues(folder, "things", files).load() is None


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(files: list[Path]) -> None:
    folder = files[0].parent
    (folder / "__pycache__").write_text("a file is in the way", encoding="utf-8")
    KeptValues(folder, "things", files).keep({"a": 1})
    assert KeptValues(folder, "things", files).load() is None
