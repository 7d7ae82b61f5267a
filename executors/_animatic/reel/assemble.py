# SPDX-License-Identifier: GPL-3.0-or-later
"""Put a film together from its cut, its clips and its mix.

Memory does not grow with the film: clips are opened when their time comes and let go
after, and frames pass through one at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ....core.edit import Edit
from ....core.errors import MediaError
from .film_file import FilmFile
from .picture import Picture, black, blend
from .source import Format, Source
from .stretches import Layer, Stretch, stretches, weights

__all__ = ["ReelFacts", "assemble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReelFacts:
    """What was written: ``copied`` and ``encoded`` count frames, ``rate`` is frames per second."""

    frames: int
    seconds: float
    width: int
    height: int
    rate: tuple[int, int]
    copied: int
    encoded: int
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The facts as JSON."""
        return {name: getattr(self, name) for name in self.__slots__} | {
            "rate": list(self.rate),
            "fps": round(self.rate[0] / self.rate[1], 6),
            "warnings": list(self.warnings),
        }


def assemble(
    edit: Edit,
    clips: Mapping[str, Path],
    mix: Path | None,
    path: Path,
    *,
    quality: str,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> ReelFacts | None:
    """Write the film ``edit`` describes to ``path``: H.264 and AAC in MP4, equal input, equal bytes.

    Args:
        clips: the clip files by the step that made them.
        mix: the film's whole sound; None writes a silent film.
        quality: the clips' quality; frames that cannot be copied are encoded with it.
        progress: told 0–1, never falling.
        cancelled: asked before every frame.

    Returns:
        What was written; None when cancelled.  Nothing is left then, nor after an error.

    Raises:
        MediaError: a clip or the mix cannot be used; names the shot.
        MissingLibrary: an encoder is missing.
        OSError: the file cannot be written.
    """
    if not edit.frames:
        raise MediaError("The film has no frames.", remedy="Link a shot to its Sequence.")
    form = Format(width=edit.width, height=edit.height, rate=edit.rate, parameters=frozenset())
    film = FilmFile(path, form.width, form.height, form.rate, quality, mix)
    reel = _Reel(edit, clips, film, replace(form, parameters=film.parameters))
    done = False
    try:
        for count in reel.run():
            if cancelled():
                return None
            progress(count / edit.frames)
        film.finish(edit.frames)
        done = True
    finally:
        reel.close()
        if not done:
            film.drop()
    return reel.facts()


class _Reel:
    """One film on its way through; owns the clips that are open."""

    def __init__(self, edit: Edit, clips: Mapping[str, Path], film: FilmFile, form: Format) -> None:
        self._edit, self._clips, self._film, self._form = edit, clips, film, form
        self._open: dict[int, Source] = {}
        self._copied = 0
        self._warnings: dict[str, None] = {}
        self._black = black(edit.width, edit.height)

    def run(self) -> Iterator[int]:
        """Write stretch after stretch; gives the frames written so far."""
        for stretch in stretches(self._edit):
            self._keep({layer.clip for layer in stretch.layers})
            if stretch.plain:
                yield from self._plain(stretch)
            else:
                yield from self._film.encode(self._composed(stretch))

    def facts(self) -> ReelFacts:
        """What was written."""
        edit = self._edit
        return ReelFacts(
            frames=edit.frames,
            seconds=round(edit.seconds, 6),
            width=edit.width,
            height=edit.height,
            rate=(edit.rate.numerator, edit.rate.denominator),
            copied=self._copied,
            encoded=edit.frames - self._copied,
            warnings=tuple(self._warnings),
        )

    def close(self) -> None:
        """Let go of every clip."""
        self._keep(set())

    def _plain(self, stretch: Stretch) -> Iterator[int]:
        """One shot as it is: frames up to an entry point encoded, the rest copied."""
        layer = stretch.layers[0]
        source = self._source(layer.clip)
        first, end = layer.first, layer.first + stretch.frames
        entry = min(end, source.entry(first))
        last = max(entry, min(end, source.held))
        if entry > first:
            yield from self._film.encode(source.pictures(first, entry - first))
        if last > entry:
            self._copied += last - entry
            yield from self._film.copy(source.packets(entry, last - entry))
        if end > last:
            yield from self._film.encode(source.pictures(last, end - last))

    def _composed(self, stretch: Stretch) -> Iterator[Picture]:
        running = [self._pictures(layer, stretch.frames) for layer in stretch.layers]
        for offset in range(stretch.frames):
            pictures = [next(pictures) for pictures in running]
            yield blend(pictures, weights(self._edit, stretch, offset), self._black)

    def _pictures(self, layer: Layer, count: int) -> Iterator[Picture]:
        return self._source(layer.clip).pictures(layer.first, count)

    def _source(self, index: int) -> Source:
        if index not in self._open:
            clip = self._edit.clips[index]
            path = self._clips.get(clip.source)
            if path is None:
                raise MediaError(
                    f"There is no clip for {clip.name}.",
                    remedy="Evaluate the shot again.",
                    where=clip.key,
                )
            source = Source(path, self._form, name=clip.name, where=clip.key)
            self._open[index] = source
            self._warn(source, clip.name, clip.frames)
        return self._open[index]

    def _warn(self, source: Source, name: str, frames: int) -> None:
        if not source.fits:
            self._warnings[
                f"The clip of {name} was not encoded like the film and was converted."
            ] = None
        elif source.held < frames:
            short = frames - source.held
            self._warnings[f"{name} is {short} frames short; its last frame is held."] = None

    def _keep(self, wanted: set[int]) -> None:
        for index in [index for index in self._open if index not in wanted]:
            self._open.pop(index).close()
