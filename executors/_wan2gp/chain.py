# SPDX-License-Identifier: GPL-3.0-or-later
"""A clip by Wan2GP: one job, or as many as a long shot needs, each going on from the one before.

Parts that were fetched lie in the ticket's folder, and the letter says which part its job is: a
run that takes the work up goes on with that part.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...core.step import Option
from .._http import Fetched
from .._service import Errand, Made
from .._service.errand import Work
from .._service.letter import Letter
from .._service.parts import longest, shared_out
from .._wording import Picture, picture_of
from .desk import NeverBegun
from .desks import Desks, plain
from .following import fetch_item, send_file
from .job import Item
from .mcp import call
from .memory import LEAN, LEANER_PROFILE
from .profiles import Profile, profiles
from .settings import clip_settings, locked_digest

__all__ = ["begin_clip", "jobs", "longest_shot", "resumed_clip"]

#: The last picture of a clip, as a file.
Still = Callable[[Errand, Path], Path]


def jobs(profile: Profile, seconds: float) -> int:
    """How many jobs a shot of that length takes."""
    return len(shared_out(seconds, profile.longest_clip, _gain(_onward(profile))))


def longest_shot(profile: Profile, there: Collection[str]) -> float:
    """Seconds of the longest shot a server can make with a profile; ``there`` are its models."""
    onward = _onward(profile)
    able = onward is not None and onward.model in there
    return longest(profile.longest_clip, _gain(onward) if able else 0.0)


def begin_clip(
    errand: Errand, desks: Desks, profile: Profile, option: Option, still: Still
) -> Made:
    """Have a clip made, from its first part on, as small and lean as planned.  Errors as ``Desks.made``."""
    memory = LEANER_PROFILE if option.precision == LEAN else 0.0
    return _Chain(errand, desks, profile, still, option.size, memory).carried_out()


def resumed_clip(errand: Errand, desks: Desks, letter: Letter, still: Still) -> Work | None:
    """How to go on with the part that a letter tells of; None when parts before it are gone."""
    profile = profiles().get(str(letter.recipe.get("profile")))
    number = letter.recipe.get("part", 0)
    if profile is None or not isinstance(number, int):
        return None
    size, memory = letter.recipe.get("size"), letter.recipe.get("memory_profile")
    known = isinstance(size, list) and len(size) == 2 and all(type(side) is int for side in size)
    chain = _Chain(
        errand, desks, profile, still,
        (size[0], size[1]) if known and isinstance(size, list) else (0, 0),
        LEANER_PROFILE if memory == LEANER_PROFILE else 0.0,
    )  # fmt: skip
    chain.parts = [_part(errand, each) for each in range(number)]
    if not all(path.is_file() for path in chain.parts):
        return None
    return lambda: chain.carried_out(letter)


class _Chain:
    def __init__(
        self,
        errand: Errand,
        desks: Desks,
        profile: Profile,
        still: Still,
        size: tuple[int, int],
        memory: float,
    ) -> None:
        self._size, self._memory = size, memory
        self.errand, self.desks, self.profile, self._still = errand, desks, profile, still
        self.picture = picture_of(errand.inputs, errand.seconds_of)
        self.onward = _onward(profile)
        self.spans = shared_out(self.picture.seconds, profile.longest_clip, _gain(self.onward))
        self.parts: list[Path] = []

    def carried_out(self, letter: Letter | None = None) -> Made:
        """Every part that is missing, beginning with a letter's where one was handed in already."""
        recipe: dict[str, Any] = plain(letter.recipe) if letter is not None else {}
        while len(self.parts) < len(self.spans):
            self.errand.part(len(self.parts), len(self.spans))
            items: tuple[Item, ...] = ()
            if letter is not None:
                with suppress(NeverBegun):
                    items = self.desks.followed(self.errand, letter)
                letter = None
            if not items:
                items, recipe = self._made()
            self.parts.append(self._fetched(items))
        return Made(path=self.parts[0], more=tuple(self.parts[1:]), recipe=recipe)

    def _made(self) -> tuple[tuple[Item, ...], dict[str, Any]]:
        errand, number = self.errand, len(self.parts)
        way = self.onward if number and self.onward is not None else self.profile
        defaults = call(
            errand.http,
            "wangp_get_default_settings",
            {"model_type": way.model},
            cancel=errand.cancel,
        )
        # The picture a part begins with is the last one of the part before, and is shown once.
        seconds = self.spans[number] + (1 / way.fps if number else 0.0)
        conform = errand.inputs.get("conform") or {}
        settings = clip_settings(
            defaults, way, self.picture, seconds, self._start(), errand.who,
            size=self._size, memory=self._memory, smooth=conform.get("motion", False),
        )  # fmt: skip
        recipe = {
            "service": "Wan2GP (WanGP) by DeepBeepMeep",
            "model": way.model,
            "profile": self.profile.id,
            "seed": settings["seed"],
            "locked": locked_digest(settings),
            "settings_version": defaults.get("settings_version", ""),
            "parts": len(self.spans),
            **({"size": list(self._size)} if all(self._size) else {}),
            **({"memory_profile": self._memory} if self._memory else {}),
        }
        return self.desks.made(errand, settings, recipe, number), recipe

    def _start(self) -> str:
        """What the server calls the picture the next part begins with; "" for none."""
        before = self.parts[-1] if self.parts else _shown_before(self.errand, self.picture)
        return send_file(self.errand, self._still(self.errand, before)) if before else ""

    def _fetched(self, items: tuple[Item, ...]) -> Path:
        item = next((each for each in items if each.media == "video"), items[-1])
        fetched: Fetched = fetch_item(self.errand, item)
        return fetched.path.replace(_part(self.errand, len(self.parts)))


def _shown_before(errand: Errand, picture: Picture) -> Path | None:
    return errand.path_of(picture.start) if picture.start is not None else None


def _part(errand: Errand, number: int) -> Path:
    return errand.ticket.folder / f"part_{number}"


def _onward(profile: Profile) -> Profile | None:
    return profiles()[profile.onward] if profile.onward else None


def _gain(onward: Profile | None) -> float:
    """Seconds that one more part adds, at most."""
    return onward.longest_clip - 1 / onward.fps if onward is not None else 0.0
