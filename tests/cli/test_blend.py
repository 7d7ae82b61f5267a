"""The command with .blend files: built, read back, evaluated, never lost."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest
from movie_director import api

pytest.importorskip("bpy", exc_type=ImportError)
pytestmark = pytest.mark.blender

ROOT = pathlib.Path(__file__).resolve().parents[2]
INSTANT = str(ROOT / "tests" / "instant.py")
SCRIPT = ROOT / "examples" / "last_train.fountain"
#: Seconds a process may take on a busy machine before the test gives up.
PATIENCE_S = 120.0


def call(here: pathlib.Path, *words: str, code: int = 0, **env: str) -> str:
    """Run a command to its end; what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", INSTANT, *words],
        cwd=here,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
    )
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with ``film.blend``, built from the example."""
    here = tmp_path_factory.mktemp("built")
    call(here, "build", str(SCRIPT), "-o", "film.blend")
    return here


def test_script_to_blend_to_graph_to_blend_loses_nothing(
    built: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    from_script = call(tmp_path, "graph", str(SCRIPT), "--json")
    from_blend = call(tmp_path, "graph", str(built / "film.blend"), "--json")
    assert from_blend == from_script
    (tmp_path / "film.json").write_text(from_blend, encoding="utf-8")
    call(tmp_path, "build", "film.json", "-o", "again.blend")
    assert call(tmp_path, "graph", "again.blend", "--json") == from_blend


def test_a_blend_gives_its_screenplay_back_to_the_letter(built: pathlib.Path) -> None:
    assert call(built, "script", "film.blend") == SCRIPT.read_text(encoding="utf-8")


def test_json_is_alone_on_standard_output_although_blender_talks(
    built: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    said = call(tmp_path, "build", str(built / "film.blend"), "-o", "copy.blend", "--json")
    assert json.loads(said)["files"] == {"film": str(tmp_path / "copy.blend")}


def test_evaluating_a_blend_twice_makes_nothing_the_second_time(
    built: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    blend = tmp_path / "film.blend"
    blend.write_bytes((built / "film.blend").read_bytes())
    first = json.loads(call(tmp_path, "evaluate", "film.blend", "--json"))
    assert first["folder"] == str(tmp_path / "film_film")
    log = tmp_path / "again.log"
    saved = blend.read_bytes()
    again = json.loads(call(tmp_path, "evaluate", "film.blend", "--json", INSTANT_LOG=str(log)))
    assert (again["made"], again["cached"]) == (0, first["made"])
    assert not log.exists()
    assert blend.read_bytes() == saved


def test_results_made_without_blender_are_put_into_the_sequencer(
    built: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    call(tmp_path, "evaluate", str(SCRIPT), "-o", "film_film")
    blend = tmp_path / "film.blend"
    blend.write_bytes((built / "film.blend").read_bytes())
    before = blend.read_bytes()
    assert json.loads(call(tmp_path, "evaluate", "film.blend", "--json"))["made"] == 0
    assert blend.read_bytes() != before


def test_what_film_made_is_there_for_evaluate_in_the_same_folder(tmp_path: pathlib.Path) -> None:
    call(tmp_path, "film", str(SCRIPT), "-o", "out", "--quality", "standard", "--fps", "25")
    assert (tmp_path / "out" / "film.blend").is_file()
    planned = json.loads(call(tmp_path, "plan", "out/film.blend", "--json"))
    assert planned["to_do"] == 0
    assert planned["steps"] == len(planned["cached"])


def test_a_blend_somebody_worked_in_is_never_replaced(tmp_path: pathlib.Path) -> None:
    film = ("film", str(SCRIPT), "-o", "out", "--json")
    first = json.loads(call(tmp_path, *film))["files"]["film.blend"]
    same = json.loads(call(tmp_path, *film))["files"]["film.blend"]
    assert same == first
    work = pathlib.Path(first).read_bytes() + b"somebody's work"
    pathlib.Path(first).write_bytes(work)
    beside = json.loads(call(tmp_path, *film))["files"]["film_2.blend"]
    assert pathlib.Path(beside).name == "film_2.blend"
    assert pathlib.Path(first).read_bytes() == work


def test_what_is_no_blend_is_refused_in_one_sentence(tmp_path: pathlib.Path) -> None:
    (tmp_path / "film.blend").write_bytes(b"not a blend at all")
    assert call(tmp_path, "graph", "film.blend", code=2) == ""


def test_own_files_of_a_graph_are_found_from_the_blend_too(tmp_path: pathlib.Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "cup.png").write_bytes(b"a picture")
    film = api.new(title="Cup")
    film.link(film.add("shot", id="cup", media="art/cup.png"), "shot", "film", "shots")
    api.write(film.graph, tmp_path / "cup.json")
    call(tmp_path, "film", "cup.json", "-o", "deep/out")
    planned = json.loads(call(tmp_path, "plan", "deep/out/film.blend", "--json"))
    assert planned["to_do"] == 0
