# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of its card a prompt needed: looked at while it runs, when the socket has nothing to say.

ComfyUI tells what its own process has on the card (``/system_stats``).  What it has *reserved* stays
at its highest until the prompt has ended, so looking now and then finds the peak.  But a server also
keeps weights that it needs no more, as long as there is room.  So a need is told only where all of
the prompt's weights stayed to the end: then what they take can be subtracted from the peak.  Where
some had to go, weights are kept outside of what it counts (its dynamic VRAM, a CPU, a Mac), or others
worked there too, nothing is known, and nothing is told.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import ServiceError
from ...core.executor import CancelFlag
from .._http import Stopped
from .server import Memory, Server

__all__ = ["NOTHING", "Peak", "Weights"]

log = logging.getLogger(__name__)

#: Seconds that a prompt must run before it is looked at: short ones are over, and cost nothing more.
FIRST_S = 1.0
#: Seconds between two looks, and while it decodes, which is shorter.
EVERY_S, DECODING_S = 1.0, 0.5
#: Devices of which the numbers are the process's own; on others they are the machine's.
_CARDS = frozenset({"cuda", "xpu", "npu", "mlu"})
#: Share of the weights that must be there at the end: some are kept smaller than their files.
_STAYED = 0.9
#: Looks at a decoding: the first may come before it has what it needs.
_LOOKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Bytes of a prompt's weights: all, those its option holds while it denoises, the encoders', the VAE's."""

    all: int = 0
    held: int = 0
    encode: int = 0
    decode: int = 0


#: What is not known.
NOTHING = Weights()


class Peak:
    """One prompt's.  Used by the thread that follows it."""

    def __init__(
        self,
        server: Server,
        prompt: str,
        nodes: Mapping[str, Mapping[str, Any]],
        weights: Weights,
        cancel: CancelFlag,
    ) -> None:
        self._server, self._prompt = server, prompt
        self._weights, self._cancel = weights, cancel
        self._classes = {id: str(node["class_type"]).lower() for id, node in nodes.items()}
        self._known = bool(weights.all and weights.held)
        self._began = self._looked = 0.0
        self._sampling = self._decoding = 0  #: most that was reserved, bytes
        self._whole = False  #: it was seen after a whole step
        self._decodings = 0

    def quiet(self, node: str, share: float) -> None:
        """The socket says nothing while ``node`` runs, of which ``share`` is done."""
        now = time.monotonic()
        kind = self._classes.get(node, "")
        if not self._known or not kind:
            return
        self._began = self._began or now
        decodes = _decodes(kind)
        pause = DECODING_S if decodes else EVERY_S
        if now - self._began < FIRST_S or now - self._looked < pause:
            return
        self._looked = now
        memory = self._memory()
        if memory is None:
            self._known = False
        elif decodes:
            self._decoding = max(self._decoding, memory.reserved)
            self._decodings += 1
        else:
            self._sampling = max(self._sampling, memory.reserved)
            self._whole = self._whole or ("sampler" in kind and share > 0)

    def needed(self) -> int:
        """Bytes that the prompt, which has ended, needed with the weights its option holds; 0: unknown."""
        decodes = any(map(_decodes, self._classes.values()))
        if not self._known or not self._whole or (decodes and self._decodings < _LOOKS):
            return 0
        weights, memory = self._weights, self._memory()
        if memory is None or memory.held < weights.all * _STAYED or self._others():
            return 0
        # The VAE may have come after the denoising: what is subtracted is never too much.
        sampling = self._sampling - (memory.held - weights.decode)
        decoding = self._decoding - memory.held
        if sampling <= 0:
            return 0
        return max(weights.held + sampling, weights.decode + decoding, weights.encode)

    def _memory(self) -> Memory | None:
        """What the process has on its card; None where that is not told."""
        try:
            stats = self._server.stats(self._cancel)
        except (ServiceError, Stopped) as error:
            log.info("what it needs is not known: %s", error)
            return None
        memory = stats.devices[0] if stats is not None and stats.devices else None
        return memory if memory is not None and memory.type in _CARDS else None

    def _others(self) -> bool:
        """Whether somebody's prompt runs by now, so that what is held is not ours alone."""
        try:
            return any(id != self._prompt for id in self._server.queue(self._cancel).running)
        except (ServiceError, Stopped):
            return True


def _decodes(kind: str) -> bool:
    return "vaedecode" in kind
