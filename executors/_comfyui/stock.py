# SPDX-License-Identifier: GPL-3.0-or-later
"""The node classes of a stock ComfyUI, as they were when the templates' release was current.

A workflow can be rendered and judged where no server runs.  The record is that of the version
which pins our release of the templates (``tools/stock_nodes`` writes it); what a server in the
field has, it says itself.  Why a template is always read with the record:
``docs/decisions/0007-templates-read-with-recorded-nodes.md``.
"""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import cache
from pathlib import Path

from .object_info import ObjectInfo, parse_object_info

__all__ = ["STOCK_VERSION", "stock_nodes"]

STOCK_VERSION = "0.33.0"
RECORD = Path(__file__).resolve().parents[2] / "workflows" / "stock_nodes.json.gz"


@cache
def stock_nodes() -> ObjectInfo:
    """The classes of a stock ComfyUI ``STOCK_VERSION``; read once."""
    info = parse_object_info(gzip.decompress(RECORD.read_bytes()), RECORD.name)
    return replace(info, version=STOCK_VERSION)
