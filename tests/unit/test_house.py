"""What every product file owes its reader; each rule is shown a file that breaks it."""

from __future__ import annotations

import ast
import functools
import pathlib
import re
from collections.abc import Callable, Iterator

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUTSIDE = frozenset({"bench", "build", "dist", "docs", "examples", "requirements", "tests"})
SPDX = "# SPDX-License-Identifier: GPL-3.0-or-later"
MODULE_LINES = 400
FUNCTION_LINES = 45

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source:
    """One product file: its path in the checkout, text and syntax tree."""

    def __init__(self, path: pathlib.PurePath, text: str) -> None:
        self.path = path
        self.text = text
        self.tree = ast.parse(text, str(path))

    @property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]


def product(root: pathlib.Path) -> Iterator[Source]:
    """The package and its tools."""
    for path in sorted(root.rglob("*.py")) + sorted((root / "tools").glob("*")):
        inside = path.relative_to(root)
        hidden = any(part.startswith(".") or part.endswith("-info") for part in inside.parts)
        if hidden or inside.parts[0] in OUTSIDE or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py" or text.startswith("#!/usr/bin/env python3\n"):
            yield Source(inside, text.removeprefix("#!/usr/bin/env python3\n"))


def licence_missing(source: Source) -> list[str]:
    return [] if source.text.startswith(SPDX + "\n") else [f"{source.path}: no SPDX line"]


def docstring_missing(source: Source) -> list[str]:
    """Modules always; public classes and functions of more than a few lines too."""
    found = [] if ast.get_docstring(source.tree) else [f"{source.path}: no module docstring"]
    for node in public(source.tree):
        long = (node.end_lineno or node.lineno) - node.lineno >= 5
        if long and not ast.get_docstring(node):
            found.append(f"{source.path}:{node.lineno}: {node.name} has no docstring")
    return found


def public(tree: ast.Module) -> Iterator[Function | ast.ClassDef]:
    """Module-level classes and functions without a leading underscore."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node


def too_long(source: Source) -> list[str]:
    lines = source.text.count("\n")
    found = [f"{source.path}: {lines} lines"] if lines > MODULE_LINES else []
    for node in source.functions:
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        if length > FUNCTION_LINES:
            found.append(f"{source.path}:{node.lineno}: {node.name} has {length} lines")
    return found


def prints(source: Source) -> list[str]:
    """Calls of ``print``, which only tools may make."""
    if source.path.parts[0] == "tools":
        return []
    return [
        f"{source.path}:{node.lineno}: prints"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]


#: The helper process is a thing of the house, and these are its rooms.
HELPER_PROCESS = ("core/helper_environment.py", "executors/_helper/")


def named_for_nothing(source: Source) -> list[str]:
    """Names of modules that say nothing of what is inside."""
    if source.path.as_posix().startswith(HELPER_PROCESS):
        return []
    words = {word for part in source.path.with_suffix("").parts for word in part.split("_")}
    empty = words & {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common"}
    return [f"{source.path}: named {word}" for word in sorted(empty)]


def unfinished(source: Source) -> list[str]:
    """Marks of work left for later, and stubs."""
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{source.path}:{number}: {match[0]}"
        for number, line in enumerate(source.text.splitlines(), 1)
        if (match := marks.search(line))
    ]
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node):
            found.append(f"{source.path}:{node.lineno}: a stub")
    return found


def swallowed_errors(source: Source) -> list[str]:
    """Handlers that catch everything and do nothing."""
    return [
        f"{source.path}:{node.lineno}: swallows every error"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
        and all(isinstance(line, (ast.Pass, ast.Continue)) for line in node.body)
    ]


def untold_types(source: Source) -> list[str]:
    """Functions that do not say what comes back; Blender's room follows Blender's ways."""
    if source.path.parts[0] == "md_nodes":
        return []
    return [
        f"{source.path}:{node.lineno}: {node.name} has no return type"
        for node in source.functions
        if node.returns is None and node.name != "__init__"
    ]


Rule = Callable[[Source], list[str]]
RULES: list[Rule] = [
    licence_missing,
    docstring_missing,
    too_long,
    prints,
    named_for_nothing,
    unfinished,
    swallowed_errors,
    untold_types,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_file_keeps_the_rule(rule: Rule) -> None:
    found = [line for source in house() for line in rule(source)]
    assert not found, "\n".join(["broken here:", *found])


@functools.cache
def house() -> tuple[Source, ...]:
    """Every product file, read and parsed once."""
    return tuple(product(ROOT))


def test_the_rules_look_at_the_package_and_its_tools() -> None:
    seen = {source.path.as_posix() for source in house()}
    assert {"__init__.py", "core/errors.py", "md_nodes/__init__.py", "tools/lock"} <= seen
    assert not any(path.startswith(("tests", "build", ".")) for path in seen)


def source(text: str, path: str = "core/planted.py") -> Source:
    return Source(pathlib.PurePath(path), text)


LONG = "def f() -> None:\n" + "    x = 1\n" * FUNCTION_LINES


@pytest.mark.parametrize(
    ("rule", "planted", "said"),
    [
        (licence_missing, source('"""A module."""'), "SPDX"),
        (docstring_missing, source(SPDX + "\n"), "module docstring"),
        (docstring_missing, source('"""A."""\ndef f():\n' + "    x = 1\n" * 5), "f has no"),
        (docstring_missing, source('"""A."""\nclass C:\n' + "    x = 1\n" * 5), "C has no"),
        (too_long, source("x = 1\n" * (MODULE_LINES + 1)), "401 lines"),
        (too_long, source(LONG), "46 lines"),
        (prints, source("def f():\n    print(1)"), "planted.py:2"),
        (named_for_nothing, source("", "core/path_utils.py"), "utils"),
        (named_for_nothing, source("", "core/helpers/a.py"), "helpers"),
        (unfinished, source("x = 1  # TODO: later"), "TODO"),
        (unfinished, source("def f():\n    raise NotImplementedError('x')"), "stub"),
        (swallowed_errors, source("try:\n    f()\nexcept Exception:\n    pass"), "swallows"),
        (swallowed_errors, source("try:\n    f()\nexcept:\n    pass"), "swallows"),
        (untold_types, source("def f(): ..."), "no return type"),
    ],
)
def test_a_planted_violation_is_found(rule: Rule, planted: Source, said: str) -> None:
    (found,) = rule(planted)
    assert found.startswith(str(planted.path))
    assert said in found


def test_a_good_file_breaks_no_rule() -> None:
    text = f'{SPDX}\n"""What it is."""\n\ndef f() -> int:\n    """One."""\n    return 1\n'
    assert [found for rule in RULES for found in rule(source(text))] == []
