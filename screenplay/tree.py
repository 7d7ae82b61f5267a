# SPDX-License-Identifier: GPL-3.0-or-later
"""A node tree seen as a screenplay sees it: scenes with their shots, lines and cues in order.

The one idea: order is what the links into a Sequence say, through groups and
reroutes; what is linked nowhere is still there and comes last.  Muted nodes count:
switching a shot off is no cut in the script.  No node type's meaning is needed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..core.graph import GROUP, GROUP_INPUT, GROUP_OUTPUT, REROUTE, Graph, Node, group_sockets
from .sources import Source, read_source

__all__ = ["Tree", "TreeCue", "TreeLine", "TreeScene", "TreeShot", "see"]

End = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeLine:
    """A Dialogue node.  ``speaker`` is its Character's name, ``names`` that and the aliases."""

    path: str
    text: str
    emotion: str
    speaker: str
    names: tuple[str, ...]
    off_screen: bool
    together: bool
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeCue:
    """A Sound Effect node."""

    path: str
    prompt: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeShot:
    """A Shot node with what is linked to it."""

    path: str
    action: str
    lines: tuple[TreeLine, ...]
    cues: tuple[TreeCue, ...]
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeScene:
    """A Sequence that holds shots.  ``path`` is the Sequence's, ``title`` its heading."""

    path: str
    title: str
    shots: tuple[TreeShot, ...]
    source: Source
    enter: str
    leave: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A whole tree.  ``loose`` are lines, shots and cues that no scene holds."""

    scenes: tuple[TreeScene, ...]
    loose_shots: tuple[TreeShot, ...]
    loose_lines: tuple[TreeLine, ...]
    loose_cues: tuple[TreeCue, ...]
    script_path: str
    script: Node | None
    text_checksum: str

    @property
    def shots(self) -> tuple[TreeShot, ...]:
        """Every shot, the loose ones last."""
        return (*(shot for scene in self.scenes for shot in scene.shots), *self.loose_shots)

    @property
    def lines(self) -> tuple[TreeLine, ...]:
        """Every line, the loose ones last."""
        return (*(line for shot in self.shots for line in shot.lines), *self.loose_lines)

    @property
    def cues(self) -> tuple[TreeCue, ...]:
        """Every sound effect, the loose ones last."""
        return (*(cue for shot in self.shots for cue in shot.cues), *self.loose_cues)


def see(graph: Graph) -> Tree:
    """The tree of ``graph`` as a screenplay sees it."""
    return _Eye(graph).tree()


@dataclass(slots=True)
class _Eye:
    graph: Graph
    nodes: dict[str, Node] = field(default_factory=dict)
    into: dict[End, list[End]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def tree(self) -> Tree:
        self._collect("", self.graph)
        order = self._sequences()
        scenes = tuple(self._scene(path) for path in order if self._sources(path, "shots", "shot"))
        rest = [path for path, node in self.nodes.items() if node.type == "shot"]
        loose = tuple(self._shot(path) for path in rest if path not in self.seen)
        scripts = [(path, node) for path, node in self.nodes.items() if node.type == "script"]
        sums = [
            source.made
            for path in self._of("sequence")
            if (text := str(self._param(path, "source", ""))).startswith("text ")
            and (source := read_source(text))
        ]
        return Tree(
            scenes=scenes,
            loose_shots=loose,
            loose_lines=tuple(self._line(p) for p in self._of("dialogue") if p not in self.seen),
            loose_cues=tuple(self._cue(p) for p in self._of("sound_effect") if p not in self.seen),
            script_path=scripts[0][0] if scripts else "",
            script=scripts[0][1] if scripts else None,
            text_checksum=sums[0] if sums else "",
        )

    def _of(self, type: str) -> list[str]:
        return [path for path, node in self.nodes.items() if node.type == type]

    def _param(self, path: str, name: str, default: Any) -> Any:
        return self.nodes[path].params.get(name, default)

    def _collect(self, prefix: str, scope: Graph | Node) -> None:
        for node in scope.nodes:
            path = f"{prefix}{node.id}"
            self.nodes[path] = node
            if node.type == GROUP:
                for child in node.nodes:
                    self._bind(path, child)
                self._collect(f"{path}/", node)
        for link in scope.links:
            target = (f"{prefix}{link.target[0]}", link.target[1])
            self.into.setdefault(target, []).append((f"{prefix}{link.source[0]}", link.source[1]))

    def _bind(self, path: str, child: Node) -> None:
        if child.type not in (GROUP_INPUT, GROUP_OUTPUT):
            return
        inner = f"{path}/{child.id}"
        for socket in group_sockets(child):
            if child.type == GROUP_INPUT:
                outside = self.into.setdefault((path, socket.name), [])
                self.into[(inner, socket.name)] = outside
            else:
                self.into[(path, f"\0{socket.name}")] = [(inner, socket.name)]

    def _sources(self, path: str, socket: str, *types: str) -> list[str]:
        """Paths of the nodes of ``types`` that feed an input, in order, each once."""
        found: dict[str, None] = {}
        passed: set[End] = set()
        pending = list(reversed(self.into.get((path, socket), [])))
        while pending:
            end = pending.pop()
            node = self.nodes.get(end[0])
            if node is None or end in passed:
                continue
            passed.add(end)
            if node.type in types:
                found[end[0]] = None
            elif node.type == GROUP:
                pending.extend(reversed(self.into.get((end[0], f"\0{end[1]}"), [])))
            elif node.type == REROUTE:
                pending.extend(reversed(self.into.get((end[0], "input"), [])))
            elif node.type in (GROUP_INPUT, GROUP_OUTPUT):
                pending.extend(reversed(self.into.get(end, [])))
        return list(found)

    def _sequences(self) -> list[str]:
        """Every Sequence in film order: as linked to the Output, the rest as they come."""
        ordered: dict[str, None] = {}
        for output in self._of("output"):
            for path in self._sources(output, "sequence", "sequence"):
                ordered.update(dict.fromkeys(self._below(path)))
        ordered.update(dict.fromkeys(self._of("sequence")))
        return list(ordered)

    def _below(self, path: str) -> Iterator[str]:
        found: set[str] = set()
        pending = [path]
        while pending:
            at = pending.pop()
            if at in found:
                continue
            found.add(at)
            yield at
            pending.extend(reversed(self._sources(at, "shots", "sequence")))

    def _scene(self, path: str) -> TreeScene:
        paths = [p for p in self._sources(path, "shots", "shot") if p not in self.seen]
        return TreeScene(
            path=path,
            title=str(self._param(path, "title", "")),
            shots=tuple(self._shot(shot) for shot in paths),
            source=read_source(str(self._param(path, "source", ""))),
            enter=str(self._param(path, "enter", "cut")),
            leave=str(self._param(path, "leave", "cut")),
        )

    def _shot(self, path: str) -> TreeShot:
        self.seen.add(path)
        lines = [p for p in self._sources(path, "dialogue", "dialogue") if p not in self.seen]
        sounds = [p for p in self._sources(path, "sounds", "sound_effect") if p not in self.seen]
        return TreeShot(
            path=path,
            action=str(self._param(path, "action", "")),
            lines=tuple(self._line(line) for line in lines),
            cues=tuple(self._cue(sound) for sound in sounds),
            source=read_source(str(self._param(path, "source", ""))),
        )

    def _line(self, path: str) -> TreeLine:
        self.seen.add(path)
        people = self._sources(path, "character", "character")
        name = str(self._param(people[0], "name", "") or people[0]) if people else "NARRATOR"
        aliases = tuple(self._param(people[0], "aliases", ())) if people else ()
        return TreeLine(
            path=path,
            text=str(self._param(path, "line", "")),
            emotion=str(self._param(path, "emotion", "")),
            speaker=name,
            names=(name, *aliases),
            off_screen=bool(self._param(path, "off_screen", False)),
            together=bool(self._param(path, "together", False)),
            source=read_source(str(self._param(path, "source", ""))),
        )

    def _cue(self, path: str) -> TreeCue:
        self.seen.add(path)
        return TreeCue(
            path=path,
            prompt=str(self._param(path, "prompt", "")),
            source=read_source(str(self._param(path, "source", ""))),
        )
