"""What everything stands on: canonical JSON, digests, discovery, the collector's rest."""

from __future__ import annotations

import gc
import hashlib
import sys
import types
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.digest import digest, file_digest, text_digest
from movie_director.core.discovery import collect
from movie_director.core.garbage import collector_paused
from movie_director.core.jsonable import canonical, readable
from movie_director.core.kinds import KINDS
from movie_director.core.step import references

from tests.fakes import made

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3), json_values, max_size=4))
def test_equal_values_have_one_spelling(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)
    assert digest(turned) == digest(value)


def test_numbers_json_has_no_word_for_are_refused() -> None:
    for value in (float("nan"), float("inf"), object()):
        with pytest.raises((ValueError, TypeError)):
            canonical(value)
    assert readable({"b": 1, "a": "é"}) == '{\n "b": 1,\n "a": "é"\n}\n'


def test_a_digest_is_the_same_for_a_text_and_a_file_that_holds_it(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("é".encode() * 2**20)
    assert file_digest(tmp_path / "x") == text_digest("é" * 2**20)
    assert text_digest("") == hashlib.blake2b(digest_size=16).hexdigest()
    assert len(digest(None)) == 32


def test_references_are_found_anywhere_in_order() -> None:
    value = {"a": [1, {"b": made("x:clip")}], "c": (made("y:clip"), "z"), "d": None}
    assert [ref.step for ref in references(value)] == ["x:clip", "y:clip"]


def test_socket_kinds_have_colours_and_words() -> None:
    for id, kind in KINDS.items():
        assert kind.id == id
        assert kind.label
        assert kind.doc.endswith(".")
        assert all(0 <= part <= 1 for part in kind.colour)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    folder = tmp_path / "things_to_find"
    folder.mkdir()
    for name, text in {"__init__": "", "b": "THING = 2", "a": "THING = 1", "_own": "1 / 0"}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("things_to_find")]:
        monkeypatch.delitem(sys.modules, name)
    import importlib

    return importlib.import_module("things_to_find")


def test_what_a_folder_declares_is_found_by_file_and_helpers_are_skipped(
    package: types.ModuleType,
) -> None:
    assert list(collect(package, "THING", int).items()) == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("text", ["", "THING = 'text'"])
def test_a_file_that_declares_nothing_is_refused_by_name(
    package: types.ModuleType, text: str
) -> None:
    Path(package.__path__[0], "c.py").write_text(text)
    with pytest.raises(TypeError, match=r"things_to_find\.c must define THING: int"):
        collect(package, "THING", int)


def test_the_collector_rests_and_comes_back_whatever_happens() -> None:
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()

    @collector_paused()
    def fail() -> None:
        assert not gc.isenabled()
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert gc.isenabled()
