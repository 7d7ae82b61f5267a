# SPDX-License-Identifier: GPL-3.0-or-later
"""A breakdown as a film graph: people, places and style outside, one group for each scene.

The one idea: what holds for the film stands at the top, what happens in a scene
stands in its group, so that a feature film's tree stays readable and quick.  The
Script node keeps the whole text and every node the anchors of its words, which is
what brings the tree back to a screenplay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, Graph, Link, Node
from .breakdown import break_down
from .film import Breakdown, Scene, Settings, Shot
from .layout import in_columns, in_rows
from .naming import Keys
from .nodes import (
    character_node,
    dialogue_node,
    environment_node,
    music_node,
    one_line,
    project_node,
    script_node,
    sequence_node,
    shot_node,
    sound_node,
    style_nodes,
    voice_node,
)
from .script import Screenplay
from .sources import checksum

__all__ = ["to_graph"]

#: Bytes a Blender data-block's name may take, less room for ".001".
_NAME_BYTES = 56


def to_graph(
    source: Screenplay | Breakdown, settings: Settings | None = None, *, title: str = ""
) -> Graph:
    """The film graph of a screenplay, or of its breakdown, laid out to be read.

    ``title`` is used when the title page has none.  Takes time linear in the length of
    the screenplay; ids are those of the breakdown: ``scene_02``, ``shot_02_030``, ``anna``.
    """
    found = break_down(source, settings) if isinstance(source, Screenplay) else source
    world = _World(found)
    scenes = [_group(scene, found, world) for scene in found.scenes]
    film = Node(
        id="film",
        type="sequence",
        params={
            "title": one_line(found.title or title) or "Film",
            "ambience": False,
            "source": f"text ~{checksum(found.screenplay.text)}",
        },
    )
    output = Node(id="output", type="output")
    nodes = in_columns(
        [
            [*world.styles, *world.voices],
            [*world.people, *world.places],
            scenes,
            [project_node(found, title), film, script_node(found)],
            [output],
        ]
    )
    # What holds for the whole film is named first, though it stands beside the output.
    nodes = tuple(sorted(nodes, key=lambda node: node.type not in ("project", "script")))
    links = [*world.links()]
    for scene, group in zip(found.scenes, scenes, strict=True):
        links += _into_group(scene, group, world)
        links.append(_link(group.id, "sequence", "film", "shots"))
    links += [
        _link("film", "sequence", "output", "sequence"),
        _link("project", "project", "output", "project"),
        _link("script", "script", "output", "script"),
    ]
    return Graph(nodes=nodes, links=tuple(links))


class _World:
    """What stands at the top: styles, voices, people and places."""

    def __init__(self, found: Breakdown) -> None:
        taken = [person.key for person in found.people] + [place.key for place in found.places]
        keys = Keys((*taken, *(scene.key for scene in found.scenes), "style"))
        self.styles = style_nodes(found.look)
        self.voice_of = {
            person.key: keys.new(f"{person.key}_voice") for person in found.people if person.lines
        }
        self.voices = tuple(
            voice_node(id, found.language, number)
            for number, id in enumerate(self.voice_of.values(), start=1)
        )
        self.people = tuple(character_node(person) for person in found.people)
        self.places = tuple(environment_node(place) for place in found.places)
        self.names = {person.key: person.name for person in found.people}
        times = {place.key: place.time for place in found.places}
        variants = {style.id.removeprefix("style_"): style.id for style in self.styles[1:]}
        self.style_at = {key: variants.get(time, "style") for key, time in times.items()}

    def links(self) -> list[Link]:
        """Voices into characters, styles into their variants."""
        spoken = [_link(id, "voice", key, "voice") for key, id in self.voice_of.items()]
        return spoken + [_link("style", "style", style.id, "parent") for style in self.styles[1:]]


def _link(source: str, out: str, target: str, into: str) -> Link:
    return Link(source=(source, out), target=(target, into))


@dataclass(frozen=True, slots=True)
class _Row:
    shot: Shot
    node: Node
    lines: tuple[Node, ...]
    sounds: tuple[Node, ...]


def _cast_of(scene: Scene) -> tuple[str, ...]:
    """Keys of everybody the scene's shots and lines need, in order."""
    keys = [key for shot in scene.shots for key in shot.people]
    keys += [line.speaker for shot in scene.shots for line in shot.lines]
    return tuple(dict.fromkeys(key for key in keys if key))


def _group(scene: Scene, found: Breakdown, world: _World) -> Node:
    """A scene as a group node, inside laid out row by row."""
    cast = _cast_of(scene)
    rows = [
        _Row(
            shot,
            shot_node(shot),
            tuple(dialogue_node(line) for line in shot.lines),
            tuple(sound_node(sound) for sound in shot.sounds),
        )
        for shot in scene.shots
    ]
    entry = Node(id="input", type=GROUP_INPUT, params={"sockets": _sockets(cast, world)})
    leave = Node(
        id="output",
        type=GROUP_OUTPUT,
        params={"sockets": ({"name": "sequence", "kind": "sequence", "label": "Scene"},)},
    )
    music = (music_node(scene),) if found.settings.music else ()
    nodes = in_rows(
        [entry],
        [(row.lines, row.sounds, row.node) for row in rows],
        [[sequence_node(scene), *music], [leave]] if not music else
        [music, [sequence_node(scene)], [leave]],
    )  # fmt: skip
    number = f"{scene.number} " if scene.number else ""
    place = next((place.name for place in found.places if place.key == scene.place), "")
    return Node(
        id=scene.key,
        type=GROUP,
        params={"name": _short(f"{number}{place}")},
        nodes=nodes,
        links=tuple(_inside(rows, has_music=bool(music))),
    )


def _short(name: str) -> str:
    """``name`` cut to what a Blender data-block's name holds."""
    return name.encode()[:_NAME_BYTES].decode(errors="ignore").strip() or "Scene"


def _sockets(cast: Sequence[str], world: _World) -> tuple[Mapping[str, Any], ...]:
    sockets: list[Mapping[str, Any]] = [
        {"name": "style", "kind": "style"},
        {"name": "environment", "kind": "environment"},
    ]
    taken = {"style", "environment"}
    for key in cast:
        name = key if key not in taken else f"{key}_character"
        sockets.append({"name": name, "kind": "character", "label": one_line(world.names[key])})
    return tuple(sockets)


def _socket(key: str) -> str:
    return key if key not in ("style", "environment") else f"{key}_character"


def _into_group(scene: Scene, group: Node, world: _World) -> list[Link]:
    cast = _cast_of(scene)
    return [
        _link(world.style_at[scene.place], "style", group.id, "style"),
        _link(scene.place, "environment", group.id, "environment"),
        *(_link(key, "character", group.id, _socket(key)) for key in cast),
    ]


def _inside(rows: Sequence[_Row], *, has_music: bool) -> list[Link]:
    links: list[Link] = []
    for row in rows:
        id = row.node.id
        links += [_link("input", _socket(key), id, "characters") for key in row.shot.people]
        for line, node in zip(row.shot.lines, row.lines, strict=True):
            links.append(_link("input", _socket(line.speaker), node.id, "character"))
            links.append(_link(node.id, "dialogue", id, "dialogue"))
        links += [_link(node.id, "sound", id, "sounds") for node in row.sounds]
        links.append(_link("input", "environment", id, "environment"))
        links.append(_link("input", "style", id, "style"))
        links.append(_link(id, "shot", "sequence", "shots"))
    if has_music:
        links.append(_link("music", "music", "sequence", "music"))
    return [*links, _link("sequence", "sequence", "output", "sequence")]
