"""What a film lacks, in Blender: asked for by a button, shown once for each cause with ways to the nodes."""

from __future__ import annotations

import pathlib

import pytest

pytestmark = pytest.mark.blender
bpy = pytest.importorskip("bpy")


class Paper:
    """A layout that keeps what is written on it, and where its buttons lead."""

    def __init__(self, lines: list[str] | None = None) -> None:
        self.lines = [] if lines is None else lines

    def label(self, *, text: str = "", icon: str = "") -> None:
        self.lines.append(text)

    def operator(self, name: str, *, text: str = "", **more: object) -> Paper:
        self.lines.append(f"{name} {text}".strip())
        return Paper()

    def box(self) -> Paper:
        return self

    column = lambda self, **more: self  # noqa: E731  # as Blender's, which is asked for by name


def test_what_is_missing_is_drawn_with_what_mends_it(blender, tmp_path: pathlib.Path) -> None:
    from movie_director import api
    from movie_director.md_nodes import doctor, session, write_tree

    film = api.new(title="Two Cups", quality="final")
    for id in ("one", "two", "three", "four"):
        film.add("shot", id=id, action="A cup.")
        film.link(id, "shot", "film", "shots")
    film.set("project", output_folder=str(tmp_path / "results"))
    tree = write_tree(film.graph, name="Two Cups")
    paper = Paper()
    doctor.draw_missing(paper, tree.session_uid)
    assert paper.lines == ["movie_director.doctor"]
    assert not doctor.look(tree).ok
    doctor.draw_missing(paper, tree.session_uid)
    said = " ".join(paper.lines)
    assert "No service here makes clips." in said
    assert "movie-director services install comfyui" in said
    assert "movie_director.show_node one" in paper.lines
    assert paper.lines[-1] == "and 1 more"
    session.close()
