"""The arrows between the rooms, read from the source; each rule is shown a house that breaks it."""

from __future__ import annotations

import ast
import functools
import pathlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

CORE = frozenset({"core"})
MIDDLE = frozenset({"node_types", "executors", "screenplay", "timeline", "agents"})
#: Room → the rooms it may import anywhere (its own always).
ARROWS: Mapping[str, frozenset[str]] = {
    "core": frozenset(),
    **dict.fromkeys(MIDDLE, CORE),
    "workflows": frozenset(),
    "studio": CORE | MIDDLE | {"workflows"},
    "api": CORE | MIDDLE | {"workflows", "studio"},
    "cli": CORE | MIDDLE | {"workflows", "studio", "api"},
    "md_nodes": CORE | MIDDLE | {"workflows", "studio", "api"},
    "__init__": frozenset(),
    "__main__": frozenset({"cli"}),
}
#: Room → what it may import inside a function only, where Blender comes on demand.
LATE: Mapping[str, frozenset[str]] = {
    "__init__": frozenset({"md_nodes"}),
    "api": frozenset({"md_nodes"}),
    "cli": frozenset({"md_nodes"}),
    "md_nodes": frozenset({"cli"}),  # handed to Blender as `blender -c movie_director`
}
#: Folders beside the rooms that are no part of the product.
OUTSIDE = frozenset(
    {"bench", "build", "dist", "docs", "examples", "requirements", "tests", "tools"}
)


def product(root: pathlib.Path) -> list[pathlib.Path]:
    """Every Python file of the product, sorted."""
    found = sorted(root.glob("*.py"))
    for folder in sorted(root.iterdir()):
        hidden = folder.name.startswith(".") or folder.name.endswith(".egg-info")
        if folder.is_dir() and not hidden and folder.name not in OUTSIDE:
            found += sorted(folder.rglob("*.py"))
    return found


def room_of(path: pathlib.PurePath) -> str:
    """The room of a file, from its path inside the checkout."""
    return path.parts[0] if len(path.parts) > 1 else path.stem


def imports(tree: ast.AST, inside: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Every import statement, with whether it stands inside a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node, inside
        within = inside or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        yield from imports(node, within)


def target_rooms(node: ast.ImportFrom, path: pathlib.PurePath) -> list[str]:
    """The rooms a relative import reaches; the file's own folder counts as its package."""
    package = list(path.parent.parts)
    base = package[: len(package) - (node.level - 1)]
    dotted = base + (node.module.split(".") if node.module else [])
    if dotted:
        return [dotted[0]]
    return [alias.name for alias in node.names if not alias.name.startswith("__")]


@functools.cache
def parsed(root: pathlib.Path) -> tuple[tuple[pathlib.PurePath, ast.Module], ...]:
    """Each product file's path inside the checkout and its syntax tree, read once."""
    return tuple(
        (pathlib.PurePath(path.relative_to(root)), ast.parse(path.read_text(encoding="utf-8")))
        for path in product(root)
    )


def crooked_arrows(root: pathlib.Path) -> list[str]:
    """Imports that go up or sideways, or reach Blender's room at the wrong moment."""
    found = []
    for path, tree in parsed(root):
        room = room_of(path)
        if room not in ARROWS:
            found.append(f"{path}: no room of the house has this name")
            continue
        for node, inside in imports(tree):
            if not isinstance(node, ast.ImportFrom) or node.level == 0:
                continue
            allowed = ARROWS[room] | {room} | (LATE.get(room, frozenset()) if inside else set())
            for target in target_rooms(node, path):
                if target not in allowed:
                    found.append(f"{path}:{node.lineno}: {room} imports {target}")
    return found


def absolute_imports(root: pathlib.Path) -> list[str]:
    """Imports of the package by its own name."""
    own = {"movie_director", *ARROWS} - {"__init__", "__main__"}
    return [
        f"{path}:{node.lineno}: imports {name}"
        for path, tree in parsed(root)
        for node, _ in imports(tree)
        for name in outside_names(node)
        if name in own
    ]


def outside_names(node: ast.stmt) -> list[str]:
    """Top-level names an absolute import statement asks for."""
    if isinstance(node, ast.ImportFrom):
        return [] if node.level else [(node.module or "").split(".")[0]]
    assert isinstance(node, ast.Import)
    return [alias.name.split(".")[0] for alias in node.names]


BLENDER_MODULES = frozenset(
    {"addon_utils", "aud", "bl_ui", "blf", "bmesh", "bpy", "bpy_extras", "gpu", "gpu_extras"}
    | {"imbuf", "mathutils", "nodeitems_utils"}
)


def blender_outside_its_room(root: pathlib.Path) -> list[str]:
    """Imports of Blender's modules anywhere but in ``md_nodes``."""
    return [
        f"{path}:{node.lineno}: imports {name}"
        for path, tree in parsed(root)
        for node, _ in imports(tree)
        for name in outside_names(node)
        if name in BLENDER_MODULES and room_of(path) != "md_nodes"
    ]


def libraries_in_core(root: pathlib.Path) -> list[str]:
    """What ``core`` imports beyond the standard library, NumPy, and YAML in a single file."""
    found, yaml_files = [], set()
    for path, tree in parsed(root):
        if room_of(path) != "core":
            continue
        for node, _ in imports(tree):
            for name in outside_names(node):
                if name == "ruamel":
                    yaml_files.add(path)
                elif name not in sys.stdlib_module_names | {"numpy", ""}:
                    found.append(f"{path}:{node.lineno}: core imports {name}")
    if len(yaml_files) > 1:
        found.append(f"yaml in {len(yaml_files)} files of core: {sorted(map(str, yaml_files))}")
    return found


THREAD_MAKERS = frozenset({"Thread", "Timer", "ThreadPoolExecutor", "start_new_thread"})


def threads_outside_workers(root: pathlib.Path) -> list[str]:
    """Where a thread is made outside ``core/worker*``."""
    found = []
    for path, tree in parsed(root):
        if path.parts[0] == "core" and path.parts[1].startswith("worker"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                name = getattr(called, "attr", getattr(called, "id", ""))
                if name in THREAD_MAKERS:
                    found.append(f"{path}:{node.lineno}: makes a thread with {name}")
    return found


HTTP_MAKERS = frozenset({"aiohttp", "http", "httpx", "requests", "urllib3"})


def http_outside_its_room(root: pathlib.Path) -> list[str]:
    """What opens HTTP connections anywhere but in ``executors/_http``."""
    return [
        f"{path}:{node.lineno}: imports {name}"
        for path, tree in parsed(root)
        for node, _ in imports(tree)
        for name in outside_names(node)
        if path.parts[:2] != ("executors", "_http")
        and (name in HTTP_MAKERS or "urllib.request" in ast.unparse(node))
    ]


Rule = Callable[[pathlib.Path], list[str]]
RULES: list[Rule] = [
    crooked_arrows,
    absolute_imports,
    blender_outside_its_room,
    libraries_in_core,
    threads_outside_workers,
    http_outside_its_room,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    found = rule(ROOT)
    assert not found, "\n".join(["broken here:", *found])


def test_the_rules_look_at_every_room() -> None:
    rooms = {room_of(path.relative_to(ROOT)) for path in product(ROOT)}
    assert rooms >= set(ARROWS) - {"api", "cli", "__main__"}


def house(root: pathlib.Path, files: Mapping[str, str]) -> pathlib.Path:
    """A planted checkout: path → source."""
    for name, source in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("rule", "path", "source", "said"),
    [
        (crooked_arrows, "core/a.py", "from ..node_types import shot", "core imports node_types"),
        (crooked_arrows, "core/b/c.py", "from ...api import make", "core imports api"),
        (crooked_arrows, "core/d.py", "def f():\n    from .. import api", "core imports api"),
        (crooked_arrows, "timeline/a.py", "from ..screenplay import x", "imports screenplay"),
        (crooked_arrows, "executors/_a/b.py", "from ...agents.x import y", "imports agents"),
        (crooked_arrows, "studio.py", "from . import api", "studio imports api"),
        (crooked_arrows, "core/e.py", "from ..studio import Studio", "core imports studio"),
        (crooked_arrows, "api.py", "from . import md_nodes", "api imports md_nodes"),
        (crooked_arrows, "cli/main.py", "from ..md_nodes import tree", "cli imports md_nodes"),
        (crooked_arrows, "api.py", "def f():\n    from . import cli", "api imports cli"),
        (crooked_arrows, "md_nodes/a.py", "from ..cli import main", "md_nodes imports cli"),
        (crooked_arrows, "__init__.py", "from . import core", "__init__ imports core"),
        (crooked_arrows, "extra/a.py", "", "no room"),
        (absolute_imports, "core/a.py", "import movie_director.core", "imports movie_director"),
        (absolute_imports, "cli.py", "def f():\n    from core import graph", "imports core"),
        (blender_outside_its_room, "core/a.py", "import bpy.types", "imports bpy"),
        (blender_outside_its_room, "cli.py", "def f():\n    import bpy", "imports bpy"),
        (blender_outside_its_room, "api.py", "from mathutils import Vector", "imports mathutils"),
        (libraries_in_core, "core/a.py", "import av", "core imports av"),
        (libraries_in_core, "core/a.py", "def f():\n    from PIL import Image", "imports PIL"),
        (threads_outside_workers, "core/run.py", "import threading\nthreading.Thread()", "Thread"),
        (http_outside_its_room, "executors/a.py", "import requests", "imports requests"),
        (http_outside_its_room, "cli/a.py", "import urllib.request", "imports urllib"),
        (http_outside_its_room, "core/a.py", "from http import client", "imports http"),
        (threads_outside_workers, "api.py", "from threading import Timer\nTimer(1, f)", "Timer"),
    ],
)
def test_a_planted_violation_is_found(
    tmp_path: pathlib.Path, rule: Rule, path: str, source: str, said: str
) -> None:
    (found,) = rule(house(tmp_path, {path: source}))
    assert found.startswith(path)
    assert said in found


def test_yaml_in_two_files_of_core_is_found(tmp_path: pathlib.Path) -> None:
    planted = house(
        tmp_path, {"core/a.py": "import ruamel.yaml", "core/b.py": "import ruamel.yaml"}
    )
    assert len(libraries_in_core(planted)) == 1


def test_what_is_allowed_is_not_reported(tmp_path: pathlib.Path) -> None:
    planted = house(
        tmp_path,
        {
            "__init__.py": "def register():\n    from . import md_nodes",
            "__main__.py": "from .cli import main",
            "api.py": "from .core import graph\ndef f():\n    from .md_nodes import tree",
            "cli.py": "import argparse\nfrom . import __version__, api",
            "core/a.py": "import numpy\nfrom .b import c\nfrom . import d",
            "core/sub/a.py": "import ruamel.yaml\nfrom ..b import c\nfrom . import d",
            "core/worker.py": "import threading\nthreading.Thread()",
            "executors/_http/a.py": "import requests",
            "executors/a.py": "import av\nfrom ..core.b import c\nfrom ._shared import d",
            "md_nodes/a.py": "import bpy\nfrom ..api import x\ndef f():\n    from .. import cli",
            "tests/a.py": "import bpy, movie_director",
        },
    )
    assert [found for rule in RULES for found in rule(planted)] == []


IMPORT_ALL = """
import importlib, runpy, sys
runpy.run_path({conftest!r})
class NoBlender:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(f"{{name}} is blocked here")
sys.meta_path.insert(0, NoBlender())
for name in {modules!r}:
    importlib.import_module(name)
"""


def test_everything_outside_md_nodes_imports_with_blender_blocked() -> None:
    modules = []
    for path in product(ROOT):
        inside = path.relative_to(ROOT)
        if room_of(inside) != "md_nodes" and inside.stem != "__main__":
            parts = ["movie_director", *inside.with_suffix("").parts]
            modules.append(".".join(part for part in parts if part != "__init__"))
    script = IMPORT_ALL.format(
        conftest=str(ROOT / "tests" / "conftest.py"),
        blocked=sorted(BLENDER_MODULES),
        modules=modules,
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
