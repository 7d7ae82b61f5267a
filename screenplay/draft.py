# SPDX-License-Identifier: GPL-3.0-or-later
"""How the parts of a new draft are fitted into a tree that already stands.

The one idea: a new node is the one the new draft's own tree has, under an id that is
free here, with its links led to what the tree has for the same people and places.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ..core.graph import GROUP_INPUT, Graph, Link, Node, group_sockets
from .changes import Change, Step
from .matching import Pairs
from .naming import fold
from .sources import checksum, read_source
from .tree import Tree, TreeCue, TreeLine, TreeScene, TreeShot, see

__all__ = ["Draft", "World", "added_line", "added_scene", "added_shot", "added_sound", "moved_line"]

_WORDS = {"shot": "action", "dialogue": "line", "sound_effect": "prompt", "sequence": "title"}


@dataclass(slots=True)
class Draft:
    """A tree, the tree of a new draft, and what is known of how they go together."""

    graph: Graph
    fresh: Graph
    tree: Tree
    base: dict[str, Node]
    pairs: Pairs = field(default_factory=Pairs)
    nodes: dict[str, Node] = field(init=False)
    fresh_nodes: dict[str, Node] = field(init=False)
    new: Tree = field(init=False)
    world: World = field(init=False)
    film: str = field(init=False)
    shot_of: dict[str, str] = field(init=False)
    _given: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes = dict(self.graph.walk())
        self.fresh_nodes = dict(self.fresh.walk())
        self.new = see(self.fresh)
        self.shot_of = {line.path: shot.path for shot in self.tree.shots for line in shot.lines}
        films = [
            path
            for path, node in self.nodes.items()
            if node.type == "sequence" and str(node.params.get("source", "")).startswith("text ")
        ]
        self.film = films[0] if films else ""

    def free(self, path: str, within: str) -> str:
        """An id for the new draft's node at ``path`` that nothing has in ``within``."""
        if path in self._given:
            return self._given[path]
        wanted = id = path.rpartition("/")[2]
        taken = set(self._given.values())
        count = 1
        while f"{within}/{id}".lstrip("/") in self.nodes or id in taken:
            count += 1
            id = f"{wanted}_{count}"
        self._given[path] = id
        return id

    def id_of(self, path: str, within: str) -> str:
        """The id that the new draft's node at ``path`` has in the tree, or will have."""
        old = self.pairs.old_of.get(path)
        return old.rpartition("/")[2] if old else self.free(path, within)

    def base_of(self, path: str) -> Node | None:
        """The node as the old draft made it, None when that is not known."""
        source = str(self.nodes[path].params.get("source", ""))
        found = self.base.get(source if "#" in source else path)
        same = found is not None and str(found.params.get("source", "")) == source
        return found if same else None

    def edited(self, path: str) -> bool:
        """Whether the tree's owner changed what the node says."""
        node = self.nodes[path]
        source = read_source(str(node.params.get("source", "")))
        words = str(node.params.get(_WORDS.get(node.type, ""), ""))
        if source.known and source.made != checksum(words):
            return True
        base = self.base_of(path)
        return base is not None and dict(base.params) != dict(node.params)

    def inside(self, scene: TreeScene) -> Iterator[str]:
        """Paths of everything a scene holds that came from the script."""
        for shot in scene.shots:
            yield shot.path
            yield from (line.path for line in shot.lines)
            yield from (cue.path for cue in shot.cues)

    def relinked(self, scene: TreeScene, old: str) -> Iterator[Change]:
        """A scene that happens elsewhere or at another hour now: its environment and style."""
        group, fresh_group = old.rpartition("/")[0], scene.path.rpartition("/")[0]
        for socket in ("environment", "style"):
            now = [link for link in self.graph.links if link.target == (group, socket)]
            wanted = [ln.source for ln in self.fresh.links if ln.target == (fresh_group, socket)]
            if len(now) != 1 or len(wanted) != 1:
                continue
            was, becomes = now[0].source[0], self.world.id(wanted[0][0])
            mine = was not in self.world.new_of and not self.world.came(was)
            if becomes == was or mine:
                continue
            link = Link(source=(becomes, socket), target=(group, socket))
            yield Change(
                kind="changed",
                item="scene",
                path=group,
                before=was,
                after=becomes,
                sentence=f"The {socket} of “{scene.title}” is '{becomes}' now.",
                steps=(
                    Step(what="unlink", path="", link=now[0]),
                    Step(what="link", path="", link=link),
                ),
            )


class World:
    """People and places of the new draft, and who they are in the tree."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self.old_of: dict[str, str] = {"style": "style"} if "style" in draft.nodes else {}
        names: dict[str, str] = {}
        for path, node in draft.nodes.items():
            if node.type == "character":
                for name in (node.params.get("name", node.id), *node.params.get("aliases", ())):
                    names.setdefault(fold(str(name)), path)
            elif node.type == "environment":
                names.setdefault(_place(node), path)
        for path, node in draft.fresh_nodes.items():
            if node.type == "project" and draft.graph.of_type("project"):
                self.old_of[path] = draft.graph.of_type("project")[0][0]
            elif node.type == "style" and path in draft.nodes:
                self.old_of[path] = path
            else:
                self._pair(path, _named(node, names))
        for path, node in draft.fresh_nodes.items():
            self._pair(path, self._unrenamed(path, node))
        self.new_of = {old: new for new, old in self.old_of.items()}

    def _pair(self, path: str, old: str) -> None:
        if old and path not in self.old_of and old not in self.old_of.values():
            self.old_of[path] = old

    def _unrenamed(self, path: str, node: Node) -> str:
        """Somebody whom the tree's owner gave another name: the id is still the script's."""
        if node.type not in ("character", "environment") or path not in self._draft.base:
            return ""
        here = self._draft.nodes.get(path)
        return path if here is not None and here.type == node.type else ""

    def names(self) -> dict[str, str]:
        """What the tree calls each person of the new draft."""
        draft = self._draft
        return {
            str(draft.fresh_nodes[new].params["name"]): str(draft.nodes[old].params.get("name", ""))
            for new, old in self.old_of.items()
            if draft.fresh_nodes[new].type == "character"
        }

    def came(self, path: str) -> bool:
        """Whether a place of the tree came from the old draft."""
        return path in self._draft.base

    def id(self, path: str) -> str:
        """The top-level id for somebody or some place of the new draft."""
        return self.old_of.get(path) or self._draft.free(path, "")

    def added(self, path: str) -> list[Step]:
        """Steps that bring in a person with their voice, a place, or a variant of the style."""
        node = self._draft.fresh_nodes[path]
        id = self.id(path)
        steps = [Step(what="add", path="", node=replace(node, id=id))]
        for link in self._draft.fresh.links:
            if link.target == (path, "parent"):
                base = Link(source=(self.id(link.source[0]), "style"), target=(id, "parent"))
                steps.append(Step(what="link", path="", link=base))
            if link.target == (path, "voice"):
                voice = self._draft.fresh_nodes[link.source[0]]
                name = self._draft.free(voice.id, "")
                steps.append(Step(what="add", path="", node=replace(voice, id=name)))
                joined = Link(source=(name, "voice"), target=(id, "voice"))
                steps.append(Step(what="link", path="", link=joined))
        return steps


def _place(node: Node) -> str:
    get = node.params.get
    parts = (fold(str(get("name", ""))), get("interior", "ext"), get("time_of_day", "day"))
    return "\0".join(map(str, parts))


def _named(node: Node, names: dict[str, str]) -> str:
    if node.type == "environment":
        return names.get(_place(node), "")
    if node.type != "character":
        return ""
    offers = (node.params.get("name", node.id), *node.params.get("aliases", ()))
    return next((names[fold(str(name))] for name in offers if fold(str(name)) in names), "")


def added_scene(draft: Draft, scene: TreeScene) -> list[Step]:
    """A scene's whole group, led to the people and places of the tree, in its place in the film."""
    path = scene.path.rpartition("/")[0]
    id = draft.free(path, "")
    steps = [Step(what="add", path="", node=replace(draft.fresh_nodes[path], id=id))]
    for link in draft.fresh.links:
        if link.target[0] == path:
            source = (draft.world.id(link.source[0]), link.source[1])
            joined = Link(source=source, target=(id, link.target[1]))
            steps.append(Step(what="link", path="", link=joined))
    if draft.film and "/" not in draft.film:
        link = Link(source=(id, "sequence"), target=(draft.film, "shots"))
        steps.append(Step(what="link", path="", link=link, after=_before(draft, scene)))
    return steps


def _before(draft: Draft, scene: TreeScene) -> str:
    """Id of the group that comes before a new scene, "" when it is the first."""
    found = ""
    for other in draft.new.scenes:
        if other.path == scene.path:
            return found
        old = draft.pairs.old_of.get(other.path, "")
        group = other.path.rpartition("/")[0]
        found = old.rpartition("/")[0] or (draft.free(group, "") if not old else found)
    return found


def _inner(draft: Draft, path: str, group: str, fresh_group: str, id: str) -> list[Step]:
    """The links into the new draft's node at ``path``, led to what ``group`` has."""
    steps: list[Step] = []
    inside = draft.fresh_nodes[fresh_group]
    own = path.rpartition("/")[2]
    for link in inside.links:
        if link.target[0] != own:
            continue
        source, out = link.source
        if source == "input":
            door, more = _door(draft, group, fresh_group, out)
            steps += more
            if door:
                joined = Link(source=door, target=(id, link.target[1]))
                steps.append(Step(what="link", path=group, link=joined))
    return steps


def _door(
    draft: Draft, group: str, fresh_group: str, socket: str
) -> tuple[tuple[str, str] | None, list[Step]]:
    """Where in ``group`` somebody or something from outside comes in; a new socket if need be."""
    outside = next(
        (link.source for link in draft.fresh.links if link.target == (fresh_group, socket)), None
    )
    entry = next((n for n in draft.nodes[group].nodes if n.type == GROUP_INPUT), None)
    if outside is None or entry is None:
        return None, []
    source = (draft.world.id(outside[0]), outside[1])
    for link in draft.graph.links:
        if link.target[0] == group and link.source == source:
            return (entry.id, link.target[1]), []
    taken = {known.name for known in group_sockets(entry)}
    name = source[0]
    while name in taken:
        name = f"{name}_2"
    inner = next(n for n in draft.fresh_nodes[fresh_group].nodes if n.type == GROUP_INPUT)
    given = next(known for known in group_sockets(inner) if known.name == socket)
    params = {"name": name, "kind": given.kind, "label": given.label or name}
    steps = [
        Step(what="socket", path=f"{group}/{entry.id}", params=params),
        Step(what="link", path="", link=Link(source=source, target=(group, name))),
    ]
    return (entry.id, name), steps


def _node(draft: Draft, path: str, group: str, *, below: str = "") -> tuple[str, Node]:
    """The new draft's node at ``path`` under a free id, standing clear of the others."""
    id = draft.free(path, group)
    node = replace(draft.fresh_nodes[path], id=id)
    near = draft.nodes.get(below)
    if node.location and near is not None and near.location:
        low = min((n.location[1] for n in draft.nodes[group].nodes if n.location), default=0.0)
        node = replace(node, location=(node.location[0], low - 600.0 - 40.0 * len(draft._given)))
    return id, node


def added_shot(draft: Draft, scene: TreeScene, shot: TreeShot, old: str) -> list[Step]:
    """A shot with its new lines and sounds, behind the shot it follows."""
    group, fresh_group = old.rpartition("/")[0], scene.path.rpartition("/")[0]
    if not group or not fresh_group:
        return []
    id, node = _node(draft, shot.path, group, below=old)
    steps = [
        Step(what="add", path=group, node=node),
        *_inner(draft, shot.path, group, fresh_group, id),
    ]
    after = ""
    for other in scene.shots:
        if other.path == shot.path:
            break
        after = draft.id_of(other.path, group)
    sequence = old.rpartition("/")[2]
    joined = Link(source=(id, "shot"), target=(sequence, "shots"))
    steps.append(Step(what="link", path=group, link=joined, after=after))
    for line in shot.lines:
        if line.path not in draft.pairs.old_of:
            steps += added_line(draft, scene, shot, line, old)
    for cue in shot.cues:
        if cue.path not in draft.pairs.old_of:
            steps += added_sound(draft, cue, f"{group}/{id}")
    return steps


def added_line(
    draft: Draft, scene: TreeScene, shot: TreeShot, line: TreeLine, old: str
) -> list[Step]:
    """A line with its speaker, behind the line it follows."""
    group, fresh_group = old.rpartition("/")[0], scene.path.rpartition("/")[0]
    if not group or not fresh_group:
        return []
    id, node = _node(draft, line.path, group, below=old)
    steps = [
        Step(what="add", path=group, node=node),
        *_inner(draft, line.path, group, fresh_group, id),
    ]
    target = (draft.id_of(shot.path, group), "dialogue")
    link = Link(source=(id, "dialogue"), target=target)
    steps.append(
        Step(what="link", path=group, link=link, after=_line_before(draft, shot, line, group))
    )
    return steps


def _line_before(draft: Draft, shot: TreeShot, line: TreeLine, group: str) -> str:
    before = ""
    for other in shot.lines:
        if other.path == line.path:
            break
        before = draft.id_of(other.path, group)
    return before


def added_sound(draft: Draft, cue: TreeCue, mine: str) -> list[Step]:
    """A sound effect in a shot of the tree."""
    group, _, shot_id = mine.rpartition("/")
    if not group:
        return []
    id, node = _node(draft, cue.path, group, below=mine)
    link = Link(source=(id, "sound"), target=(shot_id, "sounds"))
    return [Step(what="add", path=group, node=node), Step(what="link", path=group, link=link)]


def moved_line(draft: Draft, shot: TreeShot, line: TreeLine, said: str) -> Iterator[Change]:
    """A line that the new draft has in another shot."""
    group, _, id = said.rpartition("/")
    now = draft.shot_of.get(said)
    target = draft.pairs.old_of.get(shot.path) or f"{group}/{draft.free(shot.path, group)}"
    if now is None or now == target or target.rpartition("/")[0] != group:
        return
    old_link = Link(source=(id, "dialogue"), target=(now.rpartition("/")[2], "dialogue"))
    new_link = Link(source=(id, "dialogue"), target=(target.rpartition("/")[2], "dialogue"))
    after = _line_before(draft, shot, line, group)
    yield Change(
        kind="changed",
        item="line",
        path=said,
        before=now,
        after=target,
        sentence=f"{line.speaker}'s line “{line.text[:80]}” moves to another shot.",
        steps=(
            Step(what="unlink", path=group, link=old_link),
            Step(what="link", path=group, link=new_link, after=after),
        ),
    )
