# SPDX-License-Identifier: GPL-3.0-or-later
"""What a clip by Wan2GP takes of a card, and the ways down where that has less.

WanGP keeps the weights in the machine's memory and brings them to the card block by block, so it is
the picture that takes room.  Which of its memory profiles a server uses is its owner's; for one job
another can be asked for (``override_profile``).  Pure; the planner knows the card, nothing here does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...core.amounts import amount
from ...core.footprint import Footprint, Footprints
from ...core.footprints import known_footprints
from ...core.ladder import smaller_sizes
from ...core.step import Fidelity, ModelId
from .profiles import Profile
from .settings import GRID, frames_of, picture_size

__all__ = ["LEAN", "LEANER_PROFILE", "Manner", "manners"]

#: WanGP's "Profile 4+": as its usual one, but one block less on the card at once, "slightly slower"
#: (``memory_profile_choices`` and ``init_pipe`` in wgp.py of WanGP 12.6).
LEANER_PROFILE, LEAN = 4.5, "memory profile 4+"
#: "Slightly" slower: a first guess.
_SLOWER = 1.1
#: Share of the largest model on the card while its blocks come and go, two at a time and one.  Of 14B in
#: int8 the difference is the gigabyte that profile 4+ saves by WanGP's docs/CLI.md.
_TWO_BLOCKS, _ONE_BLOCK = 0.15, 0.075
#: WanGP's memory while sampling, as a share of ComfyUI's: its docs/CHANGELOG.md has 14B make 10 s at 480p
#: in 12 GB and at 720p in 24 GB, where the footprints come to a third more.
_SAMPLING = 0.75
#: Of the card its makers name, what must be free: a screen may hold some.
_OF_CARD = 0.85
#: What a way down must save to be one.
_WORTH = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a clip is made with one profile.

    ``bytes`` of the card it takes; 0 is not known.  ``size`` is its picture where that has fewer
    pixels than it could have, else (0, 0).  ``note`` says what it gives up, "" for nothing.
    """

    bytes: int = 0
    lean: bool = False
    size: tuple[int, int] = (0, 0)
    slower: float = 1.0
    note: str = ""

    @property
    def fidelity(self) -> Fidelity:
        """What it gives, against the profile at its best."""
        if self.size != (0, 0):
            return Fidelity.SMALLER
        return Fidelity.OFFLOADED if self.lean else Fidelity.FULL


def manners(profile: Profile, width: int, height: int, seconds: float) -> tuple[Manner, ...]:
    """The ways to make so much of a film of that size, best first; each takes less than those before."""
    least = round(profile.card * _OF_CARD)
    known = known_footprints()
    weights = [known.models[ModelId(id)] for id in profile.weights if ModelId(id) in known.models]
    if not weights:
        return (Manner(bytes=least),)
    best = picture_size(profile.pixels, width, height)
    return tuple(_manners(_Need(weights, frames_of(profile, seconds), least, known), best))


class _Need:
    """What so many frames take of a card, by the size of the picture."""

    def __init__(
        self, weights: Sequence[Footprint], frames: int, least: int, known: Footprints
    ) -> None:
        self._main = max(weights, key=lambda model: model.bytes)
        self._vae = sum(model.bytes for model in weights if model.role == "vae")
        self._frames, self._least, self._known = frames, least, known

    def bytes(self, size: tuple[int, int], blocks: float) -> int:
        """The most at once: while it denoises, or while it decodes in tiles."""
        work = self._known.work(
            self._main.family, width=size[0], height=size[1], frames=self._frames, tiled=True
        )
        sampling = round(work.sampling_bytes * _SAMPLING + self._main.bytes * blocks)
        return max(self._least, sampling, work.decoding_bytes + self._vae)


def _manners(need: _Need, best: tuple[int, int]) -> Iterator[Manner]:
    own = least = need.bytes(best, _TWO_BLOCKS)
    yield Manner(bytes=own)
    for size in (best, *smaller_sizes(*best, multiple=GRID)):
        needs = need.bytes(size, _ONE_BLOCK)
        if needs > least * (1 - _WORTH):
            continue
        least = needs
        yield Manner(
            bytes=needs,
            lean=True,
            size=size if size != best else (0, 0),
            slower=_SLOWER * size[0] * size[1] / (best[0] * best[1]),
            note=", ".join(_given_up(size, best, own - needs)),
        )


def _given_up(size: tuple[int, int], best: tuple[int, int], saved: int) -> Iterator[str]:
    if size != best:
        yield f"{size[0]}×{size[1]} instead of {best[0]}×{best[1]}"
    yield f"WanGP's {LEAN}"
    yield f"{amount(saved)} less"
