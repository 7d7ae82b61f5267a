"""The pages in ``docs`` are true: generated ones are current, examples run, links lead somewhere."""

from __future__ import annotations

import doctest
import json
import pathlib
import re
import subprocess
import sys
from typing import Any

import jsonschema
import pytest
from movie_director import api

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
#: Made by the window tests, which show them to whoever runs those.
PICTURES = {"tree.png", "scene.png", "running.png", "sequencer.png"}


def test_what_is_generated_is_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_docs.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr} Write them with: make docs"


def test_the_published_schema_is_one_and_takes_every_type_with_its_defaults() -> None:
    schema = json.loads((DOCS / "graph.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    film = api.Film()
    for id, declared in api.catalogue().items():
        film.add(id, **declared.defaults)
    value = json.loads(json.dumps(api.to_json(film.graph)))
    assert not list(jsonschema.Draft202012Validator(schema).iter_errors(value))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda node: node.update(type="shoot"),
        lambda node: node.update(id="a/b"),
        lambda node: node.update(id=""),
        lambda node: node["params"].update(duration=-1),
        lambda node: node["params"].update(shot_type="wider"),
        lambda node: node["params"].update(colour="red"),
        lambda node: node.update(nodes=[{"id": "x", "type": "shot", "params": {}}]),
        lambda node: node.update(note="x"),
        lambda node: node.pop("id"),
    ],
)
def test_the_published_schema_and_the_reader_refuse_the_same_things(spoil: Any) -> None:
    schema = json.loads((DOCS / "graph.schema.json").read_text(encoding="utf-8"))
    film = api.Film()
    film.add("shot", id="shot", duration=2)
    value = json.loads(json.dumps(api.to_json(film.graph)))
    spoil(value["nodes"][0])
    assert not jsonschema.Draft202012Validator(schema).is_valid(value)
    with pytest.raises(api.MovieDirectorError):
        api.from_json(value, api.catalogue())


def test_the_examples_for_scripts_run(
    instant: Any, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (DOCS / "api.md").read_text(encoding="utf-8").replace("PosixPath", "Path")
    if sys.platform == "win32":
        text = text.replace("Path('", "WindowsPath('")
    else:
        text = text.replace("Path('", "PosixPath('")
    examples = doctest.DocTestParser().get_doctest(text, {}, "api.md", "api.md", 0)
    said: list[str] = []
    runner = doctest.DocTestRunner(
        optionflags=doctest.ELLIPSIS
        | doctest.NORMALIZE_WHITESPACE
        | doctest.IGNORE_EXCEPTION_DETAIL
    )
    done = runner.run(examples, out=said.append)
    assert (done.failed, done.attempted > 10) == (0, True), "".join(said)


def example_file(page: str) -> tuple[str, str]:
    """The file a page tells to write: its path and its text."""
    text = (DOCS / page).read_text(encoding="utf-8")
    match = re.search(r"<!-- file: (\S+) -->\n```python\n(.*?)```\n", text, re.DOTALL)
    assert match is not None
    return match[1], match[2]


def shadow(tmp_path: pathlib.Path, page: str) -> tuple[pathlib.Path, str]:
    """A package ``shadow``: the checkout's code, and the file of the example added."""
    name, text = example_file(page)
    package = tmp_path / "shadow"
    for path in ROOT.rglob("*.py"):
        inside = path.relative_to(ROOT)
        if inside.parts[0] in {"tests", "tools", "bench", "build", "docs", "md_nodes", "examples"}:
            continue
        if not any(part.startswith(".") for part in inside.parts):
            (package / inside).parent.mkdir(parents=True, exist_ok=True)
            (package / inside).write_bytes(path.read_bytes())
    (package / name).write_text(text, encoding="utf-8")
    return package / name, text


def run_in(tmp_path: pathlib.Path, script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import sys; sys.path.insert(0, '.')\n{script}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_node_type_of_the_guide_works_as_it_stands(tmp_path: pathlib.Path) -> None:
    shadow(tmp_path, "add-a-node-type.md")
    script = """
from pathlib import Path
from shadow import api
from shadow.core.compile import Files, compile_graph
film = api.new()
for name, words in (("style", {}), ("flashback", {"strength": 0.5}), ("shot", {})):
    film.add(name, id=name, **words)
film.link("style", "style", "flashback", "style")
film.link("flashback", "style", "shot", "style")
film.link("shot", "shot", "film", "shots")
program = compile_graph(film.graph, api.catalogue(), offer=lambda want: (), files=Files(Path(".")))
style = program.steps["shot:clip"].inputs["style"]
print(style["saturation"], style["temperature"])
"""
    assert run_in(tmp_path, script) == "0.65 4850.0"


def test_the_executor_of_the_guide_works_as_it_stands(tmp_path: pathlib.Path) -> None:
    shadow(tmp_path, "add-an-executor.md")
    script = """
import wave
from pathlib import Path
from shadow import api, executors
from shadow.core.discovery import collect
from shadow.core.executor import Executor, Setup
from shadow.studio import Studio
found = collect(executors, "EXECUTOR", type)
silence = found["silence"](Setup(cores=1, memory_bytes=2**30))
assert isinstance(silence, Executor)
Studio.open = lambda cores=None: Studio(api.catalogue(), {"silence": silence})
film = api.Film()
film.add("sound_effect", id="hush", prompt="nothing at all", length=1.5)
result = api.evaluate(film.graph, "results", node="hush")
assert result.ok, result.errors
(artifact,) = result.artifacts.values()
with wave.open(str(artifact.path)) as file:
    print(file.getnframes() / file.getframerate(), any(file.readframes(-1)))
"""
    assert run_in(tmp_path, script) == "1.5 False"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: pathlib.Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if "://" in target or pathlib.PurePath(path).name in PICTURES:
            continue
        there = (page.parent / path).resolve() if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            dead.append(target)
    assert dead == []


def anchors(page: pathlib.Path) -> set[str]:
    """What the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_acceptance_table_has_every_row_once_with_a_state() -> None:
    rows = re.findall(
        r"^\| (\d+) \| [^|]+ \| (done|partly|open) \| ([^|]*) \|$",
        (DOCS / "acceptance.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert [int(number) for number, _, _ in rows] == list(range(1, 162))


def test_the_acceptance_table_counts_itself_right() -> None:
    text = (DOCS / "acceptance.md").read_text(encoding="utf-8")
    states = re.findall(r"^\| \d+ \|.*\| (done|partly|open) \|", text, flags=re.MULTILINE)
    done, partly, still = map(states.count, ("done", "partly", "open"))
    assert f"\n{done} done, {partly} partly, {still} open.\n" in text


def test_what_the_acceptance_table_calls_done_names_a_test_that_is_there() -> None:
    rows = re.findall(
        r"^\| (\d+) \| [^|]+ \| (done|partly) \| ([^|]*) \|$",
        (DOCS / "acceptance.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    lost = []
    for number, _, shown in rows:
        named = re.findall(r"`(tests/[\w/.]+)(?:::(\w+))?`", shown)
        if not named:
            lost.append(f"{number}: names no test")
        for path, test in named:
            there = (ROOT / path).exists()
            if not there or (test and f"def {test}(" not in (ROOT / path).read_text("utf-8")):
                lost.append(f"{number}: {path}::{test}")
    assert lost == []
