# SPDX-License-Identifier: GPL-3.0-or-later
"""The cut as a file: read back, with a word for whoever changed it by hand."""

from __future__ import annotations

from pathlib import Path

from .edit import Edit, edit_from_json
from .errors import MediaError
from .jsonable import read_json

__all__ = ["read_edit"]


def read_edit(path: Path) -> Edit:
    """The cut a step of kind ``cut`` wrote.

    Raises:
        MediaError: it is not one, or no longer.
        OSError: it cannot be read.
    """
    try:
        return edit_from_json(read_json(path))
    except (ValueError, KeyError, TypeError) as error:
        raise MediaError(
            f"The film's cut ({path.name}) could not be read: {error}.",
            remedy="It was changed or damaged: evaluate the Output again with Force.",
        ) from error
