# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a command speaks: results on one stream, everything else on the other.

What a person or program asked for goes to ``out``; progress, remarks and errors go
to ``err``.  With ``--json`` only JSON reaches ``out``, so it can be piped anywhere.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import Any, TextIO

from ..core.errors import MovieDirectorError
from ..core.jsonable import readable

__all__ = ["Desk"]


#: Control characters but tab and line break, and marks that turn the direction of writing.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Desk:
    """Two streams and how to use them."""

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        *,
        json: bool = False,
        quiet: bool = False,
        program: str = "movie-director",
    ) -> None:
        """``program`` is what one types to run this command again."""
        self.out = out
        self.err = err
        self.program = program
        self.json = json
        self.quiet = quiet

    @property
    def lively(self) -> bool:
        """Whether somebody watches a terminal that can redraw a line."""
        return not self.quiet and self.err.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def columns(self) -> int:
        """The terminal's width in characters."""
        return max(40, shutil.get_terminal_size((80, 24)).columns)

    def say(self, text: str = "") -> None:
        """A result in words: on ``out``, or beside it when ``out`` is for JSON."""
        if not self.json:
            _put(self.out, text)
        elif not self.quiet:
            _put(self.err, text)

    def note(self, text: str = "") -> None:
        """A remark on the way; nothing when it should be quiet."""
        if not self.quiet:
            _put(self.err, text)

    def data(self, value: Any) -> None:
        """A result as JSON, if JSON is wanted."""
        if self.json:
            self.out.write(readable(value))
            self.out.flush()

    def text(self, text: str) -> None:
        """A whole file's text as the result, to the letter."""
        self.out.write(text)
        self.out.flush()

    def error(self, error: MovieDirectorError) -> None:
        """What went wrong, where, and what to do about it."""
        place = f"{error.where}: " if error.where else ""
        _put(self.err, f"movie-director: {place}{error.what}\n  {error.remedy}")

    def complain(self, what: str, remedy: str) -> None:
        """The same for what is no error of ours: wrong use."""
        _put(self.err, f"movie-director: {what}\n  {remedy}")


def _put(stream: TextIO, text: str) -> None:
    """Write a line; letters the stream cannot show become question marks.

    So do those that steer a terminal: what is written may come from a script or a server.
    """
    text = _STEERING.sub("?", text)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    stream.flush()
