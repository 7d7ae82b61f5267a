"""A film made from inside Blender, without a window: planned, made, shown, put into the sequencer."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.slow, pytest.mark.timeout(180)]
bpy = pytest.importorskip("bpy")

from movie_director.core.errors import LinkError, StoreError  # noqa: E402
from movie_director.core.graph import Graph, Link, Node  # noqa: E402

FILM = Graph(
    nodes=(
        Node(id="project", type="project", params={
            "title": "Two Cups", "resolution": "custom", "width": 160, "height": 90,
        }),
        Node(id="shot", type="shot", params={"action": "A cup.", "duration": 0.5}),
        Node(id="film", type="sequence", params={"ambience": False}),
        Node(id="out", type="output", params={"storyboard": False}),
    ),
    links=(
        Link(source=("project", "project"), target=("out", "project")),
        Link(source=("shot", "shot"), target=("film", "shots")),
        Link(source=("film", "sequence"), target=("out", "sequence")),
    ),
)  # fmt: skip


@pytest.fixture
def tree(blender, tmp_path):
    from movie_director.md_nodes import session, write_tree

    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    yield write_tree(FILM, "Film")
    session.close()


def state(tree, node: str) -> str:
    from movie_director.md_nodes import status

    return status.of(tree.session_uid, node).state


def test_a_film_is_planned_made_shown_and_placed(tree, tmp_path):
    from movie_director.md_nodes import pump, session, status, strips

    planned = session.prepare(tree)
    assert planned.folder == tmp_path / "film_film"
    assert not planned.folder.exists(), "planning writes nothing"
    assert state(tree, "shot") == "dirty"
    session.start(tree)
    with pytest.raises(StoreError):
        session.start(tree)
    pump.run_to_end(tree.session_uid)
    done = session.of(tree.session_uid)
    assert (done.errors, done.missing, done.drift) == ([], (), ())
    assert (planned.folder / "film.mp4").is_file()
    assert state(tree, "shot") == "cooked"
    assert status.of(tree.session_uid, "shot").picture.suffix == ".mp4"
    (strip,) = strips.strips_of(bpy.context.scene)
    assert strip.filepath.startswith("//film_film")
    again = session.start(tree)
    assert again.plan.to_do == ()
    pump.run_to_end(tree.session_uid)
    assert state(tree, "shot") == "cached"
    assert len(strips.strips_of(bpy.context.scene)) == 1


def test_opening_another_file_ends_the_run_and_keeps_what_is_made(tree, tmp_path):
    from movie_director.md_nodes import session, status

    started = session.start(tree)
    film = tree.session_uid
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert started.run.done
    assert session.of(film) is None
    assert status.all_of(film) == {}
    assert not list((tmp_path / "film_film").rglob("*.lock-wal"))


def test_a_film_that_was_never_saved_says_what_to_do(blender):
    from movie_director.md_nodes import session, write_tree

    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    with pytest.raises(StoreError) as caught:
        session.prepare(write_tree(FILM))
    assert "Save" in caught.value.remedy


def test_a_link_that_makes_no_sense_keeps_the_film_from_being_made(tree):
    from movie_director.md_nodes import session, write_tree

    wrong = Link(source=("shot", "shot"), target=("out", "script"))
    write_tree(Graph(nodes=FILM.nodes, links=(*FILM.links, wrong)), into=tree)
    with pytest.raises(LinkError):
        session.start(tree)
    assert session.of(tree.session_uid) is None
