"""What a stranger's machine gets: the whole package, one version, pinned parts, no private places."""

from __future__ import annotations

import ast
import pathlib
import re
import subprocess
import sys
import tomllib

import movie_director
import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
#: Its files run with libraries of their own, in another process.
HELPERS = ROOT / "executors" / "_helper"
PINS = sorted((ROOT / "requirements").glob("*.txt"))
OUTSIDE = {"bench", "build", "dist", "docs", "examples", "requirements", "tests", "tools"}
ROOMS = sorted(
    folder.name
    for folder in ROOT.iterdir()
    if (folder / "__init__.py").is_file() and folder.name not in OUTSIDE
)


def packages(root: pathlib.Path) -> list[str]:
    """Every import package of the product, by its dotted name, sorted."""
    folders = [path.parent for room in ROOMS for path in (root / room).rglob("__init__.py")]
    names = [".".join(folder.relative_to(root).parts) for folder in folders]
    return sorted(["movie_director", *(f"movie_director.{name}" for name in names)])


def test_the_list_of_packages_is_complete() -> None:
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == packages(ROOT)


def test_every_python_file_lies_in_a_listed_package() -> None:
    strays = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if not (path.parent / "__init__.py").is_file()
    ]
    assert strays == []


#: Import name → the distribution that brings it.
BROUGHT_BY = {
    "av": "av",
    "espeakng_loader": "espeakng-loader",
    "fontTools": "fonttools",
    "freetype": "freetype-py",
    "numpy": "numpy",
    "pydyf": "pydyf",
    "pymupdf_fonts": "pymupdf-fonts",
    "pynvml": "nvidia-ml-py",
    "requests": "requests",
    "urllib3": "requests",
    "ruamel": "ruamel-yaml",
    "websocket": "websocket-client",
    "comfyui_workflow_templates_json": "comfyui-workflow-templates-json",
}
#: What Blender's own Python has, for the room that runs nowhere else.
BLENDERS = {"addon_utils", "aud", "bl_ui", "blf", "bmesh", "bpy", "bpy_extras", "gpu"}
BLENDERS |= {"gpu_extras", "mathutils", "nodeitems_utils"}


def imported(path: pathlib.Path) -> set[str]:
    """Top-level names a file imports from outside the package and the standard library.

    A package that is read as data is named by a constant ``PACKAGE``.
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign) and "PACKAGE" in {ast.unparse(to) for to in node.targets}:
            names.add(ast.literal_eval(node.value))
        elif isinstance(node, ast.Call) and "import_module" in ast.dump(node.func):
            names |= {arg.value.split(".")[0] for arg in node.args if isinstance(arg, ast.Constant)}
    return names - sys.stdlib_module_names - {"", "movie_director"}


def needed() -> set[str]:
    """The distributions that pyproject.toml says the package cannot work without."""
    return {
        re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", text)[0]).lower()
        for text in PROJECT["project"]["dependencies"]
    }


def test_every_library_the_code_imports_is_asked_for_and_no_other() -> None:
    files = [*ROOT.glob("*.py"), *(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))]
    ours = [path for path in files if path.parent != HELPERS]
    names = set().union(*map(imported, ours)) - BLENDERS
    assert {BROUGHT_BY.get(name, f"{name} (unknown)") for name in names} == needed()


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_what_the_helper_process_imports_is_in_its_own_environment(python: str) -> None:
    names = set().union(
        *map(imported, HELPERS.glob("*_jobs.py")), *map(imported, HELPERS.glob("*_wire.py"))
    )
    assert {name.replace("_", "-") for name in names} <= versions(f"helper-{python}").keys()


def test_every_data_file_is_installed_with_its_package() -> None:
    listed = PROJECT["tool"]["setuptools"].get("package-data", {})
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if (
                path.is_file()
                and path.suffix not in {".py", ".pyc"}
                and path.parent.name != "__pycache__"  # kept footprints lie with the bytecode
            ):
                package = ".".join(["movie_director", *path.relative_to(ROOT).parts[:-1]])
                patterns = listed.get(package, []) + listed.get("*", [])
                fits = any(path.match(pattern) for pattern in patterns)
                assert fits, f"{path.relative_to(ROOT)} is in no package-data"


def test_the_version_is_one() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    top = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert top is not None
    assert {MANIFEST["version"], top[1]} == {movie_director.__version__}
    assert PROJECT["tool"]["setuptools"]["dynamic"]["version"] == {
        "attr": "movie_director.__version__"
    }


def test_blender_learns_the_same_licence() -> None:
    assert MANIFEST["license"] == [f"SPDX:{PROJECT['project']['license']}"]


def unpinned(text: str) -> list[str]:
    """Lines of a pinned file that are not a comment, an exact version or a hash."""
    line = re.compile(
        r"^(#.*"
        r"|[a-z0-9][a-z0-9._-]*==[0-9][\w.!+]*( ; [\w ()='!<>.]+)? \\"
        r"|    --hash=sha256:[0-9a-f]{64}( \\)?)$"
    )
    return [each for each in text.splitlines() if not line.match(each)]


@pytest.mark.parametrize("path", PINS, ids=lambda path: path.stem)
def test_pinned_files_hold_exact_versions_and_hashes_and_no_place_to_fetch_from(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unpinned(text) == []
    assert re.findall(r"https?:|index|find-links|file:", text) == []
    blocks = re.split(r"^(?=\S+==)", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    "line",
    ["numpy>=2", "numpy==2.5.5", "--index-url somewhere", "-e .", "    --hash=md5:00", "./a.whl"],
)
def test_a_loose_line_is_found(line: str) -> None:
    assert unpinned(line) == [line]


def versions(stem: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{stem}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, flags=re.MULTILINE))


def test_each_python_has_its_sets_and_its_environments_apart() -> None:
    kinds = ("film", "plain", "test", "helper", "servers")
    stems = {f"{kind}-{python}" for kind in kinds for python in ("3.11", "3.13")}
    assert {path.stem for path in PINS} == stems | {"gradio3-3.11"}
    assert PROJECT["dependency-groups"].keys() == {"helper", "servers", "gradio3"}


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_helpers_libraries_are_in_its_own_set_and_in_no_other(python: str) -> None:
    ours = {"gradio-client", "keyring", "litellm"}
    assert ours <= versions(f"helper-{python}").keys()
    for kind in ("film", "plain", "test"):
        assert not ours & versions(f"{kind}-{python}").keys()


def test_each_python_gets_its_blender_and_the_numpy_that_blender_takes() -> None:
    old, new = versions("film-3.11"), versions("film-3.13")
    assert old["bpy"].startswith("4.5.")
    assert new["bpy"].startswith("5.2.")
    assert old["numpy"].startswith("1.26.")
    assert tuple(map(int, new["numpy"].split(".")[:2])) >= (2, 2)


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_the_sets_agree_and_the_plain_one_has_no_blender(python: str) -> None:
    film, test, plain = (versions(f"{kind}-{python}") for kind in ("film", "test", "plain"))
    assert film.items() <= test.items()
    assert "bpy" not in plain
    shared = (film.keys() & plain.keys()) - {"numpy"}
    assert {name: film[name] for name in shared} == {name: plain[name] for name in shared}


@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_everything_the_package_needs_is_pinned(python: str) -> None:
    assert needed() <= versions(f"film-{python}").keys()


#: Places that exist on one machine or in one network only.
PRIVATE = (
    r"(?<![\w./$}-])/work/|(?<![\w.])/opt/(wheels|pypi)|/root/|(?<!\w)/home/(?!user\b)\w|[A-Z]:\\Users\\"
    r"|--(extra-)?index-url|--find-links|PIP_\w*(INDEX|LINKS)|pypi\.org/simple|\bsnapshot\.debian"
    r"|(?<![\w-])-[if][\s,'\"=]+https?:|download\.pytorch\.org"
)
THIS = "tests/unit/test_packaging.py"


def tracked() -> list[str]:
    """Text files under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    binary = {".png", ".jpg", ".mp4", ".wav", ".blend", ".pdf", ".ttf", ".otf"}
    return [
        name
        for name in listed.stdout.split("\0")
        if name and pathlib.PurePath(name).suffix not in binary and (ROOT / name).is_file()
    ]


def private_places(text: str) -> list[str]:
    return [
        f"{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(PRIVATE, line)
    ]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_tracked_file_names_a_private_place() -> None:
    found = {}
    for name in tracked():
        if name != THIS:
            places = private_places((ROOT / name).read_text(encoding="utf-8", errors="replace"))
            if places:
                found[name] = places
    assert found == {}


@pytest.mark.parametrize(
    "text",
    [
        "cache=/work/cache",
        "see /root/.config",
        "/home/ana/film",
        "pip install --find-links x",
        "pip install --extra-index-url x",
        "export PIP_INDEX_URL=x",
        "run: [pip, install, torch, -i, 'https://somewhere']",
        "pip install torch -f https://somewhere",
    ],
)
def test_a_private_place_is_found(text: str) -> None:
    assert private_places(text) == [f"1: {text}"]
