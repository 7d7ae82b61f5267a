# SPDX-License-Identifier: GPL-3.0-or-later
"""Which part of a tree is which part of a new draft.

The one idea: what kept its words is the same, whatever its place; what lies between
the same neighbours and is of the same kind became the other.  The rest came or went.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

from .tree import Tree, TreeCue, TreeLine, TreeScene, TreeShot

__all__ = ["Pairs", "match"]

_Old = TypeVar("_Old")
_New = TypeVar("_New")


class Pairs:
    """Path in the tree for each path in the new draft, for scenes, shots, lines and sounds."""

    def __init__(self) -> None:
        self.old_of: dict[str, str] = {}

    def add(self, old: str, new: str) -> None:
        """The new draft's ``new`` is the tree's ``old``."""
        self.old_of[new] = old


def match(old: Tree, new: Tree, names: Mapping[str, str]) -> Pairs:
    """The pairs between a tree and the tree of a new draft.

    ``names``: who in the new draft is whom in the tree, by name.
    What was added by hand (without a source) is no part of any pair.
    """
    pairs = Pairs()
    for before, after in _scenes(old, new):
        pairs.add(before.path, after.path)
        _pair_lines(before, after, pairs, names)
        _pair_shots(before, after, pairs)
        _pair_cues(before, after, pairs)
    return pairs


def _sum(anchor: str) -> str:
    return anchor.partition("#")[2]


def _words(scene: TreeScene) -> list[str]:
    anchors = [anchor for shot in scene.shots for anchor in shot.source.anchors]
    anchors += [a for shot in scene.shots for line in shot.lines for a in line.source.anchors]
    return [_sum(anchor) for anchor in anchors]


def _scenes(old: Tree, new: Tree) -> list[tuple[TreeScene, TreeScene]]:
    """Scenes word for word the same, in order; then those that share the most words; then the
    rewritten ones under the same heading."""
    found = _same_scenes(old, new)
    taken = set(found.values())
    owners: dict[str, list[int]] = {}
    for at, scene in enumerate(old.scenes):
        if at not in taken:
            for word in _words(scene):
                owners.setdefault(word, []).append(at)
    for to, scene in enumerate(new.scenes):
        if to in found:
            continue
        votes: dict[int, float] = {}
        for word in _words(scene):
            for at in owners.get(word, ())[:20]:
                if at not in taken:
                    same = old.scenes[at].source.made == scene.source.made
                    votes[at] = votes.get(at, 0.0) + (2.0 if same else 1.0)
        if votes:
            best = max(votes, key=lambda at: (votes[at], -abs(at - to)))
            found[to] = best
            taken.add(best)
    _leftover_scenes(old, new, found, taken)
    return [(old.scenes[at], new.scenes[to]) for to, at in sorted(found.items())]


def _same_scenes(old: Tree, new: Tree) -> dict[int, int]:
    """Index in the old tree for each scene that did not change at all, in order."""
    before, after = (
        [(scene.source.made, *_words(scene)) for scene in tree.scenes] for tree in (old, new)
    )
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return {j + step: i + step for i, j, size in blocks for step in range(size)}


def _leftover_scenes(old: Tree, new: Tree, found: dict[int, int], taken: set[int]) -> None:
    """Scenes rewritten from top to bottom: the same heading between the same neighbours."""
    for to, scene in enumerate(new.scenes):
        if to in found:
            continue
        low = max((at for new_at, at in found.items() if new_at < to), default=-1)
        high = min((at for new_at, at in found.items() if new_at > to), default=len(old.scenes))
        for at in range(low + 1, high):
            known = old.scenes[at].source.known
            if at not in taken and known and old.scenes[at].source.made == scene.source.made:
                found[to] = at
                taken.add(at)
                break


def _align(
    old: Sequence[_Old], new: Sequence[_New], old_key: Callable[[_Old], Hashable],
    new_key: Callable[[_New], Hashable], kind: Callable[[_Old, _New], bool],
) -> list[tuple[_Old, _New]]:  # fmt: skip
    """Equal keys in order, and what stands in for each other between them."""
    matcher = SequenceMatcher(
        None, [old_key(item) for item in old], [new_key(item) for item in new], autojunk=False
    )
    pairs: list[tuple[_Old, _New]] = []
    for how, i1, i2, j1, j2 in matcher.get_opcodes():
        if how == "equal":
            pairs += list(zip(old[i1:i2], new[j1:j2], strict=True))
        elif how == "replace":
            rest = list(old[i1:i2])
            for item in new[j1:j2]:
                fitting = next((at for at, other in enumerate(rest) if kind(other, item)), -1)
                if fitting >= 0:
                    pairs.append((rest[fitting], item))
                    del rest[: fitting + 1]
    return pairs


def _pair_lines(old: TreeScene, new: TreeScene, pairs: Pairs, names: Mapping[str, str]) -> None:
    def known(scene: TreeScene) -> list[TreeLine]:
        return [line for shot in scene.shots for line in shot.lines if line.source.known]

    def speaker(line: TreeLine) -> str:
        return names.get(line.speaker, line.speaker).casefold()

    def same_voice(before: TreeLine, after: TreeLine) -> bool:
        return before.speaker.casefold() == speaker(after)

    for before, after in _align(
        known(old),
        known(new),
        lambda line: (line.source.made, line.speaker.casefold()),
        lambda line: (line.source.made, speaker(line)),
        same_voice,
    ):
        pairs.add(before.path, after.path)


def _pair_shots(old: TreeScene, new: TreeScene, pairs: Pairs) -> None:
    """Shots that did not change; those that hold the most of the same; made-up ones in order."""
    shots = [shot for shot in old.shots if shot.source.known]
    held = {shot.path: _held(shot, {}) for shot in shots}
    wanted = {shot.path: _held(shot, pairs.old_of) for shot in new.shots}
    done: set[str] = set()
    for before, after in _align(
        shots, new.shots, lambda s: held[s.path], lambda s: wanted[s.path], lambda *_: False
    ):
        pairs.add(before.path, after.path)
        done |= {before.path, after.path}
    owner: dict[str, list[str]] = {}
    for shot in shots:
        for item in held[shot.path] if shot.path not in done else ():
            owner.setdefault(item, []).append(shot.path)
    for shot in new.shots:
        if shot.path in done:
            continue
        votes: dict[str, int] = {}
        for item in wanted[shot.path]:
            for path in owner.get(item, ())[:20]:
                if path not in done:
                    votes[path] = votes.get(path, 0) + 1
        if votes:
            best = max(votes, key=lambda path: votes[path])
            pairs.add(best, shot.path)
            done |= {best, shot.path}
    _pair_made_up(
        [shot for shot in shots if shot.path not in done],
        [shot for shot in new.shots if shot.path not in done],
        pairs,
    )


def _held(shot: TreeShot, old_of: Mapping[str, str]) -> tuple[str, ...]:
    """What tells a shot from others: its words, its lines, and how a made-up one was put."""
    words = [_sum(anchor) for anchor in shot.source.anchors] or [f"~{shot.source.made}"]
    return (*words, *(old_of.get(line.path, line.path) for line in shot.lines))


def _pair_made_up(old: Sequence[TreeShot], new: Sequence[TreeShot], pairs: Pairs) -> None:
    def key(shot: TreeShot) -> str:
        return shot.source.made

    def alike(before: TreeShot, after: TreeShot) -> bool:
        return bool(before.source.anchors) == bool(after.source.anchors)

    for before, after in _align(old, new, key, key, alike):
        pairs.add(before.path, after.path)


def _pair_cues(old: TreeScene, new: TreeScene, pairs: Pairs) -> None:
    """Sounds of the same words in the same shot; then those of the same sort there."""
    there = {shot.path: [cue for cue in shot.cues if cue.source.known] for shot in old.shots}
    for exact in (True, False):
        for shot in new.shots:
            free = there.get(pairs.old_of.get(shot.path, ""), [])
            for cue in shot.cues:
                if cue.path in pairs.old_of:
                    continue
                fitting = (c for c in free if _same_sound(c, cue, exact=exact))
                found = next(fitting, None)
                if found is not None:
                    pairs.add(found.path, cue.path)
                    free.remove(found)


def _same_sound(old: TreeCue, new: TreeCue, *, exact: bool) -> bool:
    if exact:
        return old.source.made == new.source.made
    return old.source.own == new.source.own
