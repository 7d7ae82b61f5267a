# SPDX-License-Identifier: GPL-3.0-or-later
"""Fonts for a PDF: measured while pages are set, then embedded with the glyphs that were used.

FiraGO covers Latin, Cyrillic, Greek and more; what it lacks is looked for in the system's
fonts, and what is nowhere is told.  Scripts whose letters join are set letter by letter.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pydyf
import pymupdf_fonts
from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError

__all__ = ["BOLD", "ITALIC", "REGULAR", "Typeface", "Typefaces"]

log = logging.getLogger(__name__)

REGULAR, BOLD, ITALIC = "figo", "figbo", "figit"
#: Tables for setting letters together, which costs a second to read and is not done here.
_SHAPING = frozenset({"GSUB", "GPOS", "GDEF", "BASE", "DSIG", "STAT", "meta", "kern", "morx"})
#: TrueType fonts with many alphabets that systems come with, best first; the number is the face.
_SYSTEM_FONTS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "win32": (("msyh.ttc", 0), ("malgun.ttf", 0), ("msgothic.ttc", 0), ("simsun.ttc", 0)),
    "darwin": (("Arial Unicode.ttf", 0), ("STHeiti Light.ttc", 0), ("AppleGothic.ttf", 0)),
    "linux": (
        ("DroidSansFallbackFull.ttf", 0),
        ("DroidSansFallback.ttf", 0),
        ("wqy-microhei.ttc", 0),
        ("wqy-zenhei.ttc", 0),
        ("uming.ttc", 0),
        ("unifont.ttf", 0),
        ("DejaVuSans.ttf", 0),
    ),
}


class Typeface:
    """One font.  Owned by the document it is used in; remembers what was set in it."""

    def __init__(self, key: str, data: bytes, number: int = 0) -> None:
        self.key = key
        self._data, self._number = data, number
        font = TTFont(io.BytesIO(data), lazy=True, fontNumber=number, recalcTimestamp=False)
        self._units = float(font["head"].unitsPerEm)
        self._glyphs: dict[int, int] = {
            code: font.getGlyphID(name) for code, name in font.getBestCmap().items()
        }
        self._advances: dict[int, float] = {}
        self._metrics, self._names = font["hmtx"], font.getGlyphOrder()
        self._box = [font["head"].xMin, font["head"].yMin, font["head"].xMax, font["head"].yMax]
        self._ascent, self._descent = font["hhea"].ascent, font["hhea"].descent
        self.used: dict[int, str] = {}  #: glyph → the character it was set for

    def has(self, letter: str) -> bool:
        """Whether there is a glyph for it."""
        return ord(letter) in self._glyphs

    def width(self, text: str) -> float:
        """How wide the text is, in units of its size."""
        return sum(self._advance(self._glyphs.get(ord(letter), 0)) for letter in text)

    def set(self, text: str) -> str:
        """The text as a PDF hexadecimal string of glyphs."""
        glyphs = [(self._glyphs.get(ord(letter), 0), letter) for letter in text]
        self.used.update(glyphs)
        return "<" + "".join(f"{glyph:04X}" for glyph, _ in glyphs) + ">"

    def embed(self, pdf: Any) -> Any:
        """Put the used part of the font into the document; gives the font's reference."""
        program = pydyf.Stream([self._subset()], compress=True)
        pdf.add_object(program)
        name = f"/MDFONT+{self.key}"
        descriptor = pydyf.Dictionary(self._descriptor(name, program))
        pdf.add_object(descriptor)
        cid_font = pydyf.Dictionary(self._cid_font(name, descriptor))
        pdf.add_object(cid_font)
        unicode = pydyf.Stream([self._to_unicode()], compress=True)
        pdf.add_object(unicode)
        font = pydyf.Dictionary(
            {
                "Type": "/Font",
                "Subtype": "/Type0",
                "BaseFont": name,
                "Encoding": "/Identity-H",
                "DescendantFonts": pydyf.Array([cid_font.reference]),
                "ToUnicode": unicode.reference,
            }
        )
        pdf.add_object(font)
        return font.reference

    def _advance(self, glyph: int) -> float:
        if glyph not in self._advances:
            self._advances[glyph] = self._metrics[self._names[glyph]][0] / self._units
        return self._advances[glyph]

    def _subset(self) -> bytes:
        """The font with only the glyphs used, at their old numbers."""
        font = TTFont(io.BytesIO(self._data), fontNumber=self._number, recalcTimestamp=False)
        for table in _SHAPING.intersection(font.keys()):
            del font[table]
        options = subset.Options()
        options.layout_features = []
        options.hinting = False
        options.notdef_outline = True
        options.glyph_names = False
        options.name_IDs = []
        options.retain_gids = True
        worker = subset.Subsetter(options)
        worker.populate(gids=sorted(self.used))
        worker.subset(font)
        out = io.BytesIO()
        font.save(out)
        return out.getvalue()

    def _descriptor(self, name: str, program: Any) -> dict[str, Any]:
        scale = 1000 / self._units
        return {
            "Type": "/FontDescriptor",
            "FontName": name,
            "Flags": 4,  # symbolic: glyphs are named by number
            "FontBBox": pydyf.Array([round(edge * scale) for edge in self._box]),
            "ItalicAngle": 0,
            "Ascent": round(self._ascent * scale),
            "Descent": round(self._descent * scale),
            "CapHeight": round(self._ascent * scale * 0.75),
            "StemV": 80,
            "FontFile2": program.reference,
        }

    def _cid_font(self, name: str, descriptor: Any) -> dict[str, Any]:
        widths = " ".join(
            f"{glyph} [{round(self._advance(glyph) * 1000)}]" for glyph in sorted(self.used)
        )
        return {
            "Type": "/Font",
            "Subtype": "/CIDFontType2",
            "BaseFont": name,
            "CIDSystemInfo": "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>",
            "FontDescriptor": descriptor.reference,
            "CIDToGIDMap": "/Identity",
            "W": f"[{widths}]",
        }

    def _to_unicode(self) -> bytes:
        """The table that makes text selectable, in blocks of at most 100 as the format asks."""
        pairs = [
            f"<{glyph:04X}> <{letter.encode('utf-16-be').hex().upper()}>"
            for glyph, letter in sorted(self.used.items())
        ]
        blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]
        body = "\n".join(
            f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks
        )
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{body}\nendcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
        ).encode("ascii")


class Typefaces:
    """The fonts of one document.  ``lacking`` holds the characters no font has."""

    def __init__(self) -> None:
        self._faces = {key: Typeface(key, _bundled(key)) for key in (REGULAR, BOLD, ITALIC)}
        self._system: list[Typeface] | None = None
        self.lacking: set[str] = set()

    def runs(self, text: str, style: str) -> Iterator[tuple[Typeface, str]]:
        """The text in stretches of one font each."""
        run, face = "", self._faces[style]
        for letter in text:
            found = self._face(letter, style)
            if found is not face and run:
                yield face, run
                run = ""
            run, face = run + letter, found
        if run:
            yield face, run

    def width(self, text: str, style: str, size: float) -> float:
        """How wide the text is, points."""
        return size * sum(face.width(run) for face, run in self.runs(text, style))

    def embed(self, pdf: Any) -> dict[str, Any]:
        """Every font that was used, by its key."""
        faces = [*self._faces.values(), *(self._system or [])]
        return {face.key: face.embed(pdf) for face in faces if face.used}

    def _face(self, letter: str, style: str) -> Typeface:
        own = self._faces[style]
        if own.has(letter):
            return own
        if self._system is None:
            self._system = list(_system_faces())
        for face in self._system:
            if face.has(letter):
                return face
        self.lacking.add(letter)
        return own


@cache
def _bundled(key: str) -> bytes:
    data: bytes = pymupdf_fonts.myfont(key)
    return data


def _system_faces() -> Iterator[Typeface]:
    wanted = _SYSTEM_FONTS.get(sys.platform, ())
    there = _files({name for name, _ in wanted}) if wanted else {}
    for order, (name, number) in enumerate(wanted):
        path = there.get(name)
        if path is None:
            continue
        try:
            yield Typeface(f"system{order}", path.read_bytes(), number)
        except (OSError, TTLibError, KeyError) as error:
            log.warning("the font %s cannot be used: %s", path, error)


def _files(names: set[str]) -> dict[str, Path]:
    """Where fonts of these names lie, in the folders systems keep fonts in."""
    found: dict[str, Path] = {}
    for folder in _folders():
        for place, folders, files in os.walk(folder):
            folders.sort()
            for name in sorted(names.intersection(files)):
                found.setdefault(name, Path(place, name))
    return found


def _folders() -> tuple[Path, ...]:
    home = Path.home()
    if sys.platform == "win32":
        return (Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts"),)
    if sys.platform == "darwin":
        return (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts")
    return (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts")
