"""Films made, read, changed, planned and evaluated from people's own scripts."""

from __future__ import annotations

import difflib
import doctest
import importlib
import pathlib
from typing import Any

import pytest
from movie_director import api
from movie_director.core.errors import (
    GraphError,
    InputError,
    OutOfMemoryBudget,
    ProjectBusy,
    StoreError,
)
from movie_director.studio import results_folder

SCRIPT = """Title: Two Cups

INT. KITCHEN - DAY

Anna puts down two cups.

ANNA
He is not coming.

She drinks alone. [A door slams.]

EXT. STREET - NIGHT

A man walks away in the rain.
"""


def one_shot() -> api.Film:
    film = api.new(title="One Shot")
    shot = film.add("shot", id="shot", action="A cup.")
    film.link(shot, "shot", "film", "shots")
    return film


@pytest.fixture
def script(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "two_cups.fountain"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["", ".film", ".evaluation"])
def test_the_examples_in_the_documentation_are_true(
    name: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    module = importlib.import_module(f"movie_director.api{name}")
    everything = {**vars(api), **vars(module)}
    done = doctest.testmod(module, extraglobs=everything)
    assert (done.failed, done.attempted > 0) == (0, True)


def test_what_the_api_names_is_there() -> None:
    assert [name for name in api.__all__ if not hasattr(api, name)] == []


def test_a_new_film_is_wired_from_project_to_output() -> None:
    graph = api.new(title="A", quality="final").graph
    assert graph.node("project").params == {"title": "A", "quality": "final"}
    assert api.check(graph) == ()


def test_ids_are_made_from_the_type_and_never_twice() -> None:
    film = api.new()
    assert [film.add("shot") for _ in range(3)] == ["shot", "shot_2", "shot_3"]


def test_ten_thousand_nodes_are_added_in_about_linear_time() -> None:
    film = api.new()
    for _ in range(10_000):
        film.link(film.add("shot"), "shot", "film", "shots")
    assert sum(1 for _ in film.graph.walk()) == 10_003


@pytest.mark.parametrize(
    ("wrong", "what", "remedy"),
    [
        (lambda f: f.add("shoot"), "node type 'shoot'", "'shot'"),
        (lambda f: f.add("shot", within="scene"), "group 'scene'", "none"),
        (lambda f: f.add("shot", id="film"), "already a node 'film'", "another id"),
        (lambda f: f.add("shot", id="a/b"), "id 'a/b'", "without '/'"),
        (lambda f: f.add("shot", duration=-1), "'duration' cannot be", "from 0"),
        (lambda f: f.link("film", "sequences", "output", "sequence"), "no output", "'sequence'"),
        (lambda f: f.link("film", "sequence", "output", "seq"), "no input", "sequence"),
        (lambda f: f.link("film", "sequence", "outputs", "sequence"), "node 'outputs'", "'output'"),
        (lambda f: f.set("project", titel="x"), "no parameter 'titel'", "title"),
        (lambda f: f.remove("nobody"), "node 'nobody'", "project"),
    ],
)
def test_a_slip_is_named_with_the_way_out(wrong: Any, what: str, remedy: str) -> None:
    with pytest.raises(GraphError) as caught:
        wrong(api.new())
    assert what in caught.value.what
    assert remedy in caught.value.remedy


def test_nodes_in_different_groups_cannot_be_linked_directly() -> None:
    film = api.new()
    scene = film.add_group("Kitchen", outputs={"scene": "sequence"})
    inner = film.add("sequence", within=scene)
    with pytest.raises(GraphError, match="same group"):
        film.link(inner, "sequence", "film", "shots")


def test_setting_none_takes_a_parameter_back_to_its_default() -> None:
    film = one_shot()
    film.set("shot", action=None, shot_type="wide")
    assert film.graph.node("shot").params == {"shot_type": "wide"}


def test_removing_a_group_removes_what_is_in_it_and_its_links() -> None:
    film = api.new()
    scene = film.add_group("Kitchen", outputs={"scene": "sequence"})
    film.add("sequence", within=scene)
    film.link(scene, "scene", "film", "shots")
    before = api.new().graph
    film.remove(scene)
    assert film.graph == before
    assert film.find("sequence") == ("film",)


def test_editing_leaves_the_graph_it_began_with_alone(script: pathlib.Path) -> None:
    graph = api.read(script)
    film = api.edit(graph)
    assert film.graph == graph
    film.set("project", title="Another")
    assert graph.node("project").params["title"] == "Two Cups"


def test_a_script_becomes_scenes_with_shots_and_lines(script: pathlib.Path) -> None:
    graph = api.read(script)
    assert len(graph.of_type("group")) == 2
    assert [node.params["line"] for _, node in graph.of_type("dialogue")] == ["He is not coming."]


def test_a_graph_file_gives_the_same_graph_back(
    script: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    graph = api.read(script)
    path = api.write(graph, tmp_path / "film.json")
    again = api.read(path)
    assert api.to_json(again) == api.to_json(graph)
    assert api.write(again, tmp_path / "again.json").read_bytes() == path.read_bytes()


def test_an_unchanged_film_gives_its_script_back_to_the_letter(
    script: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    path = api.write(api.read(script), tmp_path / "back.fountain")
    assert path.read_bytes() == script.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "what", "remedy"),
    [
        ("film.mp4", b"x", "neither a .blend", ".fountain"),
        ("gone.txt", None, "no file", "Check the name"),
        ("two_cupz.fountain", None, "no file", "two_cups.fountain"),
        ("empty.fountain", b" \n", "is empty", "scene heading"),
        ("noise.json", b"\xff\xfe\x00", "not a text file", "graph"),
        ("half.json", b'{"schema": ', "not JSON", "movie-director graph"),
        ("binary.fountain", bytes(range(256)) * 40, "", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    script: pathlib.Path, name: str, content: bytes | None, what: str, remedy: str
) -> None:
    path = script.with_name(name)
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        api.read(path)
    assert what in caught.value.what
    assert remedy in caught.value.remedy
    assert "\n" not in caught.value.what


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "film.fountain"
    folder.mkdir()
    with pytest.raises(InputError, match="folder"):
        api.read(folder)


def test_a_film_is_not_written_as_something_unknown(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InputError, match=r"film\.mov"):
        api.write(api.new().graph, tmp_path / "film.mov")


def test_own_files_are_named_from_the_new_folder(tmp_path: pathlib.Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "anna.png").write_bytes(b"x")
    film = one_shot()
    film.set("shot", media="art/anna.png")
    film.add("character", id="anna", images=("//art/anna.png", "elsewhere.png"))
    moved = api.rebased(film.graph, tmp_path, tmp_path / "out" / "deep")
    assert moved.node("shot").params["media"] == "//../../art/anna.png"
    assert moved.node("anna").params["images"] == ("//../../art/anna.png", "elsewhere.png")
    assert api.rebased(film.graph, tmp_path, tmp_path) == film.graph


def test_planning_makes_and_writes_nothing(instant: Any, tmp_path: pathlib.Path) -> None:
    planned = api.plan(one_shot().graph, tmp_path / "results")
    assert {placed.step.id for placed in planned.to_do} >= {"shot:clip", "output:cut"}
    assert not (tmp_path / "results").exists()
    assert instant.made == []


def test_a_film_is_made_once(instant: Any, tmp_path: pathlib.Path) -> None:
    graph = one_shot().graph
    seen: list[api.Change] = []
    first = api.evaluate(graph, tmp_path, on_change=seen.append)
    assert first.ok, first.errors
    assert first.made == len(instant.made) + 1  # the cut is not the fake's
    assert sorted(first.files) == ["film.mp4", "film.otio", "storyboard.pdf"]
    assert all(path.is_file() for path in first.files.values())
    assert api.NodeState.COOKED in {change.state for change in seen}
    again = api.evaluate(graph, tmp_path)
    assert (again.ok, again.made, again.cached) == (True, 0, first.made)
    assert again.files == first.files


def test_forcing_a_node_makes_it_and_what_depends_on_it_again(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    film = one_shot()
    film.link(film.add("shot", id="other"), "shot", "film", "shots")
    api.evaluate(film.graph, tmp_path)
    planned = api.plan(film.graph, tmp_path, node="other", force=True)
    assert [placed.step.id for placed in planned.to_do] == ["other:clip"]


def test_one_node_is_made_with_what_it_needs_and_no_more(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    film = one_shot()
    line = film.add("dialogue", id="line", line="Hello.")
    film.link(line, "dialogue", "shot", "dialogue")
    film.link(film.add("shot", id="other"), "shot", "film", "shots")
    result = api.evaluate(film.graph, tmp_path, node="shot")
    assert result.ok
    assert instant.made == ["line:speech", "shot:clip"]
    assert result.files == {}


def test_a_scene_is_made_by_the_path_of_its_group(
    instant: Any, script: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    planned = api.plan(api.read(script), tmp_path, node="scene_02")
    assert {str(step.node).partition("/")[0] for step in planned.steps.values()} == {"scene_02"}


def test_of_several_outputs_one_is_named_and_its_own_settings_hold(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    film = one_shot()
    film.add("project", id="large", resolution="1080p")
    film.add("output", id="cinema")
    film.link("large", "project", "cinema", "project")
    film.link("film", "sequence", "cinema", "sequence")
    with pytest.raises(GraphError, match="several Output"):
        api.plan(film.graph, tmp_path)
    with api.prepare(film.graph, tmp_path, node="cinema") as job:
        assert (job.program.film.height, job.program.output) == (1080, "cinema")


def test_a_node_that_makes_nothing_is_refused(instant: Any, tmp_path: pathlib.Path) -> None:
    with pytest.raises(GraphError, match="nothing to make for 'project'"):
        api.plan(one_shot().graph, tmp_path, node="project")


def test_a_budget_no_step_fits_into_is_refused_before_anything_runs(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(OutOfMemoryBudget):
        api.plan(one_shot().graph, tmp_path, vram_bytes=2**20)


def test_a_failure_is_told_and_the_rest_is_made(instant: Any, tmp_path: pathlib.Path) -> None:
    instant.failing = "storyboard"
    result = api.evaluate(one_shot().graph, tmp_path)
    assert not result.ok
    assert [error.what for error in result.errors] == ["It broke."]
    assert sorted(result.files) == ["film.mp4", "film.otio"]


def test_a_cancelled_evaluation_is_no_error_and_can_go_on(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    instant.seconds = 30.0
    result = api.evaluate(one_shot().graph, tmp_path, cancelled=lambda: "shot:clip" in instant.made)
    assert (result.ok, result.cancelled, result.errors) == (False, True, ())
    instant.seconds = 0.0
    assert api.evaluate(one_shot().graph, tmp_path).ok


def test_the_second_evaluation_at_a_time_is_told_who_holds_the_project(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    graph = one_shot().graph
    with api.prepare(graph, tmp_path) as job:
        run = job.run()
        run.start()
        try:
            with pytest.raises(ProjectBusy):
                api.evaluate(graph, tmp_path)
        finally:
            run.close()


def test_cleaning_removes_what_no_output_uses_and_keeps_the_rest(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    film = one_shot()
    api.evaluate(film.graph, tmp_path)
    film.set("shot", action="Two cups.")
    after = api.evaluate(film.graph, tmp_path)
    would = api.clean(film.graph, tmp_path, dry_run=True)
    cleaned = api.clean(film.graph, tmp_path)
    assert cleaned == would
    assert "shot/clip_t001.mp4" in cleaned.files
    assert not any(name.startswith(("takes/film", "film.")) for name in cleaned.files)
    assert all(artifact.path.is_file() for artifact in after.artifacts.values())


def test_cleaning_a_film_without_output_removes_nothing(
    instant: Any, tmp_path: pathlib.Path
) -> None:
    api.evaluate(one_shot().graph, tmp_path)
    before = sorted(tmp_path.rglob("*.mp4"))
    with pytest.raises(GraphError, match="no Output"):
        api.clean(api.Graph(), tmp_path)
    assert sorted(tmp_path.rglob("*.mp4")) == before


def test_results_lie_beside_the_film_or_where_the_project_says(tmp_path: pathlib.Path) -> None:
    graph = api.new().graph
    blend = tmp_path / "my film.blend"
    assert results_folder(graph, blend) == tmp_path / "my film_film"
    here = graph.with_params("project", output_folder="//")
    assert results_folder(here, blend) == tmp_path
    below = graph.with_params("project", output_folder="//out/../made")
    assert results_folder(below, blend) == tmp_path / "made"
    fixed = graph.with_params("project", output_folder=str(tmp_path / "fixed"))
    assert results_folder(fixed, None) == tmp_path / "fixed"
    with pytest.raises(StoreError, match="saved"):
        results_folder(here, None)


def test_one_changed_line_is_one_changed_line_in_the_graph_file(script: pathlib.Path) -> None:
    film = api.edit(api.read(script))
    (line,) = film.find("dialogue")
    before = api.write(film.graph, script.with_name("before.json")).read_text("utf-8")
    film.set(line, line="He is here.")
    after = api.write(film.graph, script.with_name("after.json")).read_text("utf-8")
    changed = [
        each for each in difflib.ndiff(before.splitlines(), after.splitlines()) if each[0] in "+-"
    ]
    assert [each.split('"')[1::2] for each in changed] == [
        ["line", "He is not coming."],
        ["line", "He is here."],
    ]
