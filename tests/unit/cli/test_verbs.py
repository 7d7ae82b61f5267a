"""What each command does, says and gives back, on a studio that makes everything at once."""

from __future__ import annotations

import json
import os
import pathlib
import re
import shlex
import sys
from typing import Any

import jsonschema
import pytest
from movie_director import api
from movie_director.cli import main
from movie_director.cli.verb import every
from movie_director.cli.verbs import VERBS
from movie_director.core.step import CLIP, Fidelity, Option

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = """Title: Two Cups

INT. KITCHEN - DAY

Anna puts down two cups.

ANNA
He is not coming.

EXT. STREET - NIGHT

A man walks away in the rain.
"""


def schema(name: str) -> jsonschema.Draft202012Validator:
    text = (ROOT / "docs" / f"{name}.schema.json").read_text(encoding="utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


@pytest.fixture
def here(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, instant: Any) -> pathlib.Path:
    """A folder with a script in it, to be in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cups.fountain").write_text(SCRIPT, encoding="utf-8")
    # No .blend here: what needs Blender's module is tested with it.
    monkeypatch.setitem(sys.modules, "bpy", None)
    monkeypatch.setattr("movie_director.cli.verbs.film.has_blender", lambda: False)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """What a command printed as JSON, and nothing else on that stream."""
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("typed", "verb"), list(every(VERBS)), ids=lambda part: str(part)[:40])
def test_help_says_what_it_does_with_examples_and_exit_codes(
    typed: str, verb: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*typed.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: movie-director {typed} ")
    assert all(f"\n    {part.name} " in said for part in verb.parts)
    assert verb.about in said
    assert all(command in said for command, _ in verb.examples)
    assert "130 interrupted" in said
    assert all(len(line) <= 110 for line in said.splitlines())


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    names = [verb.name for verb in VERBS]
    film = ["film", "build", "graph", "plan", "evaluate", "script", "write", "export", "clean"]
    assert names[: len(film)] == film  # the way of a film comes first
    assert all(f"\n    {name} " in said for name in names)


def test_every_example_in_the_help_can_be_parsed() -> None:
    from movie_director.cli.parser import make_parser

    parser = make_parser(VERBS, "0")
    for typed, verb in every(VERBS):
        for command, _ in verb.examples:
            words = shlex.split(re.split(" [<>] ", command)[0])
            assert words[0] == "movie-director"
            chosen = parser.parse_args(words[1:]).chosen
            assert " ".join(each.name for each in chosen).startswith(typed)
            assert verb in chosen


def test_without_a_command_the_help_is_shown_as_wrong_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 2
    heard = capsys.readouterr()
    assert heard.out == ""
    assert "commands:" in heard.err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    import movie_director

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"movie-director {movie_director.__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["evalute", "x"], "Did you mean 'evaluate'?"),
        (["frobnicate"], "There are: film, build"),
        (["film"], "movie-director film --help"),
        (["film", "cups.fountain"], "-o"),
        (["film", "cups.fountain", "-o", "x", "--quality", "best"], "--quality"),
        (["film", "cups.fountain", "-o", "x", "--resolution", "big"], "such as 1280x720"),
        (["film", "cups.fountain", "-o", "x", "--fps", "0"], "write 1 to 120"),
        (["film", "cups.fountain", "-o", "x", "--backend", "magic"], "--backend"),
        (["graph"], "movie-director graph --help"),
        (["graph", "cups.fountan"], "cups.fountain"),
        (["graph", "nowhere/cups.fountain"], "no folder"),
        (["graph", "film.avi"], "no file"),
        (["graph", "."], "is a folder"),
        (["plan", "cups.fountain", "--vram", "big"], "8GiB"),
        (["plan", "cups.fountain", "--node", "shot_01_10"], "scene_01/shot_01_010"),
        (["plan", "cups.fountain", "--node", "music"], "scene_01/music, scene_02/music"),
        (["plan", "cups.fountain", "--node", "qwertz"], "movie-director graph FILM"),
        (["plan", "cups.fountain", "--node", "anna"], "Name a shot"),
        (["export", "cups.fountain"], "--otio FILE"),
        (["script", "cups.fountain", "-o", "cups.docx"], ".fountain"),
        (["script", "cups.fountain", "--json"], "Give one with -o"),
        (["build", "cups.fountain", "-o", "film.mov"], ".blend, .json"),
        (["evaluate", "cups.fountain", "--fast"], "--fast"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_two_lines_and_exit_code_two(
    here: pathlib.Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    heard = capsys.readouterr()
    assert heard.out == "" or "--json" in words
    what, remedy = heard.err.splitlines()
    assert what.startswith("movie-director: ")
    assert remedy.startswith("  ")
    assert said in heard.err


def test_an_unwritable_folder_is_bad_input(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "taken").write_text("a file", encoding="utf-8")
    assert main(["film", "cups.fountain", "-o", "taken/film"]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("words", [["build", "cups.fountain", "-o", "film.blend"]])
def test_what_needs_blender_says_how_to_get_it(
    here: pathlib.Path,
    words: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith("movie_director.md_nodes")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr("movie_director.md_nodes", raising=False)
    assert main(words) == 1
    assert "pip install" in capsys.readouterr().err


def test_a_bug_of_ours_is_kept_in_a_file_and_its_trace_is_not_shown(
    here: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(here))
    monkeypatch.setattr(api, "read", lambda path: {}["oops"])
    assert main(["graph", "cups.fountain"]) == 1
    said = capsys.readouterr().err
    (log,) = here.glob("movie-director-*.log")
    assert "Traceback" not in said
    assert str(log) in said
    assert "KeyError" in log.read_text(encoding="utf-8")
    assert main(["graph", "cups.fountain", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_the_outline_shows_scenes_shots_and_lines(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["graph", "cups.fountain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("scene_01") and "KITCHEN" in line for line in lines)
    assert any("dialogue" in line and "He is not coming." in line for line in lines)
    assert lines[-1].endswith(" nodes")


def test_the_outline_says_which_links_make_no_sense(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = api.new()
    film.link("film", "sequence", "output", "project")
    api.write(film.graph, here / "odd.json")
    assert main(["graph", "odd.json"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("output: ")


def test_the_graph_as_json_is_as_published_and_reads_back_to_the_letter(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["graph", "cups.fountain", "--json"]) == 0
    text = capsys.readouterr().out
    schema("graph").validate(json.loads(text))
    (here / "film.json").write_text(text, encoding="utf-8")
    assert main(["graph", "film.json", "--json"]) == 0
    assert capsys.readouterr().out == text
    assert main(["build", "film.json", "-o", "again.json"]) == 0
    assert (here / "again.json").read_text(encoding="utf-8") == text


def test_a_plan_runs_nothing_and_says_what_would_be_done(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "cups.fountain"]) == 0
    said = capsys.readouterr().out
    assert "Stage 1 of" in said
    assert "scene_01/line_01_010:speech" in said
    assert main(["plan", "cups.fountain", "--json"]) == 0
    planned = told(capsys)
    assert planned["schema"] == "movie-director/plan@1"
    assert instant.made == []
    assert [path.name for path in here.iterdir()] == ["cups.fountain"]


def test_a_plan_for_too_little_memory_fails_with_a_remedy(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "cups.fountain", "--vram", "1MiB"]) == 1
    assert "budget" in capsys.readouterr().err


def test_a_plan_of_one_node_holds_what_it_needs(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "cups.fountain", "--node", "line_01_010", "--json"]) == 0
    steps = [step["id"] for stage in told(capsys)["stages"] for step in stage["steps"]]
    assert steps == ["scene_01/line_01_010:speech"]


@pytest.mark.parametrize("name", ["shot_02_020", "Shot 2B", "2b", "scene_02/shot_02_020"])
def test_a_node_is_found_by_what_people_call_it(
    here: pathlib.Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "cups.fountain", "--node", name, "--json"]) == 0
    steps = [step["id"] for stage in told(capsys)["stages"] for step in stage["steps"]]
    assert steps == ["scene_02/shot_02_020:clip"]


def test_a_film_in_which_nobody_speaks_is_made_without_subtitles(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = SCRIPT.replace("ANNA\nHe is not coming.\n\n", "")
    (here / "silent.fountain").write_text(silent, encoding="utf-8")
    assert main(["evaluate", "silent.fountain", "--json"]) == 0
    assert "film.srt" not in told(capsys)["files"]
    assert main(["export", "silent.fountain", "--srt", "out.srt"]) == 2
    assert "somebody speaks" in capsys.readouterr().err


def test_cleaning_where_nothing_is_makes_no_folder(here: pathlib.Path) -> None:
    assert main(["clean", "cups.fountain"]) == 0
    assert [path.name for path in here.iterdir()] == ["cups.fountain"]


def test_film_leaves_everything_in_one_folder(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["film", "cups.fountain", "-o", "out"]) == 0
    heard = capsys.readouterr()
    there = {path.name for path in (here / "out").iterdir()}
    assert there >= {
        "film.mp4", "film.otio", "film.srt", "storyboard.pdf", "plan.json", "plan.txt",
        "cups.fountain", "scene_01", "scene_02",
    }  # fmt: skip
    assert "film.blend is left out" in heard.err
    assert "first shot ready after" in heard.err
    assert str(pathlib.Path("out", "film.mp4")) in heard.out
    assert "watch it:" in heard.out
    clips = sorted((here / "out").glob("scene_0*/shot_*/clip_t001.mp4"))
    graph = api.read("cups.fountain")
    assert len(clips) == len(graph.of_type("shot"))
    assert all(clip.with_name(f"{clip.name}.json").is_file() for clip in clips)
    assert len(list((here / "out").rglob("line_*_t001.wav"))) == 1


def test_film_takes_a_graph_too_and_finds_its_files_from_where_the_graph_lies(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "art").mkdir()
    (here / "art" / "cup.png").write_bytes(b"a picture")
    film = api.new(title="Cup")
    film.link(film.add("shot", id="cup", media="art/cup.png"), "shot", "film", "shots")
    api.write(film.graph, here / "cup.json")
    assert main(["film", "cup.json", "-o", "deep/out", "--json"]) == 0
    assert "film.mp4" in told(capsys)["files"]
    assert (here / "deep" / "out" / "cup.json").is_file()


def test_a_missing_file_of_ones_own_is_named_with_its_node(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = api.new()
    film.link(film.add("shot", id="cup", media="gone.png"), "shot", "film", "shots")
    api.write(film.graph, here / "cup.json")
    assert main(["film", "cup.json", "-o", "out"]) == 2
    assert "movie-director: cup: The file 'gone.png'" in capsys.readouterr().err


def test_film_as_json_says_what_lies_where(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["film", "cups.fountain", "-o", "out", "--json"]) == 0
    outcome = told(capsys)
    schema("outcome").validate(outcome)
    assert outcome["state"] == "done"
    assert outcome["files"]["film.mp4"] == str(here / "out" / "film.mp4")


def test_a_second_film_makes_nothing_again_and_keeps_the_plan_that_was_followed(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["film", "cups.fountain", "-o", "out"]) == 0
    followed = (here / "out" / "plan.txt").read_text(encoding="utf-8")
    instant.made.clear()
    assert main(["film", "cups.fountain", "-o", "out"]) == 0
    assert instant.made == []
    assert "everything is there already" in capsys.readouterr().err
    assert (here / "out" / "plan.txt").read_text(encoding="utf-8") == followed


def test_what_the_command_line_asks_for_is_in_the_plan(here: pathlib.Path, instant: Any) -> None:
    words = ["film", "cups.fountain", "-o", "out", "--quality", "standard", "--fps", "25"]
    assert main([*words, "--resolution", "640x360", "--backend", "animatic"]) == 0
    cut = json.loads(next((here / "out").rglob("cut_t001.json")).read_text(encoding="utf-8"))
    assert (cut["rate"], cut["width"], cut["height"]) == ([25, 1], 640, 360)


def test_evaluating_twice_makes_nothing_the_second_time(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "cups.fountain"]) == 0
    assert (here / "cups_film" / "film.mp4").is_file()
    instant.made.clear()
    capsys.readouterr()
    assert main(["evaluate", "cups.fountain", "--json"]) == 0
    outcome = told(capsys)
    schema("outcome").validate(outcome)
    assert (outcome["made"], instant.made) == (0, [])
    assert outcome["cached"] > 0


def test_what_is_only_stood_in_for_is_said_before_it_is_made(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    less = Option(executor="instant", seconds=0.1, fidelity=Fidelity.STAND_IN)
    whole = instant.offer
    monkeypatch.setattr(
        instant, "offer", lambda want: (less,) if want.kind == CLIP else whole(want)
    )
    assert main(["film", "cups.fountain", "-o", "out", "--backend", "comfyui"]) == 0
    (told,) = [line for line in capsys.readouterr().err.splitlines() if "Simpler on" in line]
    assert "a stand-in" in told
    assert "movie-director doctor" in told


def test_a_changed_line_makes_what_depends_on_it_and_no_more(
    here: pathlib.Path, instant: Any
) -> None:
    assert main(["evaluate", "cups.fountain", "-o", "out"]) == 0
    instant.made.clear()
    changed = SCRIPT.replace("not coming", "never coming")
    (here / "cups.fountain").write_text(changed, encoding="utf-8")
    assert main(["evaluate", "cups.fountain", "-o", "out"]) == 0
    assert "scene_01/line_01_010:speech" in instant.made
    assert not any(id.startswith("scene_02") for id in instant.made)


def test_a_dry_run_is_the_plan_and_touches_nothing(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "cups.fountain", "--dry-run", "--json"]) == 0
    assert told(capsys)["schema"] == "movie-director/plan@1"
    assert instant.made == []
    assert not (here / "cups_film").exists()


def test_force_makes_one_nodes_results_again(here: pathlib.Path, instant: Any) -> None:
    assert main(["evaluate", "cups.fountain"]) == 0
    instant.made.clear()
    node = ["--node", "scene_02/shot_02_010", "--force"]
    assert main(["evaluate", "cups.fountain", *node]) == 0
    assert instant.made == ["scene_02/shot_02_010:clip"]
    assert len(list((here / "cups_film").rglob("shot_02_010/clip_t*.mp4"))) == 2


def test_a_failed_step_is_told_with_its_remedy_and_the_rest_is_there(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    instant.failing = "music"
    assert main(["evaluate", "cups.fountain", "--json"]) == 1
    heard = capsys.readouterr()
    outcome = json.loads(heard.out)
    schema("outcome").validate(outcome)
    assert outcome["state"] == "failed"
    assert {error["what"] for error in outcome["errors"]} == {"It broke."}
    assert "scene_01/music, scene_02/music: It broke.\n  Mend it." in heard.err
    instant.failing = ""
    assert main(["evaluate", "cups.fountain"]) == 0


def test_a_busy_project_is_exit_code_three(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = api.read("cups.fountain")
    with api.prepare(graph, here / "cups_film", base=here) as job:
        run = job.run()
        run.start()
        try:
            assert main(["evaluate", "cups.fountain"]) == 3
        finally:
            run.close()
    assert "Traceback" not in capsys.readouterr().err


def test_the_script_comes_back_to_the_letter(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["script", "cups.fountain"]) == 0
    assert capsys.readouterr().out == SCRIPT
    assert main(["script", "cups.fountain", "-o", "back/cups.fountain", "--json"]) == 0
    schema("outcome").validate(told(capsys))
    assert (here / "back" / "cups.fountain").read_text(encoding="utf-8") == SCRIPT


def test_an_export_makes_what_it_needs_and_no_more(
    here: pathlib.Path, instant: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "cups.fountain", "--srt", "out/cups.srt", "--json"]) == 0
    outcome = told(capsys)
    schema("outcome").validate(outcome)
    assert outcome["files"] == {"srt": str(here / "out" / "cups.srt")}
    assert (here / "out" / "cups.srt").is_file()
    assert not any(id.endswith(":clip") for id in instant.made)
    assert main(["export", "cups.fountain", "--otio", "c.otio", "--storyboard", "b.pdf"]) == 0
    assert (here / "c.otio").is_file()
    assert (here / "b.pdf").is_file()


def test_clean_says_what_goes_and_removes_it(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "cups.fountain"]) == 0
    changed = SCRIPT.replace("not coming", "never coming")
    (here / "cups.fountain").write_text(changed, encoding="utf-8")
    assert main(["evaluate", "cups.fountain"]) == 0
    capsys.readouterr()
    assert main(["clean", "cups.fountain", "--dry-run", "--json"]) == 0
    outcome = told(capsys)
    schema("outcome").validate(outcome)
    old = [pathlib.Path(path) for path in outcome["files"].values()]
    assert old
    assert all(path.is_file() for path in old)
    assert main(["clean", "cups.fountain"]) == 0
    assert not any(path.exists() for path in old)
    assert main(["evaluate", "cups.fountain", "--json"]) == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX has pipes with a name")
@pytest.mark.parametrize("words", [["graph", "pipe.fountain"], ["plan", "film.json"]])
def test_what_might_never_end_is_not_read(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    os.mkfifo(here / "pipe.fountain")
    film = api.new()
    shot = film.add("shot", action="A cup.", media="pipe.fountain")
    film.link(shot, "shot", "film", "shots")
    api.write(film.graph, "film.json")
    assert main(words) == 2
    assert "not a file" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["plan"], ["evaluate", "--dry-run"]], ids=lambda each: each[0])
def test_little_room_is_warned_of_before_anything_runs(
    here: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    monkeypatch.setattr("movie_director.core.store.usage._LOW_BYTES", 2**62)
    assert main([words[0], "cups.fountain", *words[1:], "--json"]) == 0
    streams = capsys.readouterr()
    assert "are free on the disk. Free some space" in streams.err
    assert json.loads(streams.out)["to_do"] > 0


@pytest.mark.parametrize("verb", ["graph", "plan", "evaluate", "film", "clean", "script"])
def test_a_program_that_asked_for_json_gets_errors_as_json_too(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    more = ["-o", "out"] if verb == "film" else []
    assert main([verb, "gone.fountain", "--json", *more]) == 2
    said = told(capsys)
    schema("outcome").validate(said)
    assert said["state"] == "failed"
    assert [error["error"] for error in said["errors"]] == ["InputError"]
    assert said["errors"][0]["remedy"]


def test_a_plan_is_drawn_into_a_file(
    here: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "cups.fountain", "--svg", "plan.svg"]) == 0
    drawing = (here / "plan.svg").read_text(encoding="utf-8")
    assert drawing.startswith("<svg ")
    assert "Plan of cups.fountain" in drawing
    jobs = {"devices": [{"id": "d", "budget_bytes": 9, "load_bytes_per_s": 1}],
            "models": [{"id": "m", "bytes": 5}],
            "steps": [{"id": "a", "models": ["m"], "work_bytes": 1, "seconds": 2}]}  # fmt: skip
    (here / "jobs.json").write_text(json.dumps(jobs), encoding="utf-8")
    assert main(["plan", "--jobs", "jobs.json", "--svg", "jobs.svg"]) == 0
    assert "Plan of jobs.json" in (here / "jobs.svg").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["plan", "cups.fountain", "--svg", "nowhere/plan.svg"]) == 2
    assert "could not be written" in capsys.readouterr().err
