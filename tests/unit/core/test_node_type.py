"""Declarations check what they are given, and say what would do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from movie_director.core.errors import GraphError
from movie_director.core.node_type import Catalogue, NodeType, Param, ParamKind, Socket, six_digits


def param(kind: ParamKind, default: Any = "", **given: Any) -> Param:
    return Param(name="it", kind=kind, default=default, doc="A thing.", **given)


@pytest.mark.parametrize(
    ("declared", "given", "kept"),
    [
        (param("text"), "line", "line"),
        (param("lines"), "two\nlines", "two\nlines"),
        (param("int"), 3.0, 3),
        (param("float"), 3, 3.0),
        (param("float"), 0.1 + 0.2, 0.3),
        (param("bool"), True, True),
        (param("choice", choices=(("a", "A"),)), "a", "a"),
        (param("paths"), ["x", "y"], ("x", "y")),
        (param("palette"), ["#A0b1C2"], ("#A0b1C2",)),
        (param("float", minimum=0, maximum=1), 1, 1.0),
    ],
)
def test_a_good_value_is_kept_in_its_one_form(declared: Param, given: Any, kept: Any) -> None:
    found = declared.check(given, where="n")
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("declared", "given", "why", "remedy"),
    [
        (param("text"), "two\nlines", "it has more than one line", "Give text."),
        (param("text"), 5, "it is not text", "Give text."),
        (param("text"), "\0", "it holds a NUL character", "Give text."),
        (param("int"), 1.5, "it is not a whole number of 32 bits", "Give a whole number."),
        (param("int"), 2**31, "it is not a whole number of 32 bits", "Give a whole number."),
        (param("int"), True, "it is not a number", "Give a whole number."),
        (
            param("float", minimum=0, maximum=10, unit="seconds"), -1, "it is below 0",
            "Give a number from 0 to 10 seconds.",
        ),
        (param("float", maximum=10), 11, "it is above 10", "Give a number to 10."),
        (param("float"), float("inf"), "it is not finite", "Give a number."),
        (param("bool"), 1, "it is not true or false", "Give true or false."),
        (
            param("choice", choices=(("a", "A"), ("b", "B"))), "c", "there is no such choice",
            "Give one of a, b.",
        ),
        (param("names"), "anna", "it is not a list", "Give a list of names."),
        (param("names"), [1], "an item is not text", "Give a list of names."),
        (param("paths"), ["a\nb"], "line break", "Give a list of files."),
        (param("palette"), ["red"], "'red' is not a colour", "Give a list of colours"),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_the_reason_and_what_would_do(
    declared: Param, given: Any, why: str, remedy: str
) -> None:
    with pytest.raises(GraphError) as caught:
        declared.check(given, where="scene/shot")
    assert why in caught.value.what
    assert caught.value.what.startswith("The parameter 'it' cannot be ")
    assert caught.value.remedy.startswith(remedy)
    assert caught.value.where == "scene/shot"


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_numbers_survive_blenders_32_bit_floats(value: float) -> None:
    kept = six_digits(value)
    assert six_digits(kept) == kept
    if abs(kept) > 1e-37 and abs(kept) < 3e38:
        assert six_digits(float(np.float32(kept))) == kept


def declared(**given: Any) -> NodeType:
    return NodeType(
        id="it", label="It", doc="A thing.", category="Film", icon="NONE",
        params=(param("text", default="x"),), **given,
    )  # fmt: skip


def test_a_type_checks_the_parameters_given_and_adds_none() -> None:
    assert declared().check({"it": "y"}, where="n") == {"it": "y"}
    assert declared().check({}, where="n") == {}
    with pytest.raises(GraphError, match="It node has no parameter 'other'") as caught:
        declared().check({"other": 1}, where="n")
    assert caught.value.remedy == "It has: it."


def test_a_type_knows_its_parts_by_name() -> None:
    entry, out = Socket(name="a", kind="shot"), Socket(name="a", kind="style")
    both = declared(inputs=(entry,), outputs=(out,))
    assert (both.input_by_name, both.output_by_name) == ({"a": entry}, {"a": out})
    assert both.defaults == {"it": "x"}


def test_a_socket_of_an_unknown_kind_is_a_bug_found_at_once() -> None:
    with pytest.raises(ValueError, match="unknown socket kinds"):
        declared(inputs=(Socket(name="a", kind="smell"),))


def test_a_socket_takes_its_own_kind_or_those_it_names() -> None:
    assert Socket(name="a", kind="shot").takes("shot")
    assert not Socket(name="a", kind="shot").takes("style")
    wide = Socket(name="some_shots", kind="shot", accepts=("style",))
    assert (wide.takes("style"), wide.takes("shot"), wide.title) == (True, False, "Some shots")


def test_an_old_id_finds_the_type_of_today() -> None:
    types = Catalogue({"it": declared(was=("that",))})
    assert (types.current("that"), types.current("it"), types.current("x")) == ("it", "it", "x")
