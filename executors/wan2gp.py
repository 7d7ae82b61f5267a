# SPDX-License-Identifier: GPL-3.0-or-later
"""Clips, sounds, music and imitated voices by Wan2GP, through its MCP server.

Wan2GP (WanGP) is by DeepBeepMeep, https://github.com/deepbeepmeep/Wan2GP; it runs as a program of
its own, and nothing of it is part of this one.  Its web page is no interface for programs: if only
that runs, the command that starts the other is said.  It keeps its models and their memory itself.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..core.address import parse_address
from ..core.errors import BadAnswer, Incompatible, ServiceLost, ServiceRefused, StepFailed
from ..core.executor import Health, Setup, Want
from ..core.lack import Lack
from ..core.likeness import from_words
from ..core.patience import Operation, Patience
from ..core.step import AMBIENCE, CLIP, MUSIC, SOUND, SPEECH, Fidelity, Option, Service, Step
from ..core.workflow import QUALITIES
from ._http import Ask, Http
from ._service import Errand, Found, Made, Served
from ._service.casting import seed_of
from ._service.errand import Work
from ._service.letter import Letter
from ._wan2gp.chain import begin_clip, jobs, longest_shot, resumed_clip
from ._wan2gp.desk import AT_ONCE, NeverBegun
from ._wan2gp.desks import Desks, plain
from ._wan2gp.following import fetch_item, send_file, still_known
from ._wan2gp.job import Item
from ._wan2gp.mcp import call, greet, tool_names
from ._wan2gp.memory import LEAN, Manner, manners
from ._wan2gp.profiles import Profile, profiles
from ._wan2gp.settings import locked_digest, sound_settings, speech_settings
from ._wording import sound_of, speech_of

__all__ = ["COMMAND", "EXECUTOR", "Wan2GP"]

NAME = "wan2gp"
#: How its MCP server is started; a port of its own, since its default is many programs'.
PORT = 7866
COMMAND = (
    f"python wgp.py --mcp --mcp-transport streamable-http --mcp-host 127.0.0.1 --mcp-port {PORT}"
)
#: What it calls itself over MCP, and in the title of its page.
_NAMES = ("wangp", "wan2gp")
#: Tools without which nothing can be sent or fetched.
_NEEDED = frozenset(
    {"wangp_generate", "wangp_get_job", "wangp_cancel_job", "wangp_get_default_settings"}
    | {"wangp_create_gallery_upload", "wangp_create_gallery_download"}
)
#: Functions behind its page that no other has together.
_LISTENERS = frozenset({"process_prompt_and_add_tasks", "validate_wizard_prompt"})
#: Seconds that asking for models may take: ``identify`` has five in all.
_ASKING_S = 3.0
#: Seconds between two looks at which models were downloaded.
_LOOK_AGAIN_S = 60.0
#: Seconds a job takes beside the work itself: loading, encoding, saving; a first guess.
_START_S = 20.0


#: Offers kept: a film's shots have few lengths.
_REMEMBERED = 2000


class Wan2GP(Served):
    """Makes one thing at a time; what is asked alike at once is handed in together."""

    name = NAME
    title = "Wan2GP"
    usual = (f"127.0.0.1:{PORT}", "127.0.0.1:8000", "127.0.0.1:7860")
    heavy = True
    in_hand = AT_ONCE

    def __init__(self, setup: Setup, patience: Patience | None = None) -> None:
        super().__init__(setup, patience)
        # When its models were last asked for, by address: health is asked by one thread at a time.
        self._looked: dict[str, float] = {}
        self._desks = Desks()
        #: With the profiles they are of, so that no others ever have their id.
        self._offered: dict[tuple[Any, ...], tuple[Mapping[str, Profile], tuple[Option, ...]]] = {}

    def recognise(self, http: Http) -> Found | None:
        """Its MCP server, with the models that are on its disk.

        Raises:
            Incompatible: its web page, or a version without what is needed.
        """
        if _greeted(http).lower() not in _NAMES:
            if _page(http):
                raise _only_a_page(http)
            return None
        missing = _NEEDED - tool_names(http)
        if missing:
            raise Incompatible(
                f"{http.who} is too old: it lacks {', '.join(sorted(missing))}.",
                remedy=f"Update it (git pull in its folder), and start it with: {COMMAND}",
            )
        there = _models(http)
        able = frozenset(each.kind for each in profiles().values() if each.model in there)
        return Found(
            name="Wan2GP (WanGP)", kinds=able, models=tuple(sorted(there)), facts={"models": there}
        )

    def feel(self, http: Http) -> Health:
        """Whether it still greets."""
        if not greet(http):
            raise ServiceLost(f"{http.who} is not there any more.", remedy="Start it again.")
        return Health()

    def health(self, service: Service) -> Health:
        """Whether it greets; now and then, which models are on its disk by now."""
        health, now = super().health(service), time.monotonic()
        found = self._found.get(service.address)
        if found and now - self._looked.get(service.address, 0.0) > _LOOK_AGAIN_S:
            self._looked[service.address] = now
            there = _models(self.http(parse_address(service.address)))
            self._found[service.address] = replace(found, facts={**found.facts, "models": there})
        return health

    def offer(self, want: Want) -> tuple[Option, ...]:
        """The profiles of this quality, then simpler ones; one that the Backend names comes alone.

        Each comes as lean and as small as a card may call for, which costs time, then pixels.
        """
        backend = want.backend
        if backend.get("service", "auto") not in ("auto", self.name):
            return ()
        asked = tuple(backend.get(name) for name in ("template", "quality", "allow_downgrade"))
        there = frozenset(found.facts["models"] for found in self._found.values())
        size = (want.width, want.height, want.seconds)
        key = (want.kind, want.quality, *size, *asked, there, id(profiles()))
        if key not in self._offered:
            self._offered = self._offered if len(self._offered) < _REMEMBERED else {}
            self._offered[key] = (profiles(), self._options(want))
        return self._offered[key][1]

    def _options(self, want: Want) -> tuple[Option, ...]:
        return tuple(
            _option(profile, manner, lower, want)
            for profile, lower in _ways(want)
            if want.seconds <= self._reach(profile)
            for manner in manners(profile, want.width, want.height, want.seconds)
        )

    def refuse(self, step: Step, option: Option, service: Any) -> str | None:
        """Why not; in the first place what the option itself asks for."""
        why = super().refuse(step, option, service)
        if why is not None:
            return why
        profile = profiles().get(option.workflow)
        if profile is None:
            return f"there is no profile '{option.workflow}' any more"
        there = self._found[service.address].facts["models"]
        if profile.model not in there:
            return (
                f"its model '{profile.model}' is not downloaded; use it once on Wan2GP's own page"
            )
        return _unfit(step, profile, there)

    def lacks(self, want: Want, step: Step, service: Service) -> tuple[Lack, ...]:
        """The models that would make it as asked, where none of them is on the server's disk."""
        found = self._found.get(service.address)
        there = found.facts["models"] if found is not None else ()
        asked = [way for way, lower in _ways(want) if not lower]
        fitting = [way for way in asked if _unfit(step, way, {*there, way.model}) is None]
        if found is None or any(way.model in there for way in fitting):
            return ()
        return tuple(
            Lack(
                cause="model",
                what=f"Wan2GP at {service.address} has not downloaded its model '{way.model}'.",
                fixes=("Make something with it once on Wan2GP's own page: that downloads it",),
            )
            for way in fitting[:1]
        )

    def _reach(self, profile: Profile) -> float:
        """Seconds of the longest that a server which was found can make with a profile."""
        on_disk = [found.facts["models"] for found in self._found.values()]
        return max((_longest(profile, there) for there in on_disk), default=_longest(profile, ()))

    def produce(self, errand: Errand, option: Option, found: Found) -> Made:
        """Have it made and fetch it."""
        del found
        return self._made(errand, option)

    def take_up(self, errand: Errand, letter: Letter) -> Work | None:
        """Follow on, as long as the server that has the job runs."""
        if not still_known(errand, letter.job):
            return None
        if errand.kind == CLIP:
            return resumed_clip(errand, self._desks, letter, self.still)

        def go_on() -> Made:
            try:
                items = self._desks.followed(errand, letter)
            except NeverBegun:
                named = str(letter.recipe.get("profile", ""))
                return self._made(errand, Option(executor=self.name, workflow=named))
            return _fetched(errand, items, plain(letter.recipe))

        return go_on

    def _made(self, errand: Errand, option: Option) -> Made:
        named = option.workflow
        profile = profiles().get(named)
        if profile is None:
            raise StepFailed(
                f"There is no profile '{named}' for Wan2GP any more.",
                remedy="Evaluate again, so that another is chosen.",
            )
        if errand.kind == CLIP:
            return begin_clip(errand, self._desks, profile, option, self.still)
        defaults = call(
            errand.http,
            "wangp_get_default_settings",
            {"model_type": profile.model},
            cancel=errand.cancel,
        )
        settings = _settings(errand, profile, defaults)
        recipe = {
            "service": "Wan2GP (WanGP) by DeepBeepMeep",
            "model": profile.model,
            "profile": profile.id,
            "seed": settings["seed"],
            "locked": locked_digest(settings),
            "settings_version": defaults.get("settings_version", ""),
        }
        if errand.kind == SPEECH:
            # The recording is the voice: its content, since its name may change.
            recipe["voice"] = speech_of(errand.inputs).voice["recording"].content
        return _fetched(errand, self._desks.made(errand, settings, recipe), recipe)


def _fetched(errand: Errand, items: tuple[Item, ...], recipe: Mapping[str, Any]) -> Made:
    item = next((each for each in items if each.media == "audio"), items[-1])
    facts = {}
    if errand.kind == SPEECH:
        facts["voice"] = f"Wan2GP, {recipe['model']}, {recipe['voice']}"
    return Made(path=fetch_item(errand, item).path, recipe=recipe, facts=facts)


def _settings(errand: Errand, profile: Profile, defaults: Any) -> dict[str, Any]:
    """What is asked for, its recordings sent first."""
    if errand.kind == SPEECH:
        said = speech_of(errand.inputs)
        recording = send_file(errand, said.voice["recording"].path)
        identity = errand.inputs["speaker"]["identity"] or said.speaker
        return speech_settings(
            defaults, profile, said.text, recording, seed_of(identity), errand.who
        )
    sound = sound_of(errand.kind, errand.inputs, errand.seconds_of)
    return sound_settings(defaults, profile, sound, errand.who)


#: What the discovery looks for.
EXECUTOR = Wan2GP


def _option(profile: Profile, manner: Manner, lower: str, want: Want) -> Option:
    """A profile in one manner; ``lower`` says that it is meant for less than was asked."""
    seconds = _START_S * jobs(profile, want.seconds) + want.seconds * profile.pace * manner.slower
    gives = min(manner.fidelity, Fidelity.LOWER_QUALITY) if lower else manner.fidelity
    return Option(
        executor=NAME,
        workflow=profile.id,
        precision=LEAN if manner.lean else "",
        work_bytes=manner.bytes,
        seconds=round(seconds, 3),
        fidelity=gives,
        note=", ".join(filter(None, (lower, manner.note))),
        # Another memory profile makes the very same picture: nothing a node could forbid.
        allowed=gives.enough or want.backend.get("allow_downgrade", True),
        size=manner.size,
    )


def _ways(want: Want) -> Iterator[tuple[Profile, str]]:
    """The profiles for a wish, best first, with what each gives up, ""."""
    ways = [each for each in profiles().values() if each.kind == want.kind]
    named = want.backend.get("template", "")
    if named:
        yield from ((each, "") for each in ways if each.id == named)
        return
    given = want.backend.get("quality", "project")
    quality = want.quality if given == "project" else given
    yield from ((each, "") for each in ways if not each.qualities or quality in each.qualities)
    for lower in reversed(QUALITIES[: QUALITIES.index(quality)]):
        note = f"{lower} quality instead of {quality}"
        yield from ((each, note) for each in ways if lower in each.qualities)


def _longest(profile: Profile, there: Collection[str]) -> float:
    """Seconds of the longest a server can make with a profile; ``there`` are its models."""
    return longest_shot(profile, there) if profile.kind == CLIP else profile.longest


def _unfit(step: Step, profile: Profile, there: Collection[str]) -> str | None:
    """Why a step is not for this profile on a server with these models."""
    if step.kind == CLIP:
        begins = step.inputs["image"] is not None
        if profile.start == ("no" if begins else "yes"):
            return from_words(step) if begins else "it begins with a picture, and the shot has none"
        most = _longest(profile, there)
        if step.inputs["duration"] > most:
            return f"it makes at most {most:.3g} s of a shot"
    elif step.kind == SPEECH:
        if not (step.inputs["speaker"]["voice"] or {}).get("recording"):
            return "it imitates a recording, and the Voice has none"
    elif step.kind in (SOUND, MUSIC, AMBIENCE):
        wanted = step.inputs.get("seconds") or 0.0
        if wanted > profile.longest:
            return f"it makes at most {profile.longest:g} s at once"
    return None


def _greeted(http: Http) -> str:
    try:
        return greet(http)
    except (BadAnswer, ServiceRefused):
        return ""


def _page(http: Http) -> bool:
    """Whether Wan2GP's own page answers."""
    try:
        answer = http.ask(
            Ask(method="GET", path="/config", operation=Operation.HEALTH, accept=(200, 404, 405))
        )
        config = answer.json() if answer.status == 200 else None
    except (BadAnswer, ServiceRefused):
        return False
    if not isinstance(config, dict):
        return False
    title = str(config.get("title", "")).lower()
    listed = config.get("dependencies")
    called = {
        each.get("api_name")
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and isinstance(each.get("api_name"), str)
    }
    return any(name in title for name in _NAMES) or called >= _LISTENERS


def _only_a_page(http: Http) -> Incompatible:
    return Incompatible(
        f"{http.who} shows its page, which is no interface for programs.",
        remedy=f"Close it, and start it in its folder with: {COMMAND}",
    )


def _models(http: Http) -> frozenset[str]:
    """The profiles' models that are on its disk; one of which it does not know is not."""
    ends, there = time.monotonic() + _ASKING_S, set()
    for model in dict.fromkeys(each.model for each in profiles().values()):
        if time.monotonic() > ends:
            break
        try:
            said = call(
                http,
                "wangp_get_model_availability",
                {"model_type": model},
                operation=Operation.HEALTH,
            )
        except (BadAnswer, ServiceRefused):
            continue
        if isinstance(said, dict) and said.get("status") == "available":
            there.add(model)
    return frozenset(there)
