# SPDX-License-Identifier: GPL-3.0-or-later
"""A PDF being set: pages with text, pictures and lines, from the top left corner down.

Points, y growing downwards.  Text is real text.  No date and no random number gets in, so
equal pages are equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pydyf

from .typeface import Typefaces

__all__ = ["Colour", "Document", "Picture"]

Colour = tuple[float, float, float]  # RGB, 0–1


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A JPEG in the document, with its size in pixels."""

    name: str
    width: int
    height: int


class Document:
    """One PDF; ``page`` begins the next page, ``write`` ends it."""

    def __init__(self, width: float, height: float, title: str) -> None:
        self.width, self.height = width, height
        self.fonts = Typefaces()
        self._pdf = pydyf.PDF()
        self._pdf.info["Title"] = pydyf.String(title)
        self._pdf.info["Creator"] = pydyf.String("Movie Director")
        self._streams: list[Any] = []
        self._pictures = pydyf.Dictionary({})
        self._bookmarks: list[tuple[str, int]] = []

    @property
    def pages(self) -> int:
        """How many pages there are so far."""
        return len(self._streams)

    def page(self) -> None:
        """Begin a page; what is drawn from now on lands there."""
        self._streams.append(pydyf.Stream(compress=True))

    def bookmark(self, name: str) -> None:
        """Name this page in the reader's table of contents."""
        self._bookmarks.append((name, self.pages - 1))

    def picture(self, jpeg: bytes, width: int, height: int) -> Picture:
        """Take a JPEG in."""
        stream = pydyf.Stream(
            [jpeg],
            extra={
                "Type": "/XObject",
                "Subtype": "/Image",
                "Width": width,
                "Height": height,
                "ColorSpace": "/DeviceRGB",
                "BitsPerComponent": 8,
                "Filter": "/DCTDecode",
            },
        )
        self._pdf.add_object(stream)
        name = f"P{len(self._pictures)}"
        self._pictures[name] = stream.reference
        return Picture(name=name, width=width, height=height)

    def text(self, x: float, y: float, text: str, style: str, size: float, ink: Colour) -> float:
        """One row with its baseline at ``y``; gives where it ends."""
        page = self._streams[-1]
        page.begin_text()
        page.set_color_rgb(*ink)
        page.set_text_matrix(1, 0, 0, 1, round(x, 3), round(self.height - y, 3))
        for face, run in self.fonts.runs(text, style):
            page.set_font_size(face.key, size)
            page.show_text(face.set(run))
            x += size * face.width(run)
        page.end_text()
        return x

    def box(self, x: float, y: float, width: float, height: float, ink: Colour) -> None:
        """A filled rectangle from its top left corner."""
        page = self._streams[-1]
        page.set_color_rgb(*ink)
        page.rectangle(x, self.height - y - height, width, height)
        page.fill()

    def frame(self, x: float, y: float, width: float, height: float, ink: Colour) -> None:
        """A hairline around a rectangle."""
        page = self._streams[-1]
        page.set_line_width(0.5)
        page.set_color_rgb(*ink, stroke=True)
        page.rectangle(x, self.height - y - height, width, height)
        page.stroke()

    def place(self, picture: Picture, x: float, y: float, width: float, height: float) -> None:
        """The picture filling a rectangle, its top kept; what sticks out of it is cut off.

        Captions lie at the foot of a picture and heads at its top.
        """
        page = self._streams[-1]
        scale = max(width / picture.width, height / picture.height)
        wide, high = picture.width * scale, picture.height * scale
        bottom = self.height - y - height
        page.push_state()
        page.rectangle(x, bottom, width, height)
        page.clip()
        page.end()
        left, low = x - (wide - width) / 2, bottom - (high - height)
        page.set_matrix(*(round(each, 3) for each in (wide, 0, 0, high, left, low)))
        page.draw_x_object(picture.name)
        page.pop_state()

    def write(self, path: Path) -> None:
        """Write the document.

        Raises:
            OSError: it cannot be written.
        """
        pdf = self._pdf
        resources = pydyf.Dictionary(
            {"Font": pydyf.Dictionary(self.fonts.embed(pdf)), "XObject": self._pictures}
        )
        pdf.add_object(resources)
        for stream in self._streams:
            pdf.add_object(stream)
            pdf.add_page(
                pydyf.Dictionary(
                    {
                        "Type": "/Page",
                        "Parent": pdf.pages.reference,
                        "MediaBox": pydyf.Array([0, 0, self.width, self.height]),
                        "Resources": resources.reference,
                        "Contents": stream.reference,
                    }
                )
            )
        if self._bookmarks:
            self._outline()
        with path.open("wb") as file:
            pdf.write(file)

    def _outline(self) -> None:
        """The table of contents: one level, in the order given."""
        pdf, pages = self._pdf, self._pdf.page_references
        root = pydyf.Dictionary({"Type": "/Outlines", "Count": len(self._bookmarks)})
        pdf.add_object(root)
        items = [
            pydyf.Dictionary(
                {
                    "Title": pydyf.String(name),
                    "Parent": root.reference,
                    "Dest": pydyf.Array([pages[page], "/Fit"]),
                }
            )
            for name, page in self._bookmarks
        ]
        for item in items:
            pdf.add_object(item)
        for before, after in pairwise(items):
            before["Next"], after["Prev"] = after.reference, before.reference
        root["First"], root["Last"] = items[0].reference, items[-1].reference
        pdf.catalog["Outlines"] = root.reference
