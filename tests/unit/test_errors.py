"""The error tree: drawn as it is, and every error survives copy, pickle and JSON."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re

import pytest
from movie_director.core import errors
from movie_director.core.errors import MovieDirectorError

CLASSES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, MovieDirectorError)
]
#: Values for the arguments that only some errors have.
EXAMPLES = {
    "what": "The lamp went out.",
    "remedy": "Light it.",
    "where": "shot_3",
    "line": 12,
    "column": 4,
    "needs": 3 * 2**30,
    "budget": 2**30,
}


def example(kind: type[MovieDirectorError]) -> MovieDirectorError:
    """An error of ``kind`` with a value for each of its arguments."""
    names = [name for name in inspect.signature(kind.__init__).parameters if name != "self"]
    return kind(**{name: EXAMPLES[name] for name in names})


def drawn() -> dict[str, str]:
    """Class → parent, read from the drawing at the top of the file."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^ {4}([ │├└─]*)([A-Z]\w+)( {2,}|$)", line)
        if match:
            depth = len(match[1])
            above = [(d, name) for d, name in above if d < depth]
            parents[match[2]] = above[-1][1] if above else "Exception"
            above.append((depth, match[2]))
    return parents


def test_the_drawing_is_the_tree() -> None:
    assert drawn() == {kind.__name__: kind.__bases__[0].__name__ for kind in CLASSES}


def test_every_error_is_exported() -> None:
    assert sorted(errors.__all__) == sorted(kind.__name__ for kind in CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_an_error_survives_copy_and_pickle_with_every_field(kind, again) -> None:
    error = example(kind)
    twin = again(error)
    assert twin is not error
    assert type(twin) is kind
    assert str(twin) == str(error)
    assert twin.args == error.args
    assert vars(twin) == vars(error)


@pytest.mark.parametrize("kind", CLASSES)
def test_an_error_says_what_happened_what_to_do_and_where(kind) -> None:
    error = example(kind)
    said = json.loads(json.dumps(error.as_json()))
    assert said == {
        "error": kind.__name__,
        "what": error.what,
        "remedy": error.remedy,
        "where": "shot_3",
    }
    assert said["what"]
    assert said["remedy"]
    assert str(error) == f"shot_3: {error.what} {error.remedy}"


def test_an_error_about_no_node_names_none() -> None:
    error = MovieDirectorError("The lamp went out.", remedy="Light it.")
    assert str(error) == "The lamp went out. Light it."


def test_a_script_error_names_line_and_column() -> None:
    error = errors.ScriptError("No speaker.", remedy="Name one.", line=12, column=4)
    assert str(error) == "Line 12, column 4: No speaker. Name one."


def test_a_memory_error_speaks_in_gibibytes() -> None:
    error = errors.OutOfMemoryBudget("shot_3", needs=3 * 2**29, budget=2**30)
    assert "1.5 GiB" in str(error)
    assert "1.0 GiB" in str(error)


def test_a_small_budget_is_never_said_to_be_nothing() -> None:
    error = errors.OutOfMemoryBudget("shot_3", needs=400 * 2**20, budget=2**20)
    assert "needs 400 MiB of memory; the budget is 1 MiB." in str(error)
