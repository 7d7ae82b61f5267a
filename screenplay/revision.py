# SPDX-License-Identifier: GPL-3.0-or-later
"""What was changed in a tree, as edits to the script it came from.

The one idea: every node claims its words by anchor.  Claimed words whose node says
something else are replaced; words that no node claims were deleted in the tree;
nodes that claim nothing are new and go where the film has them.  When the text is no
longer the one the tree was made from, unclaimed words are new in the text and stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import compose
from .claims import Claims
from .naming import fold
from .pieces import Piece, RawScene, film_text, split_scenes
from .removal import removals
from .rewording import reword_action, reword_line
from .script import Element, Kind, Screenplay
from .sources import checksum
from .tree import Tree, TreeCue, TreeLine, TreeScene, TreeShot
from .write import Edit

__all__ = ["revise"]


def revise(screenplay: Screenplay, tree: Tree) -> list[Edit]:
    """The edits that make ``screenplay`` say what ``tree`` says; no two overlap."""
    revision = _Revision(screenplay, tree)
    return merged(revision.edits(), screenplay.text)


def merged(edits: Iterable[Edit], text: str) -> list[Edit]:
    """The edits in order, those that overlap made one, insertions kept."""
    result: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        last = result[-1] if result else None
        if last and edit.start < last.end:
            both = Edit(start=last.start, end=max(last.end, edit.end), text=last.text + edit.text)
            result[-1] = both
        else:
            result.append(edit)
    return [edit for edit in result if text[edit.start : edit.end] != edit.text]


class _Revision:
    def __init__(self, screenplay: Screenplay, tree: Tree) -> None:
        self.screenplay = screenplay
        self.tree = tree
        self.raw = split_scenes(screenplay)
        self.claims = Claims(self.raw)
        self.found: list[Edit] = []
        self._blocks: dict[tuple[int, str], list[str]] = {}
        self._cues: dict[int, list[TreeLine]] = {}
        self._headings: dict[str, int] = {}

    def edits(self) -> list[Edit]:
        claimed = {scene.path: self._heading(scene) for scene in self.tree.scenes}
        placed = [
            (scene, [self._items(shot) for shot in scene.shots]) for scene in self.tree.scenes
        ]
        for shot in self.tree.loose_shots:
            self._items(shot)
        for line in self.tree.loose_lines:
            self._line(line)
        for cue in self.tree.loose_cues:
            self._cue(cue)
        before = -1
        for scene, items in placed:
            before = self._place(scene, claimed[scene.path], items, before)
        self._write_blocks()
        self._rename()
        if self._trusted():
            sounding = bool(self.tree.script and self.tree.script.params.get("sound_effects", True))
            self.found += removals(self.screenplay, self.raw, self.claims.taken, cues=sounding)
        return self.found

    def _trusted(self) -> bool:
        """Whether the script is still the text that the tree was made from."""
        return self.tree.text_checksum == checksum(self.screenplay.text)

    def _heading(self, scene: TreeScene) -> int:
        """Index of the scene in the script whose heading ``scene`` has, -1 for none."""
        found = self.claims.heading(scene.source.anchors)
        if found is None:
            return -1
        at, element = found
        if scene.source.made != checksum(scene.title) and scene.title.strip():
            words = compose.heading(scene.title, forced=element.forced)
            self.found.append(Edit(start=element.words.start, end=element.words.end, text=words))
        return at

    def _items(self, shot: TreeShot) -> list[Piece | str]:
        """The shot's own pieces in the script's order, with text for what is new between them."""
        pieces = self.claims.pieces(shot.source.anchors)
        changed = shot.source.made != checksum(shot.action)
        items: list[Piece | str] = [*pieces]
        if pieces and changed:
            self.found += reword_action(self.screenplay, pieces, shot.action)
        elif not pieces and changed and self._new(shot.source.anchors, known=shot.source.known):
            items.append(compose.action(shot.action))
        self._add_lines(items, shot.lines)
        for cue in shot.cues:
            items += self._cue(cue)
        known = sorted((i for i in items if isinstance(i, Piece)), key=lambda piece: piece.start)
        order = iter(known)
        return [next(order) if isinstance(item, Piece) else item for item in items if item]

    def _new(self, anchors: Sequence[str], *, known: bool) -> bool:
        """Whether a node that claims nothing is new, and not one whose words left the script."""
        return not known or not anchors or any(self.claims.exists(anchor) for anchor in anchors)

    def _add_lines(self, items: list[Piece | str], lines: Sequence[TreeLine]) -> None:
        """Puts the lines among the shot's items: each after the line it follows."""
        mine = [self._line(line) for line in lines]
        at = len(items)
        first = next((line for line in mine if isinstance(line, Piece)), None)
        if first is not None:
            at = sum(1 for item in items if isinstance(item, Piece) and item.start < first.start)
        for line in mine:
            if line:
                if isinstance(line, Piece):
                    later = (i for i, item in enumerate(items[at:], at) if isinstance(item, Piece))
                    at = next((i for i in later if _start(items[i]) > line.start), len(items))
                items.insert(at, line)
                at += 1

    def _line(self, line: TreeLine) -> Piece | str:
        """The words the line claims, or the speech it is when it is new."""
        pieces = self.claims.pieces(line.source.anchors[:1])
        if not pieces:
            new = self._new(line.source.anchors, known=line.source.known)
            return compose.speech(line) if new else ""
        piece = pieces[0]
        if not line.text.strip():
            self.claims.taken.discard(piece.anchor)
            return ""
        self.found += reword_line(self.screenplay, piece, line)
        self._cues.setdefault(piece.cue, []).append(line)
        return piece

    def _cue(self, cue: TreeCue) -> list[Piece | str]:
        if not cue.source.own:
            return []
        pieces = self.claims.pieces(cue.source.anchors[:1])
        if not pieces:
            new = self._new(cue.source.anchors, known=cue.source.known)
            return [f"[{cue.prompt}]"] if new and cue.prompt else []
        piece = pieces[0]
        if cue.source.made != checksum(cue.prompt) and cue.prompt.strip():
            self.found.append(Edit(start=piece.start, end=piece.end, text=f"[{cue.prompt}]"))
        return [piece]

    def _rename(self) -> None:
        """Cues whose every line is somebody else's now, or whose speaker has a new name."""
        for at, lines in self._cues.items():
            element = self.screenplay.elements[at]
            wanted = {compose.cue_name(line.speaker) for line in lines if not _is(element, line)}
            if len(wanted) == 1 and not any(_is(element, line) for line in lines):
                name = wanted.pop()
                if element.forced:
                    name = name.removeprefix("@")
                words = element.words
                self.found.append(Edit(start=words.start, end=words.end, text=name))

    def _place(self, scene: TreeScene, at: int, shots: list[list[Piece | str]], before: int) -> int:
        """Puts the new parts of one scene in; gives the index of the script's scene it is."""
        pieces = [item for items in shots for item in items if isinstance(item, Piece)]
        if at < 0 and pieces:
            at = self.claims.scene_of[pieces[0].anchor]
            self._give_heading(scene, at)
        if at < 0:
            if self._new(scene.source.anchors, known=scene.source.known):
                self._after_scene(before, compose.scene(scene))
            return before
        previous: Piece | None = None
        for item in (item for items in shots for item in items):
            if isinstance(item, Piece):
                previous = item
            else:
                self._after(previous, at, item)
        return max(at, before)

    def _give_heading(self, scene: TreeScene, at: int) -> None:
        """A heading for a scene that the script has without one."""
        raw = self.raw[at]
        if raw.heading is None and scene.title and scene.source.made != checksum(scene.title):
            start = self.screenplay.elements[raw.pieces[0].paragraph].span.start
            self._blocks.setdefault((start, "before"), []).append(compose.heading(scene.title))

    def _after(self, piece: Piece | None, scene: int, block: str) -> None:
        """New text after ``piece``, or at the head of the scene."""
        if piece is None:
            self._at_head(self.raw[scene], block)
        elif piece.kind == "line":
            end = self._speech_end(piece)
            self._blocks.setdefault((end, "after"), []).append(block)
        else:
            tail = self.screenplay.elements[piece.paragraph].span.end
            following = [p for p in self.raw[scene].pieces if p.paragraph == piece.paragraph]
            place = (piece.end, "between") if piece is not following[-1] else (tail, "after")
            self._blocks.setdefault(place, []).append(block)

    def _at_head(self, raw: RawScene, block: str) -> None:
        if raw.heading:
            self._blocks.setdefault((raw.heading.span.end, "after"), []).append(block)
        else:
            start = self.screenplay.elements[raw.pieces[0].paragraph].span.start
            self._blocks.setdefault((start, "before"), []).append(block)

    def _speech_end(self, piece: Piece) -> int:
        elements = self.screenplay.elements
        at = piece.paragraph
        spoken = (Kind.DIALOGUE, Kind.PARENTHETICAL, Kind.LYRIC)
        while at + 1 < len(elements) and elements[at + 1].kind in spoken:
            at += 1
        return elements[at].span.end

    def _after_scene(self, at: int, block: str) -> None:
        """A whole new scene behind the script's scene ``at``, before the first when -1."""
        elements = self.screenplay.elements
        if at < 0:
            first = self.raw[0].heading or elements[self.raw[0].begins]
            self._blocks.setdefault((first.span.start, "before"), []).append(block)
            return
        last = self.raw[at].ends - 1
        while last > self.raw[at].begins and elements[last].kind in (Kind.SECTION, Kind.SYNOPSIS):
            last -= 1
        self._blocks.setdefault((elements[last].span.end, "after"), []).append(block)

    def _write_blocks(self) -> None:
        for (place, how), blocks in self._blocks.items():
            text = "\n\n".join(blocks)
            end = place
            if how == "between":
                seen = self.screenplay.seen
                while end < len(seen) and seen[end] in " \t\r\n":
                    end += 1
                text = f"\n\n{text}\n\n"
            else:
                text = f"\n\n{text}" if how == "after" else f"{text}\n\n"
            self.found.append(Edit(start=place, end=end, text=text))


def _start(item: Piece | str) -> int:
    return item.start if isinstance(item, Piece) else -1


def _is(cue: Element, line: TreeLine) -> bool:
    """Whether the cue already names who says ``line``."""
    spoken = fold(cue.text)
    names = {fold(name) for name in line.names}
    return spoken in names or film_text(spoken) in names
