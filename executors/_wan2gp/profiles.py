# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of Wan2GP's models makes what: ``workflows/wan2gp/profiles.yaml``, read and checked.

A user's own file of the same form adds to it, and stands in for those of ours with the same id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal

from ...core.database import user_data_folder
from ...core.errors import InputError
from ...core.step import Kind
from ...core.yaml_file import read_yaml

__all__ = ["FILE", "Profile", "load_profiles", "own_profiles_path", "profiles"]

FILE = Path(__file__).resolve().parents[2] / "workflows" / "wan2gp" / "profiles.yaml"
_SCHEMA = "movie-director/wan2gp@1"
_KEYS = frozenset(
    {"id", "kind", "quality", "model", "start", "fps", "frames", "step", "pixels", "pace"}
    | {"longest", "settings", "onward", "weights", "card"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One way.  ``qualities`` are those it is meant for, () for all; ``card`` is in bytes; the rest as the
    file says."""

    id: str
    kind: Kind
    model: str
    qualities: tuple[str, ...] = ()
    start: Literal["yes", "no", "either"] = "no"
    fps: int = 0
    frames: int = 0
    step: int = 1
    pixels: int = 0
    pace: float = 1.0
    longest: float = 0.0
    onward: str = ""
    weights: tuple[str, ...] = ()
    card: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def longest_clip(self) -> float:
        """Seconds of picture at most at once."""
        return self.frames / self.fps if self.fps else 0.0


def own_profiles_path() -> Path:
    """Where a user's own profiles lie; the file may not be there."""
    return user_data_folder() / "movie-director" / "wan2gp.yaml"


def profiles() -> Mapping[str, Profile]:
    """The profiles by id, the first that fits being the best: the user's own before ours.

    Raises:
        InputError: the user's file is not as it should be; names the profile.
    """
    path = own_profiles_path()
    try:
        stamp = path.stat().st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
        return _shipped()
    return _with_own(path, stamp)


@cache
def _shipped() -> Mapping[str, Profile]:
    return load_profiles(FILE)


@lru_cache(maxsize=4)
def _with_own(path: Path, stamp: int) -> Mapping[str, Profile]:
    del stamp  # part of the key alone: the file is read again when it changed
    own = load_profiles(path)
    return {**own, **{id: each for id, each in _shipped().items() if id not in own}}


def load_profiles(path: Path) -> Mapping[str, Profile]:
    """The profiles in a file.

    Raises:
        InputError: it is not as it should be; names the profile.
        OSError: it cannot be read.
    """
    value = read_yaml(path)
    if not isinstance(value, dict) or value.get("schema") != _SCHEMA:
        raise _wrong(path, f"has not the schema {_SCHEMA}")
    found: dict[str, Profile] = {}
    for given in value.get("profiles") or ():
        name = str(given.get("id", "without an id")) if isinstance(given, dict) else "of no keys"
        try:
            profile = _profile(given)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise _wrong(path, f"has a profile {name} that cannot be read ({error})") from error
        if profile.id in found:
            raise _wrong(path, f"has two profiles {name}")
        found[profile.id] = profile
    for profile in found.values():
        onward = found.get(profile.onward)
        if profile.onward and (onward is None or onward.kind != "clip" or onward.start == "no"):
            raise _wrong(path, f"has a profile {profile.id} that nothing can go on from")
    return found


def _profile(given: Any) -> Profile:
    unknown = set(given) - _KEYS
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    start = given.get("start", "no")
    if start not in ("yes", "no", "either"):
        raise ValueError("start is yes, no or either")
    clip = given["kind"] == "clip"
    profile = Profile(
        id=str(given["id"]),
        kind=Kind(given["kind"]),
        model=str(given["model"]),
        qualities=tuple(given.get("quality", ())),
        start=start,
        fps=int(given["fps"]) if clip else 0,
        frames=int(given["frames"]) if clip else 0,
        step=int(given["step"]) if clip else 1,
        pixels=int(given["pixels"]) if clip else 0,
        pace=float(given["pace"]),
        longest=0.0 if clip else float(given["longest"]),
        onward=str(given.get("onward", "")),
        weights=tuple(map(str, given.get("weights", ()))),
        card=round(float(given.get("card", 0)) * 1e9),
        settings=dict(given["settings"]),
    )
    if clip and not (profile.fps > 0 < profile.frames and profile.step > 0 < profile.pixels):
        raise ValueError("fps, frames, step and pixels are above 0")
    return profile


def _wrong(path: Path, why: str) -> InputError:
    return InputError(
        f"The file '{path.name}' {why}.", remedy="Correct it, or install the package again."
    )
