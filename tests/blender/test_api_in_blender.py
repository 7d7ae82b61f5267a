"""The Python API on the file that Blender has open."""

from __future__ import annotations

import pytest
from movie_director import api
from movie_director.core.errors import GraphError, InputError

pytestmark = pytest.mark.blender


def test_a_film_made_by_a_script_is_shown_read_changed_and_shown_again(blender) -> None:
    film = api.new(title="Two Cups")
    film.link(film.add("shot", id="cup", action="A cup."), "shot", "film", "shots")
    assert api.write_tree(film.graph, "Cups") == "Cups"
    shown = api.read_tree()
    assert shown.node("cup").params == {"action": "A cup."}
    film = api.edit(shown)
    film.set("cup", action="Two cups.")
    assert api.write_tree(film.graph, "Cups") == "Cups"
    assert len(blender.data.node_groups) == 1
    assert api.to_json(api.read_tree("Cups")) == api.to_json(film.graph)


def test_a_file_without_a_film_or_with_several_says_so(blender) -> None:
    with pytest.raises(InputError, match="no film"):
        api.read_tree()
    api.write_tree(api.new().graph, "One")
    api.write_tree(api.new().graph, "Two")
    with pytest.raises(GraphError, match="'One', 'Two'"):
        api.read_tree()
