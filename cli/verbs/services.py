# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director services``: what can make pictures, voices and sound from here."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ...core import service_file
from ...core.address import parse_address
from ...core.amounts import amount
from ...core.errors import InputError
from ...core.patience import Operation
from ...core.service_file import LEAST_S, MOST_S, Services
from ...core.service_state import State, Watched
from ...core.worker_watch import Seen
from ...studio import Studio
from ..source import add_json
from ..verb import DONE, Call, Verb
from . import services_install, services_test, services_token

#: Seconds that all places together are given to answer.
SCAN_S = 5.0
SCHEMA = "movie-director/services-found@1"
#: What there is to say of a place where nothing went wrong, and nothing is found.
_SILENT = {
    State.UNREACHABLE: (
        "No service that is known here answers.",
        "Start it, or correct its address: --remove takes this one away.",
    ),
    State.CONNECTING: (
        "It takes the call, and has not said yet what it is.",
        "Wait for it to start, or look into its own log.",
    ),
}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--add", metavar="ADDRESS", help="look for a service there from now on")
    parser.add_argument(
        "--elsewhere",
        action="store_true",
        help="with --add: yes, that is another machine, and what a film needs may be sent there",
    )
    parser.add_argument("--remove", metavar="ADDRESS", help="do not look there any more")
    parser.add_argument(
        "--wait",
        metavar="WHAT=SECONDS",
        help="from now on give such a question so long: health, submit, short (a picture, a line, a "
        "sound), video, language or training; 'video=' is as usual again",
    )
    add_json(parser, f"what was found, schema {SCHEMA},")


def _run(call: Call) -> int:
    args = call.args
    if args.remove is not None:
        address = parse_address(args.remove).base
        service_file.change(lambda known: known.without(address))
        call.desk.note(f"{address} is not asked any more")
    if args.elsewhere and args.add is None:
        raise InputError(
            "--elsewhere says nothing without an address.",
            remedy="Name the other machine: --add https://gpu.lan --elsewhere.",
        )
    if args.add is not None:
        _add(call, args.add, args.elsewhere)
    if args.wait is not None:
        _wait(call, args.wait)
    with Studio.open() as studio:
        studio.finder.start()
        seen = studio.refresh(SCAN_S)
        settled = studio.finder.settled
    call.desk.data({"schema": SCHEMA, "services": [_json(each, settled) for each in _shown(seen)]})
    if not args.json:
        for line in _lines(seen, settled):
            call.desk.say(line)
    return DONE


def _add(call: Call, text: str, elsewhere: bool) -> None:
    address = parse_address(text)
    if not address.loopback and not elsewhere:
        raise InputError(
            f"{address} is not this machine: what a film needs would be sent there.",
            remedy="Say so with --elsewhere, if you trust that machine and the way to it.",
        )
    service_file.change(
        lambda known: known.with_place(address.base, elsewhere=not address.loopback)
    )
    if not address.loopback and not address.secure:
        call.desk.note("the way there is not encrypted: others on it can read all that is sent")
    call.desk.note(f"if it wants a token: movie-director services token {address}")


def _wait(call: Call, text: str) -> None:
    """Keep another time for a kind of question."""
    what, given, value = text.partition("=")
    kinds = {each.value: each for each in Operation}
    try:
        seconds = float(value) if value else None
        sound = seconds is None or LEAST_S <= seconds <= MOST_S
    except ValueError:
        sound = False
    if what not in kinds or not given or not sound:
        raise InputError(
            f"'{text}' is no time for a kind of question.",
            remedy=f"Write one of {', '.join(kinds)}, '=' and {LEAST_S:g} to {MOST_S:g} seconds, such as "
            "video=7200.",
        )
    settled = service_file.change(lambda known: known.with_wait(kinds[what], seconds))
    call.desk.note(f"{what} is given {settled.patience.of(kinds[what]):g} s from now on")


def _shown(seen: Seen) -> list[Watched]:
    """What a person wants to know of: what was found, what they named, what needs them."""
    quiet = (State.UNREACHABLE, State.CONNECTING, State.UNKNOWN)
    places = sorted(seen.places.values(), key=lambda each: (not each.state.usable, each.address))
    return [each for each in places if each.named or each.state not in quiet]


def _lines(seen: Seen, settled: Services) -> list[str]:
    shown = _shown(seen)
    lines = [line for each in shown for line in _place(each, settled)]
    silent = sorted(seen.places.keys() - {each.address for each in shown})
    if not any(each.state.usable for each in shown):
        lines.append("no service was found: the built-in animatic makes everything")
    if silent:
        lines.append(f"nothing of ours at the usual places: {', '.join(_ranges(silent))}")
    lines.append(f"addresses you name are kept in {service_file.services_path()}")
    return lines


def _ranges(places: Sequence[str]) -> Iterator[str]:
    """Addresses with ports that follow one another as one, "http://127.0.0.1:8188-8191"."""
    known = sorted(parse_address(place) for place in places)
    for number, first in enumerate(known):
        if number and replace(known[number - 1], port=first.port - 1) == known[number - 1]:
            continue
        last = first.port
        while replace(first, port=last + 1) in known:
            last += 1
        yield first.base if last == first.port else f"{first.base}-{last}"


def _place(watched: Watched, settled: Services) -> list[str]:
    service, error = watched.service, watched.error
    if service is None or not watched.state.usable:
        lines = [f"{watched.address}: {watched.state.value}"]
        if error is not None:
            return [*lines, f"  {error.what}", f"  {error.remedy}"]
        return [*lines, *(f"  {line}" for line in _SILENT.get(watched.state, ()))]
    name = f"{watched.name} {service.version}".strip()
    lines = [f"{name} at {watched.address}: {watched.state.value}{_uptime(watched, settled)}"]
    lines.append(f"  makes {', '.join(sorted(service.able)) or 'nothing we use'}")
    if service.lacking:
        lines.append(
            f"  has no model for {', '.join(sorted(service.lacking))}; which files, and from where:"
        )
        lines.append(f"  movie-director workflow check --url {watched.address}")
    facts = [_memory(watched), _counted(len(service.models), "model"), _waiting(watched)]
    lines += [f"  {fact}" for fact in facts if fact]
    note = watched.health.note
    return [*lines, f"  {note}"] if note and note != name else lines


def _memory(watched: Watched) -> str:
    service, health = watched.service, watched.health
    total = health.total_bytes or (service.memory_bytes if service is not None else 0)
    if service is None or not total:
        return ""
    free = f"{amount(health.free_bytes)} of " if health.free_bytes else ""
    return f"{service.gpu or 'memory'}: {free}{amount(total)}{' free' if free else ''}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _waiting(watched: Watched) -> str:
    waiting = watched.health.waiting
    return f"{_counted(waiting, 'piece')} of work there already" if waiting else ""


def _uptime(watched: Watched, settled: Services) -> str:
    known = settled.uptime.get(watched.address)
    return f", up {known.share:.0%} of the time" if known is not None else ""


def _json(watched: Watched, settled: Services) -> dict[str, Any]:
    service, health, error = watched.service, watched.health, watched.error
    known = settled.uptime.get(watched.address)
    found = service is not None and watched.state.usable
    return {
        "address": watched.address,
        "named": watched.named,
        "state": watched.state.name.lower(),
        "what": error.what if error is not None else "",
        "remedy": error.remedy if error is not None else "",
        "executor": service.executor if service is not None else "",
        "name": service.name if service is not None else "",
        "version": service.version if service is not None else "",
        "makes": sorted(service.able) if service is not None and found else [],
        "models": list(service.models) if service is not None and found else [],
        "loaded": sorted(health.loaded),
        "waiting": health.waiting,
        "free_bytes": health.free_bytes,
        "total_bytes": health.total_bytes
        or (service.memory_bytes if service is not None and found else 0),
        "uptime": round(known.share, 4) if known is not None else None,
    }


VERB = Verb(
    name="services",
    usage="[--add ADDRESS [--elsewhere]] [--remove ADDRESS] [--json]",
    summary="show which services were found, how they are, and what to do where one is not",
    about="ComfyUI, Wan2GP and other servers make pictures, voices and sound. They are looked for on\n"
    "this machine, at their usual places and at those you name, and known by what they say, not\n"
    "by their port. Another machine is asked only if you name it with --elsewhere. Whoever can\n"
    "reach such a server can use it: let it listen on this machine alone, or behind a password.\n"
    "Set MOVIE_DIRECTOR_SERVICES=off to look for none.",
    examples=(
        ("movie-director services", "what is there"),
        ("movie-director services --add 127.0.0.1:8189", "a second ComfyUI on this machine"),
        ("movie-director services --add https://gpu.lan --elsewhere", "one on another machine"),
    ),
    arguments=_arguments,
    run=_run,
    parts=(services_test.VERB, services_token.VERB, services_install.VERB),
)
