# SPDX-License-Identifier: GPL-3.0-or-later
"""A new draft of the script against the tree: what came, what went, what changed.

The one idea: three-way.  The old draft lies in the Script node, so it is known what
the writer changed and what the tree's owner changed; where both changed the same
thing the owner keeps theirs unless they say otherwise.  What was added by hand is
never touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..core.graph import Graph, Node
from .breakdown import break_down
from .changes import Change, Step
from .draft import Draft, World, added_line, added_scene, added_shot, added_sound, moved_line
from .film import Breakdown, Settings
from .matching import match
from .order import group_of, reordered
from .pieces import film_text
from .read import read
from .sources import checksum
from .to_graph import to_graph
from .tree import Tree, TreeScene, see

__all__ = ["compare", "settings_of"]

_WORDS: Final = {
    "shot": "action",
    "dialogue": "line",
    "sound_effect": "prompt",
    "sequence": "title",
}
_ITEM: Final = {
    "shot": "shot",
    "dialogue": "line",
    "sound_effect": "sound",
    "sequence": "scene",
    "music": "music",
    "character": "character",
    "environment": "environment",
    "project": "project",
    "voice": "voice",
    "style": "style",
}
#: Counted anew with every draft, or kept by hand: never offered as a change.
_QUIET: Final = frozenset({"source", "number", "importance", "aliases", "ambience"})


def settings_of(graph: Graph) -> Settings:
    """How the Script node says the script is to be broken down."""
    found = graph.of_type("script")
    given = dict(found[0][1].params) if found else {}
    usual = Settings()
    names = ("shots_per_scene", "dialogue_shots", "words_per_minute", "sound_effects", "music")
    chosen = {name: given.get(name, getattr(usual, name)) for name in names}
    return Settings(**chosen, aliases=tuple(given.get("aliases", ())))


def compare(graph: Graph, new: Breakdown) -> tuple[Change, ...]:
    """What a new draft changes in ``graph``: nothing where the draft is the same.

    The first change, if any, renews the script's own text; the order of the rest is the
    draft's.  Accepting all of them keeps what was edited in the tree.

    Raises:
        ScriptError: The Script node's text cannot be read.
    """
    draft = Draft(graph=graph, fresh=to_graph(new), tree=see(graph), base=_base(graph))
    draft.world = World(draft)
    draft.pairs = match(draft.tree, draft.new, draft.world.names())
    changes = [*_people_and_places(draft), *_scenes(draft)]
    script = _script(draft, new)
    return (*script, *changes)


def _base(graph: Graph) -> dict[str, Node]:
    """Nodes of the old draft as it was broken down, by source; none if the text was changed since."""
    tree = see(graph)
    text = str(tree.script.params.get("text", "")) if tree.script else ""
    if not text or tree.text_checksum != checksum(read(text).text):
        return {}
    old = to_graph(break_down(read(text), settings_of(graph)))
    return {_key(path, node): node for path, node in old.walk()}


def _key(path: str, node: Node) -> str:
    """Its anchors where a node has any, else its path."""
    source = str(node.params.get("source", ""))
    return source if "#" in source else path


def _script(draft: Draft, new: Breakdown) -> list[Change]:
    """The new text, and every matched node's new anchors."""
    tree = draft.tree
    before = str(tree.script.params.get("text", "")) if tree.script else ""
    if tree.script is None or before == new.screenplay.text:
        return []
    steps = [Step(what="set", path=tree.script_path, params={"text": new.screenplay.text})]
    if draft.film:
        source = draft.fresh.node("film").params["source"]
        steps.append(Step(what="set", path=draft.film, params={"source": source}))
    for to, path in draft.pairs.old_of.items():
        source = draft.fresh_nodes[to].params.get("source")
        if source != draft.nodes[path].params.get("source"):
            steps.append(Step(what="set", path=path, params={"source": source}))
    count = len(new.screenplay.text.splitlines()) - len(before.splitlines())
    length = f", {abs(count)} lines {'longer' if count > 0 else 'shorter'}" if count else ""
    sentence = f"The script has a new draft{length}."
    return [
        _change("changed", "script", tree.script_path, before, new.screenplay.text, sentence, steps)
    ]


def _change(
    kind: Any, item: str, path: str, before: str, after: str, sentence: str, steps: list[Step],
    *, conflict: bool = False,
) -> Change:  # fmt: skip
    return Change(
        kind=kind,
        item=item,
        path=path,
        before=before,
        after=after,
        sentence=sentence,
        steps=tuple(steps),
        conflict=conflict,
    )


def _people_and_places(draft: Draft) -> Iterator[Change]:
    world = draft.world
    for path, node in draft.fresh_nodes.items():
        if "/" in path or node.type not in ("character", "environment", "project", "style"):
            continue
        old = world.old_of.get(path)
        if old is not None:
            yield from _params(draft, old, node, draft.base.get(path))
            continue
        steps = world.added(path)
        name = str(node.params.get("name", path))
        sentence = f"The {_ITEM[node.type]} {name} is new."
        yield _change("added", _ITEM[node.type], path, "", name, sentence, steps)


def _params(draft: Draft, path: str, new: Node, base: Node | None) -> Iterator[Change]:
    """Changes of one node's parameters, those of one kind of outcome together."""
    old = draft.nodes[path]
    base = base or draft.base_of(path)
    for conflict in (False, True):
        wanted = {
            name: new.params.get(name)
            for name in sorted({*old.params, *new.params} - _QUIET)
            if _outcome(old, new, base, name) == ("conflict" if conflict else "take")
        }
        if not wanted:
            continue
        before, after = _told(old.params, wanted), _told(new.params, wanted)
        item = _ITEM.get(old.type, old.type)
        sentence = f"The {item} '{path}' changes from “{before}” to “{after}”."
        if conflict:
            sentence = f"{sentence} You changed it too: “{_told(old.params, wanted)}”."
        steps = [Step(what="set", path=path, params=wanted)]
        yield _change("changed", item, path, before, after, sentence, steps, conflict=conflict)


def _told(params: Mapping[str, Any], names: Mapping[str, Any]) -> str:
    """Values for people: the words alone when only they changed."""
    if len(names) == 1 and not names.keys() - set(_WORDS.values()):
        return str(params.get(next(iter(names)), ""))
    return ", ".join(f"{name.replace('_', ' ')} {params.get(name, 'as usual')}" for name in names)


def _outcome(old: Node, new: Node, base: Node | None, name: str) -> str:
    """take: only the writer changed it · conflict: both did · keep: otherwise."""
    mine, theirs = old.params.get(name), new.params.get(name)
    if mine == theirs:
        return "keep"
    if base is not None:
        was = base.params.get(name)
        return "take" if was == mine else "keep" if was == theirs else "conflict"
    if name != _WORDS.get(old.type):
        return "keep"
    made = str(old.params.get("source", "")).rpartition("~")[2]
    return "take" if made == checksum(str(mine or "")) else "conflict"


def _scenes(draft: Draft) -> Iterator[Change]:
    matched = set(draft.pairs.old_of.values())
    for scene in draft.new.scenes:
        old = draft.pairs.old_of.get(scene.path)
        if old is None:
            steps = added_scene(draft, scene)
            sentence = f"The scene “{scene.title}” is new."
            yield _change("added", "scene", scene.path, "", scene.title, sentence, steps)
            continue
        yield from _scene(draft, scene, old)
    yield from _gone(draft, draft.tree, matched)
    yield from _film_order(draft)


def _scene(draft: Draft, scene: TreeScene, old: str) -> Iterator[Change]:
    yield from _params(draft, old, draft.fresh_nodes[scene.path], None)
    yield from draft.relinked(scene, old)
    for shot in scene.shots:
        mine = draft.pairs.old_of.get(shot.path)
        if mine is None:
            sentence = f"A shot is new in “{scene.title}”: {film_text(shot.action)[:120]}"
            steps = added_shot(draft, scene, shot, old)
            yield _change("added", "shot", shot.path, "", shot.action, sentence, steps)
        else:
            yield from _params(draft, mine, draft.fresh_nodes[shot.path], None)
        for line in shot.lines:
            said = draft.pairs.old_of.get(line.path)
            if said is None and mine is not None:
                sentence = f"{line.speaker} has a new line in “{scene.title}”: {film_text(line.text)[:120]}"
                steps = added_line(draft, scene, shot, line, old)
                yield _change("added", "line", line.path, "", line.text, sentence, steps)
            elif said is not None:
                yield from _params(draft, said, draft.fresh_nodes[line.path], None)
                yield from moved_line(draft, shot, line, said)
        for cue in shot.cues:
            heard = draft.pairs.old_of.get(cue.path)
            if heard is not None:
                yield from _params(draft, heard, draft.fresh_nodes[cue.path], None)
            elif mine is not None:
                steps = added_sound(draft, cue, mine)
                sentence = f"A sound is new in “{scene.title}”: {cue.prompt}"
                yield _change("added", "sound", cue.path, "", cue.prompt, sentence, steps)
    yield from _scene_order(draft, scene, old)


def _film_order(draft: Draft) -> Iterator[Change]:
    old = draft.pairs.old_of
    if draft.film and "/" not in draft.film:
        now = [group_of(scene.path) for scene in draft.tree.scenes]
        wanted = [
            group_of(old[scene.path]) if scene.path in old else draft.free(group_of(scene.path), "")
            for scene in draft.new.scenes
        ]
        yield from reordered("scene", draft.film, "shots", "sequence", now, wanted)


def _scene_order(draft: Draft, scene: TreeScene, old: str) -> Iterator[Change]:
    group = group_of(old)
    mine = next(known for known in draft.tree.scenes if known.path == old)
    wanted = [draft.id_of(shot.path, group) for shot in scene.shots]
    yield from reordered("shot", old, "shots", "shot", [s.path for s in mine.shots], wanted)
    lines = {shot.path: [line.path for line in shot.lines] for shot in mine.shots}
    for shot in scene.shots:
        path = draft.pairs.old_of.get(shot.path, "")
        wanted = [draft.id_of(line.path, group) for line in shot.lines]
        yield from reordered("line", path, "dialogue", "dialogue", lines.get(path, []), wanted)


def _gone(draft: Draft, tree: Tree, matched: set[str]) -> Iterator[Change]:
    """What the new draft has no more; what was edited in the tree is in conflict."""
    for scene in tree.scenes:
        if scene.path not in matched and scene.source.known:
            path = scene.path.rpartition("/")[0] or scene.path
            held = any(draft.edited(item) for item in draft.inside(scene))
            sentence = f"The scene “{scene.title}” is gone from the script."
            steps = [Step(what="remove", path=path)]
            yield _change("removed", "scene", path, scene.title, "", sentence, steps, conflict=held)
            continue
        for shot in scene.shots:
            parts = [(shot.path, "shot", shot.action, shot.source.known)]
            parts += [(line.path, "line", line.text, line.source.known) for line in shot.lines]
            parts += [(cue.path, "sound", cue.prompt, cue.source.known) for cue in shot.cues]
            for path, item, words, known in parts:
                if known and path not in matched:
                    sentence = f"The {item} “{film_text(words)[:120]}” is gone from the script."
                    steps = [Step(what="remove", path=path)]
                    held = draft.edited(path)
                    yield _change("removed", item, path, words, "", sentence, steps, conflict=held)
