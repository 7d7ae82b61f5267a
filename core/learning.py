# SPDX-License-Identifier: GPL-3.0-or-later
"""What this machine taught about the estimates: how far seconds and bytes were off.

A *lesson* belongs to a machine, a subject (models, or a kind of work), a precision and a class
of sizes.  It holds ratios of what was seen to what the database says, so it corrects work of any
size in its class.  A few samples are needed, outliers count little, and corrections are bounded.  Running out of memory raises an estimate at once, until later peaks contradict it.
Pure values; they are kept by ``learning_file`` and never leave the machine.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .step import Kind, ModelId, Option, Step

__all__ = [
    "ENOUGH", "FEWEST", "KEPT", "MOST_FACTOR", "MOST_SECONDS_FACTOR", "Calibration", "Key", "Learned", "Lesson", "key_of",
    "keys_of", "size_class",
]  # fmt: skip

#: Samples it takes before a correction is believed whole; with fewer, times are believed in part.
FEWEST = 3
#: Samples it takes before anything is said of how far plans are off.
ENOUGH = 10
#: Newest samples that are kept: enough for a quantile, and old drivers are forgotten.
KEPT = 31
#: No correction of memory goes further, up or down: beyond, something else is wrong.
MOST_FACTOR = 4.0
#: The same for time: cards lie between a third and thirty times of an RTX 4090's.
MOST_SECONDS_FACTOR = 32.0
#: What running out of memory raises an estimate by, at least.
_RAISE = 1.25
#: Which of the seen peaks is planned with: three of four fit, one wild one does not matter.
_PEAK_QUANTILE = 0.75
#: Lessons that are kept; those not used for longest go first.
_MOST_LESSONS = 2000
#: Between executor and kind in a subject; no model's name has it.
_KIND_MARK = ":"
#: How far off an unknown estimate may be: half or twice.
_UNKNOWN_RANGE = (0.5, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Key:
    """Whom a lesson is about.  ``machine`` names the card; ``size`` is a ``size_class``."""

    machine: str
    subject: str
    precision: str = ""
    size: str = ""


def size_class(*, width: int = 0, height: int = 0, frames: int = 1) -> str:
    """The power of two of megapixel-frames at or above the work's, such as "≤8 MPf"; "" for none."""
    area = width * height * frames / 1e6
    if area <= 0:
        return ""
    power = max(-4, math.ceil(math.log2(area)))
    return f"≤{2**power:g} MPf"


def key_of(machine: str, kind: Kind, option: Option, size: str = "") -> Key:
    """The key of one way to do a step: its models when it has any, else executor and kind."""
    subject = _subject(option.models) or f"{option.executor}{_KIND_MARK}{kind}"
    return Key(machine=machine, subject=subject, precision=option.precision, size=size)


def keys_of(machine: str, step: Step, option: Option) -> tuple[Key, ...]:
    """Whom a finished step teaches about: its models at its size, and its kind of work at large.

    The first is the one to plan with.
    """
    size = step.inputs.get("size")
    picture = ""
    if isinstance(size, list | tuple) and len(size) == 2 and all(type(s) is int for s in size):
        picture = size_class(width=size[0], height=size[1])
    broad = Key(machine=machine, subject=f"{option.executor}{_KIND_MARK}{step.kind}")
    if not option.models:
        return (broad,)
    return (key_of(machine, step.kind, option, picture), broad)


def _subject(models: Collection[ModelId]) -> str:
    """Models by name, without their precision, which the key has by itself."""
    return "+".join(sorted({model.rpartition("/")[0] or model for model in models}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What was seen of one key, newest last, as ratios to the estimate without correction.

    ``floor`` is what running out of memory raised bytes to, 0 when it did not; ``since`` are the
    peaks that were seen after it.  The last two are what was seen over what was planned at the time.
    """

    seconds: tuple[float, ...] = ()
    peaks: tuple[float, ...] = ()
    floor: float = 0.0
    since: tuple[float, ...] = ()
    seconds_missed: tuple[float, ...] = ()
    peaks_missed: tuple[float, ...] = ()

    @property
    def seconds_factor(self) -> float:
        """The median of what was seen, nearer to 1 while there are few samples."""
        return _trusted(self.seconds)

    @property
    def bytes_factor(self) -> float:
        """What three of four peaks stay below, and never below the floor; 1 with too few."""
        seen = 1.0
        if len(self.peaks) >= FEWEST:
            seen = _quantile(self.peaks, _PEAK_QUANTILE)
        return max(seen, self.floor)

    def took(self, ratio: float) -> Lesson:
        """With one more time; what is no sensible number teaches nothing."""
        if not _sensible(ratio):
            return self
        ratio = _bounded(ratio, MOST_SECONDS_FACTOR)
        missed = _bounded(ratio / self.seconds_factor, MOST_SECONDS_FACTOR)
        return replace(
            self,
            seconds=(*self.seconds, ratio)[-KEPT:],
            seconds_missed=(*self.seconds_missed, missed)[-KEPT:],
        )

    def peaked(self, ratio: float) -> Lesson:
        """With one more peak.  Enough peaks below the floor lower it to the highest of them."""
        if not _sensible(ratio):
            return self
        ratio = _bounded(ratio)
        missed = _bounded(ratio / self.bytes_factor)
        known = replace(
            self,
            peaks=(*self.peaks, ratio)[-KEPT:],
            peaks_missed=(*self.peaks_missed, missed)[-KEPT:],
        )
        if not self.floor:
            return known
        since = (*self.since, ratio)[-KEPT:]
        if len(since) >= FEWEST and max(since) < self.floor:
            return replace(known, floor=0.0, since=())
        return replace(known, since=since)

    def ran_out(self, had_ratio: float = 0.0) -> Lesson:
        """Raised at once: a quarter above what was planned, and above what was there."""
        raised = self.bytes_factor * _RAISE
        if _sensible(had_ratio):
            raised = max(raised, had_ratio * 1.05)
        return replace(self, floor=_bounded(raised), since=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far plans were off when work was done, as shares: 0.1 is ten per cent."""

    samples: int
    median: float
    ninety: float

    def words(self, what: str) -> str:
        """One sentence about ``what`` ("time"), or "" while too little was measured."""
        if self.samples < ENOUGH:
            return ""
        return (
            f"Estimates of {what} were off by {self.median:.0%} in the middle, by up to "
            f"{self.ninety:.0%} in nine of ten ({self.samples} measured)."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """All lessons.  Every method gives a new value."""

    lessons: Mapping[Key, Lesson] = field(default_factory=dict)

    def observed(
        self,
        key: Key,
        *,
        estimated_seconds: float = 0.0,
        seconds: float = 0.0,
        estimated_bytes: int = 0,
        work_bytes: int = 0,
    ) -> Learned:
        """With what one finished piece of work took; 0 means that it is not known.

        ``work_bytes`` is the peak without the weights, ``estimated_bytes`` the option's
        ``work_bytes``: weights need no learning.
        """
        lesson = self.lessons.get(key, Lesson())
        if estimated_seconds > 0 and seconds > 0:
            lesson = lesson.took(seconds / estimated_seconds)
        if estimated_bytes > 0 and work_bytes > 0:
            lesson = lesson.peaked(work_bytes / estimated_bytes)
        return self._with(key, lesson)

    def ran_out(self, key: Key, *, estimated_bytes: int = 0, had_bytes: int = 0) -> Learned:
        """With an out-of-memory; ``had_bytes`` is what there was beside the weights, 0 if unknown."""
        had = had_bytes / estimated_bytes if estimated_bytes > 0 else 0.0
        return self._with(key, self.lessons.get(key, Lesson()).ran_out(had))

    def without(self, name: str = "") -> Learned:
        """Forget what has ``name`` in its machine, subject or precision; all, without a name."""
        word = name.lower()
        kept = {
            key: lesson
            for key, lesson in self.lessons.items()
            if word and word not in f"{key.machine} {key.subject} {key.precision}".lower()
        }
        return Learned(lessons=kept)

    def seconds(self, key: Key, estimated: float) -> float:
        """The estimate, corrected."""
        return estimated * self._lesson(key).seconds_factor

    def seconds_range(self, key: Key, estimated: float) -> tuple[float, float]:
        """What nine of ten lie between; half to twice while little is known."""
        ratios = self._lesson(key).seconds
        if len(ratios) < FEWEST:
            return estimated * _UNKNOWN_RANGE[0], estimated * _UNKNOWN_RANGE[1]
        return estimated * _quantile(ratios, 0.05), estimated * _quantile(ratios, 0.95)

    def work_bytes(self, key: Key, estimated: int) -> int:
        """The estimate, corrected."""
        return math.ceil(estimated * self._lesson(key).bytes_factor)

    def option(self, key: Key, option: Option) -> Option:
        """The option with corrected costs; compare results with the one it was made from."""
        return replace(
            option,
            seconds=self.seconds(key, option.seconds),
            work_bytes=self.work_bytes(key, option.work_bytes),
        )

    def costs(self, machine: str, step: Step, option: Option) -> Option:
        """One way to do a step with the costs it has on this machine: what a plan counts with.

        Times of models that never ran here are corrected as others' of the same kind of work were.
        What is placed must be the option as it was offered, or corrections would add up.
        """
        key, *broad = keys_of(machine, step, option)
        corrected = self.option(key, option)
        if broad and not self._lesson(key).seconds:
            corrected = replace(corrected, seconds=self.seconds(broad[0], option.seconds))
        return corrected

    def pace(self) -> dict[tuple[str, str], float]:
        """Seconds taken over seconds estimated, by (executor, kind), over all machines."""
        seen: dict[tuple[str, str], list[float]] = {}
        for key, lesson in self.lessons.items():
            executor, mark, kind = key.subject.partition(_KIND_MARK)
            if mark and lesson.seconds:
                seen.setdefault((executor, kind), []).extend(lesson.seconds)
        return {about: _trusted(ratios) for about, ratios in seen.items()}

    def seconds_error(self) -> Calibration:
        """How far planned times were off."""
        return _calibration(lesson.seconds_missed for lesson in self.lessons.values())

    def bytes_error(self) -> Calibration:
        """The same for the memory of work."""
        return _calibration(lesson.peaks_missed for lesson in self.lessons.values())

    def _lesson(self, key: Key) -> Lesson:
        """The key's, else that of another size with the most samples, else none."""
        found = self.lessons.get(key)
        if found is not None or not key.size:
            return found or _NOTHING
        others = (
            each for other, each in self.lessons.items() if replace(other, size=key.size) == key
        )
        return max(others, key=lambda each: len(each.seconds) + len(each.peaks), default=_NOTHING)

    def _with(self, key: Key, lesson: Lesson) -> Learned:
        lessons = {other: each for other, each in self.lessons.items() if other != key}
        lessons[key] = lesson
        for old in list(lessons)[: max(0, len(lessons) - _MOST_LESSONS)]:
            del lessons[old]
        return Learned(lessons=lessons)


_NOTHING = Lesson()


def _calibration(missed: Iterable[Sequence[float]]) -> Calibration:
    errors = sorted(abs(ratio - 1) for ratios in missed for ratio in ratios)
    return Calibration(
        samples=len(errors), median=_quantile(errors, 0.5), ninety=_quantile(errors, 0.9)
    )


def _trusted(ratios: Sequence[float]) -> float:
    """Their median; of one or two samples only that many thirds, as steps of a scale."""
    if not ratios:
        return 1.0
    return float(_quantile(ratios, 0.5) ** min(1.0, len(ratios) / FEWEST))


def _quantile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of the values do not exceed, between two by their distance."""
    if not values:
        return 0.0
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _sensible(ratio: float) -> bool:
    return math.isfinite(ratio) and ratio > 0


def _bounded(ratio: float, most: float = MOST_FACTOR) -> float:
    """Within its bounds, in the five decimals that are kept."""
    return round(min(most, max(1 / most, ratio)), 5)
