# SPDX-License-Identifier: GPL-3.0-or-later
"""Final Draft files (.fdx), as Final Draft and Fade In write them, as Fountain text.

The one idea: an .fdx file is a list of typed paragraphs, and Fountain can say every
one of them, so the file is written out as Fountain once and is a Fountain
screenplay from then on.  All that it says in words is kept: title page, scene
numbers, summaries (synopses), script notes, omitted scenes (boneyard), dual
dialogue, emphasis, centred lines and page breaks.  Fonts and revision colours are not.

The XML is a stranger's: no document type, no entities, bounded depth and size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from ..core.errors import ScriptError
from .fdx_title import title_page
from .headings import looks_like_heading
from .paragraphs import cue_parts, looks_like_cue, looks_like_transition

__all__ = ["fountain_from_fdx", "is_fdx"]

_MAX_DEPTH: Final = 64
_HEAD: Final = re.compile(r"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,1000}?-->\s*)?<", re.DOTALL)
_REMEDY: Final = "Export the script from Final Draft or Fade In again as .fdx."
_BLANKS: Final = re.compile(r"\n{3,}")


@dataclass(slots=True)
class Tag:
    """One XML element while it is read: text and children in their order."""

    name: str
    given: dict[str, str]
    parts: list[Tag | str] = field(default_factory=list)

    def all(self, name: str) -> Iterator[Tag]:
        """The children called ``name``."""
        return (part for part in self.parts if isinstance(part, Tag) and part.name == name)

    def first(self, *path: str) -> Tag | None:
        """The first element down ``path``, or None."""
        tag: Tag | None = self
        for name in path:
            tag = next(tag.all(name), None) if tag else None
        return tag


def is_fdx(text: str) -> bool:
    """Whether ``text`` is XML rather than a screenplay typed by hand."""
    return _HEAD.match(text) is not None and "<FinalDraft" in text[:5000]


def fountain_from_fdx(text: str) -> str:
    """The Fountain text that says what the Final Draft file ``text`` says.

    Raises:
        ScriptError: It is not well-formed XML, declares a document type, or nests
            deeper than 64 elements; names line and column in the XML.
    """
    root = _parse(text)
    blocks = title_page(
        [
            ("".join(_words(tag, raw=True)).strip(), tag.given.get("Alignment", "Left"))
            for tag in _paragraphs(root.first("TitlePage", "Content"))
        ]
    )
    body = [_paragraph(tag) for tag in _paragraphs(root.first("Content"))]
    joined = _join([*blocks, *body])
    return _BLANKS.sub("\n\n", joined).strip("\n") + "\n"


def _parse(text: str) -> Tag:
    root = Tag("", {})
    stack = [root]
    parser = expat.ParserCreate("utf-8")

    def fail(what: str) -> ScriptError:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        return ScriptError(what, remedy=_REMEDY, line=line, column=column)

    def opened(name: str, given: dict[str, str]) -> None:
        if len(stack) > _MAX_DEPTH:
            raise fail(f"The XML nests deeper than {_MAX_DEPTH} elements.")
        tag = Tag(name, given)
        stack[-1].parts.append(tag)
        stack.append(tag)

    def closed(_: str) -> None:
        stack.pop()

    def doctype(*_: object) -> None:
        raise fail("The XML declares a document type, which no screenplay needs.")

    def said(data: str) -> None:
        stack[-1].parts.append(data)

    parser.buffer_text = True
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.CharacterDataHandler = said
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.strip().encode("utf-8"), True)
    except expat.ExpatError as error:
        raise ScriptError(
            f"The XML is broken: {expat.ErrorString(error.code)}.",
            remedy=_REMEDY,
            line=error.lineno,
            column=error.offset + 1,
        ) from None
    found = root.first("FinalDraft")
    if found is None:
        raise ScriptError("The XML is not Final Draft's.", remedy=_REMEDY, line=1, column=1)
    return found


def _paragraphs(content: Tag | None) -> Iterator[Tag]:
    """The paragraphs of a content element, those of dual dialogue and omitted scenes in place."""
    for part in content.parts if content else ():
        if isinstance(part, Tag) and part.name == "Paragraph":
            yield part


def _words(tag: Tag, *, raw: bool = False) -> Iterator[str]:
    """The text runs of a paragraph, their emphasis as Fountain marks unless ``raw``."""
    for run in tag.all("Text"):
        said = "".join(part for part in run.parts if isinstance(part, str))
        yield said if raw else _emphasised(said, run.given.get("Style", ""))


def _emphasised(said: str, style: str) -> str:
    said = re.sub(r"([*_\\])", r"\\\1", said).replace("[[", "[ [").replace("/*", "/ *")
    mark = ("**" if "Bold" in style else "") + ("*" if "Italic" in style else "")
    core = said.strip()
    if not core:
        return said
    start = said.index(core)
    marked = f"{mark}{core}{mark[::-1]}"
    if "Underline" in style:
        marked = f"_{marked}_"
    return "\n".join(_lines(said[:start] + marked + said[start + len(core) :]))


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|[\n\r\u2028\u2029]", text)


def _paragraph(tag: Tag) -> tuple[str, str]:
    """Kind and Fountain text of one paragraph; ``speech`` sticks to the block before it."""
    dual = tag.first("DualDialogue")
    if dual is not None:
        return "block", _dual(dual)
    omitted = tag.first("OmittedScene")
    text = "".join(_words(tag)).strip("\n")
    kind = tag.given.get("Type", "Action")
    block = _typed(tag, kind, text)
    if omitted is not None:
        inner = _join([_paragraph(part) for part in _paragraphs(omitted)])
        block = ("block", f"{block[1]}\n\n/*\n{inner.strip()}\n*/".strip())
    extra = [*_summary(tag), *(f"[[{note}]]" for note in _notes(tag))]
    broken = "===\n\n" if tag.given.get("StartsNewPage") == "Yes" else ""
    if extra and block[0] == "speech":
        return block[0], "\n".join([block[1], *extra])
    return block[0], broken + "\n\n".join(part for part in (block[1], *extra) if part)


def _typed(tag: Tag, kind: str, text: str) -> tuple[str, str]:
    one_line = " ".join(text.split())
    if kind.startswith("Scene Heading"):
        number = tag.given.get("Number", "").replace("#", "").strip()
        line = one_line if looks_like_heading(one_line) else f".{one_line}" if one_line else ""
        return "block", f"{line} #{number}#" if number and line else line
    if kind == "Character":
        return "cue", _cue(one_line)
    if kind == "Parenthetical":
        inner = one_line.removeprefix("(").removesuffix(")")
        return "speech", f"({inner})" if inner else ""
    if kind in ("Dialogue", "Singing", "Lyrics"):
        mark = "" if kind == "Dialogue" else "~"
        return "speech", "\n".join(mark + (line.strip() or "  ") for line in _lines(text))
    if kind == "Transition":
        return "block", one_line if looks_like_transition(one_line) else f"> {one_line}"
    if kind in ("New Act", "End of Act") or kind.startswith("Outline"):
        return "block", f"# {one_line}" if one_line else ""
    if tag.given.get("Alignment") == "Center" and one_line:
        return "block", f"> {one_line} <"
    return "block", _action(text)


def _cue(name: str, *, caret: str = "") -> str:
    plain = looks_like_cue(name) and not name.startswith("@")
    return (name if plain or not name else f"@{name}") + caret


def _action(text: str) -> str:
    """Action that nothing in Fountain mistakes for anything else."""
    lines = [line.strip() for line in _lines(text)]
    lines = [line for line in lines if line]
    if not lines:
        return ""
    first = lines[0]
    risky = first[0] in ".@!>~=#" or looks_like_heading(first) or looks_like_transition(first)
    if risky or (len(lines) > 1 and looks_like_cue(first)):
        lines[0] = f"!{first}"
    return "\n".join(lines)


def _dual(dual: Tag) -> str:
    blocks: list[tuple[str, str]] = []
    spoken = 0
    for tag in _paragraphs(dual):
        kind, text = _paragraph(tag)
        if kind == "cue":
            spoken += 1
            text += " ^" if spoken == 2 and not cue_parts(text)[2] else ""
        blocks.append((kind, text))
    return _join(blocks).strip()


def _summary(tag: Tag) -> list[str]:
    found = tag.first("SceneProperties", "Summary")
    said = [" ".join("".join(_words(part)).split()) for part in _paragraphs(found)]
    return [f"= {text}" for text in said if text]


def _notes(tag: Tag) -> list[str]:
    """Script notes, wherever in the paragraph they hang."""
    notes: list[str] = []
    pending = [part for part in tag.parts if isinstance(part, Tag)]
    while pending:
        part = pending.pop(0)
        if part.name == "ScriptNote":
            said = ["".join(_words(line, raw=True)).strip() for line in _paragraphs(part)]
            text = "\n".join(line for line in said if line).replace("]]", "] ]")
            if text:
                notes.append(text)
        elif part.name not in ("DualDialogue", "OmittedScene"):
            pending = [*(child for child in part.parts if isinstance(child, Tag)), *pending]
    return notes


def _join(blocks: list[tuple[str, str]]) -> str:
    """The blocks as text: one blank line between, none inside a speech."""
    parts: list[str] = []
    for kind, text in blocks:
        if not text.strip():
            continue
        parts.append("\n" if kind == "speech" and parts else "\n\n")
        parts.append(text)
    return "".join(parts)
