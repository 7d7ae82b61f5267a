# SPDX-License-Identifier: GPL-3.0-or-later
"""Letters as outlines: fonts, fallbacks for scripts they lack, measuring and wrapping.

The one idea: text becomes the same outlines everything else is drawn with.  FiraGO comes with
the package (Latin, Greek, Cyrillic, Georgian, Hebrew, Thai …); for other scripts the system's
fonts are asked, and what none of them has is reported, never raised.
Not here: joining of Arabic or Indic letters (they are drawn apart, and reported).
"""

from __future__ import annotations

import functools
import io
import os
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import freetype
import numpy as np

from .outline import Outline, joined

REGULAR, BOLD, ITALIC = "figo", "figbo", "figit"  # FiraGO's names in pymupdf-fonts

_UNSCALED = freetype.FT_LOAD_NO_SCALE | freetype.FT_LOAD_NO_BITMAP
_SYSTEM = (
    "NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf", "NotoSansSC-Regular.otf",
    "NotoSansJP-Regular.otf", "SourceHanSans-Regular.ttc", "wqy-microhei.ttc", "wqy-zenhei.ttc",
    "PingFang.ttc", "Hiragino Sans GB.ttc", "AppleSDGothicNeo.ttc", "Arial Unicode.ttf",
    "msyh.ttc", "YuGothM.ttc", "msgothic.ttc", "malgun.ttf", "simsun.ttc",
    "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "NotoSans-Regular.ttf",
    "DejaVuSans.ttf", "FreeSans.ttf", "segoeui.ttf", "seguisym.ttf", "Nirmala.ttf",
)  # fmt: skip
_SCRIPTS = {
    "CJK": "Noto Sans CJK", "HIRAGANA": "Noto Sans CJK", "KATAKANA": "Noto Sans CJK",
    "HANGUL": "Noto Sans CJK", "IDEOGRAPHIC": "Noto Sans CJK", "FULLWIDTH": "Noto Sans CJK",
    "ARABIC": "Noto Sans Arabic", "DEVANAGARI": "Noto Sans Devanagari",
    "BENGALI": "Noto Sans Bengali", "TAMIL": "Noto Sans Tamil", "ETHIOPIC": "Noto Sans Ethiopic",
}  # fmt: skip
_JOINED = ("ARABIC", "DEVANAGARI", "BENGALI", "TAMIL")


@functools.cache
def _bundled(name: str) -> Any:
    import pymupdf_fonts

    return freetype.Face(io.BytesIO(pymupdf_fonts.fontbuffers[name]()))


def _font_folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    return [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]  # fmt: skip


@functools.cache
def _system_faces() -> tuple[Any, ...]:
    """The system's fonts that are worth asking, best first."""
    found: dict[str, Path] = {}
    for folder in _font_folders():
        for root, _, names in os.walk(folder):
            for name in names:
                if name in _SYSTEM:
                    found.setdefault(name, Path(root) / name)
    faces = []
    for name in _SYSTEM:
        if name in found:
            try:
                faces.append(freetype.Face(str(found[name])))
            except freetype.FT_Exception:
                continue
    return tuple(faces)


@functools.lru_cache(maxsize=4096)
def _glyph(style: str, letter: str) -> tuple[Outline | None, float, bool]:
    """A letter's outline for an em of 1 (y down, baseline 0), its advance, whether a font has it."""
    face = _bundled(style)
    known = bool(face.get_char_index(letter))
    if not known and ord(letter) > 0x7F:
        for other in _system_faces():
            if other.get_char_index(letter):
                face, known = other, True
                break
    face.load_char(letter, _UNSCALED)
    outline, em = face.glyph.outline, float(face.units_per_EM)
    advance = face.glyph.advance.x / em
    if not outline.points:
        return None, advance, known
    points = np.asarray(outline.points, dtype=np.float64) / em
    points[:, 1] *= -1
    return (
        Outline(points, tuple(t & 3 for t in outline.tags), tuple(outline.contours)),
        advance,
        known,
    )


def advance(text: str, size: float, style: str = REGULAR, tracking: float = 0.0) -> float:
    """The width of a line in the unit of ``size`` (an em); ``tracking`` in ems a letter."""
    return sum(_glyph(style, c)[1] + tracking for c in text) * size


def line(
    text: str, x: float, y: float, size: float, style: str = REGULAR, tracking: float = 0.0
) -> Outline | None:
    """A line of text from x on, its baseline at y; None when nothing of it is visible."""
    parts, pen = [], 0.0
    for letter in _shown_order(text):
        outline, wide, _ = _glyph(style, letter)
        if outline is not None:
            parts.append(outline.moved(pen, 0.0))
        pen += wide + tracking
    return joined(parts).scaled(size, size).moved(x, y) if parts else None


def _shown_order(text: str) -> str:
    """Right-to-left text in the order it is seen (whole lines only; digits keep theirs)."""
    kinds = [unicodedata.bidirectional(c) for c in text]
    if not any(k in ("R", "AL") for k in kinds):
        return text
    runs: list[str] = []
    for letter, kind in zip(text, kinds, strict=True):
        forward = kind in ("L", "EN", "AN")
        if forward and runs and unicodedata.bidirectional(runs[-1][-1]) in ("L", "EN", "AN"):
            runs[-1] += letter
        else:
            runs.append(letter)
    return "".join(reversed(runs))


def wrapped(text: str, width: float, size: float, style: str = REGULAR) -> list[str]:
    """Lines no wider than ``width``, about equally long; over-long words are broken."""
    words = _pieces(" ".join(text.split()), width, size, style)
    tight = _filled(words, width, size, style)
    if len(tight) < 2:
        return tight
    low, high = width / len(tight), width
    for _ in range(7):
        middle = (low + high) / 2
        if len(_filled(words, middle, size, style)) <= len(tight):
            high = middle
        else:
            low = middle
    return _filled(words, high, size, style)


def _pieces(text: str, width: float, size: float, style: str) -> list[str]:
    pieces: list[str] = []
    for word in text.split(" "):
        current = ""
        for letter in word:
            ideograph = ord(letter) > 0x2E80
            if current and (ideograph or advance(current + letter, size, style) > width):
                pieces.append(current)
                current = ""
            current += letter
        pieces.append(current + " ")
    return pieces


def _filled(pieces: Sequence[str], width: float, size: float, style: str) -> list[str]:
    lines, current = [], ""
    for piece in pieces:
        if current and advance((current + piece).rstrip(), size, style) > width:
            lines.append(current.rstrip())
            current = ""
        current += piece
    return [*lines, current.rstrip()] if current.strip() else lines


def legible(text: str) -> bool:
    """Whether a text can be read: it has letters, and fonts here have most of them."""
    letters = [c for c in text if not c.isspace()]
    return bool(letters) and sum(_glyph(REGULAR, c)[2] for c in letters) * 2 > len(letters)


def missing(texts: Sequence[str]) -> tuple[str, ...]:
    """A sentence for each script that no font here has, or that needs joining; "" texts are fine."""
    reports: dict[str, None] = {}
    for letter in sorted(set("".join(texts))):
        if ord(letter) < 0x250 or letter.isspace():
            continue
        script = unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0]
        if not _glyph(REGULAR, letter)[2]:
            font = _SCRIPTS.get(script, f"Noto Sans {script.title()}")
            reports[f"No font here can write {script.title()} letters: install {font}."] = None
        elif script in _JOINED:
            reports[f"{script.title()} letters are drawn apart: captions cannot join them."] = None
    return tuple(reports)
