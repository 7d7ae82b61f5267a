"""YAML files: what comes out, and what a broken or hostile one is told."""

from __future__ import annotations

import pathlib

import pytest
from movie_director.core.errors import InputError
from movie_director.core.yaml_file import MOST_BYTES, read_yaml


def written(folder: pathlib.Path, text: str | bytes) -> pathlib.Path:
    path = folder / "some.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_words_stay_words_and_numbers_numbers(tmp_path: pathlib.Path) -> None:
    text = "on: yes\nbytes: 9_000\nratio: 1.5\nlist: [1, two]\nnothing:\n"
    assert read_yaml(written(tmp_path, text)) == {
        "on": "yes", "bytes": 9000, "ratio": 1.5, "list": [1, "two"], "nothing": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: 1\na: 2\n", "line 2, column 1"),
        ("a: [1\nb: 2", "line 2"),
        ("a: !!python/object/apply:os.system ['true']\n", "line 1, column 4"),
        ("a: &x [*y]", "line 1"),
        (b"a: \xff\n", "some.yaml"),
        ("[" * 5000, "some.yaml"),
    ],
)
def test_a_broken_file_is_told_where(tmp_path: pathlib.Path, text: str | bytes, place: str) -> None:
    with pytest.raises(InputError) as caught:
        read_yaml(written(tmp_path, text))
    assert place in caught.value.what
    assert caught.value.remedy


def test_a_file_of_a_hostile_size_is_not_read(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InputError, match="larger than 4 MiB"):
        read_yaml(written(tmp_path, b"#" * (MOST_BYTES + 1)))
