"""A failed node, looked at and tried again after the file was opened anew."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.timeout(180)]
bpy = pytest.importorskip("bpy")

from movie_director.core.graph import Graph, Link, Node  # noqa: E402

from tests.blender.layouts import Notes  # noqa: E402

SMALL = {"title": "Two Cups", "resolution": "custom", "width": 160, "height": 90}
FILM = Graph(
    nodes=(
        Node(id="project", type="project", params=SMALL),
        Node(id="line", type="dialogue", params={"line": "Tea?", "recording": "//tea.wav"}),
        Node(id="shot", type="shot", params={"action": "A cup.", "duration": 0.5}),
        Node(id="film", type="sequence", params={"ambience": False}),
        Node(id="out", type="output", params={"storyboard": False}),
    ),
    links=(
        Link(source=("project", "project"), target=("out", "project")),
        Link(source=("line", "dialogue"), target=("shot", "dialogue")),
        Link(source=("shot", "shot"), target=("film", "shots")),
        Link(source=("film", "sequence"), target=("out", "sequence")),
    ),
)


@pytest.fixture
def failed(blender, tmp_path):
    """The film, saved and opened again after its recording turned out to be no sound."""
    from movie_director.md_nodes import pump, session, write_tree

    (tmp_path / "tea.wav").write_text("no sound at all")
    film = str(tmp_path / "film.blend")
    bpy.ops.wm.save_as_mainfile(filepath=film)
    session.start(tree := write_tree(FILM, "Film"))
    pump.run_to_end(tree.session_uid)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    bpy.ops.wm.open_mainfile(filepath=film)
    yield bpy.data.node_groups["Film"]
    session.close()


def test_a_failure_is_there_after_the_file_was_opened_again(failed):
    from movie_director.md_nodes import failures, handlers, session, status

    handlers.look_at_results()
    known = status.of(failed.session_uid, "line")
    assert known.state == "failed"
    assert "tea.wav" in known.what
    assert known.remedy
    assert session.of(failed.session_uid).run is None
    (failure,) = failures.failures_of(failed.session_uid, "line")
    assert failures.failures_of(failed.session_uid, "film") == []
    layout = Notes()
    failures.draw_failures(layout, [failure], "line")
    said = " ".join(layout.said)
    assert known.what.split()[0] in said
    assert "attempt 1" in said
    (again,) = [given for name, _, given in layout.buttons if name == "movie_director.evaluate"]
    assert again.node == "line"


def test_a_failed_node_is_tried_again_by_itself(failed, tmp_path):
    from movie_director.md_nodes import failures, pump, session, status

    (tmp_path / "tea.wav").unlink()
    failed.nodes["line"].p_recording = ""
    session.start(failed, node="line")
    pump.run_to_end(failed.session_uid)
    assert status.of(failed.session_uid, "line").state == "cooked"
    assert failures.failures_of(failed.session_uid, "line") == []


def test_a_node_that_was_changed_since_has_not_failed_yet(failed):
    from movie_director.md_nodes import session, status

    failed.nodes["line"].p_recording = ""
    session.prepare(failed)
    assert status.of(failed.session_uid, "line").state == "dirty"
