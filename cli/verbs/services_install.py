# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director services install``: a service's own installation, step by step, on a yes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core.database import user_data_folder
from ...core.errors import InputError
from ...core.helper_environment import LIBRARIES, helper_home
from ...core.installation import (
    GPUS,
    SYSTEMS,
    Command,
    Installation,
    Machine,
    installations,
    this_system,
)
from ...core.library_leases import old_homes, remove_home
from ..commands import Commands, RealCommands, shown
from ..installing import Steps
from ..source import add_json
from ..verb import DONE, FAILED, Call, Verb

SCHEMA = "movie-director/installation-plan@1"
_LOG = "movie-director-service.log"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="which; without it, all are listed")
    parser.add_argument("--folder", metavar="DIR", help="where to install it (default: your data)")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    parser.add_argument("--yes", action="store_true", help="yes to the steps that are shown")
    parser.add_argument("--no-start", action="store_true", help="install it, and do not start it")
    parser.add_argument("--gpu", choices=("auto", *GPUS), default="auto", help="which card it uses")
    parser.add_argument(
        "--system", choices=SYSTEMS, help="with --dry-run: as it would be on another system"
    )
    add_json(parser, f"the steps, schema {SCHEMA},")


def _run(call: Call) -> int:
    return install(call, RealCommands())


def install(call: Call, commands: Commands) -> int:
    """Show what there is to do, and do it on a yes; what was done before is left alone.

    Raises:
        InputError: there is no such service, or it cannot run here.
        StorageFull: there is no room for it.
        ServiceError: a step failed.
    """
    args = call.args
    known = installations()
    if args.name is None:
        _list(call, known.values())
        return DONE
    _check(args, known)
    machine = _machine(args.gpu, args.system or this_system(), commands)
    folder = Path(args.folder).absolute() if args.folder else _home(args.name)
    mine = known[args.name].on(machine, folder)
    steps = Steps(mine, folder, commands, call.desk.note)
    to_do = steps.to_do
    start = () if args.no_start else mine.start
    missing = mine.missing(machine)
    older = old_homes() if args.name == LIBRARIES and not args.folder else ()
    _show(call, mine, folder, to_do, start, missing, machine)
    for home in older:
        call.desk.say(
            f"then libraries of another version are removed, if nothing uses them: {home}"
        )
    if args.dry_run:
        return DONE
    if missing:
        raise InputError(
            f"{mine.title} needs programs that are not here.",
            remedy="Install what is named above first; it is yours to do.",
        )
    steps.check_room(machine.gpu)
    if not args.yes and not _agreed(call):
        call.desk.note("Nothing was run.")
        return FAILED
    steps.run()
    if older:
        _remove(call, older)
    _start(call, mine, start, folder, commands)
    return DONE


def _check(args: argparse.Namespace, known: Mapping[str, Installation]) -> None:
    """See that what is asked for can be had.

    Raises:
        InputError: it cannot.
    """
    if args.name not in known:
        raise InputError(
            f"There is no installation called '{args.name}'.",
            remedy=f"There are: {', '.join(known)}.",
        )
    if args.system not in (None, this_system()) and not args.dry_run:
        raise InputError(
            "Another system's steps can only be shown.", remedy="Add --dry-run, or leave --system."
        )


def _remove(call: Call, older: Sequence[Path]) -> None:
    """Remove libraries of other versions; what cannot be removed is told, and stays."""
    for home in older:
        try:
            told = "Removed" if remove_home(home) else "In use, so it stays"
        except OSError as error:
            told = f"Could not be removed ({error.strerror or error}): delete it by hand"
        call.desk.say(f"{told}: {home}")


def _list(call: Call, known: Any) -> None:
    for each in known:
        call.desk.say(f"{each.id}: {each.title}, {each.does}")
    call.desk.data({"schema": SCHEMA, "services": [each.id for each in known]})


def _home(name: str) -> Path:
    if name == LIBRARIES:
        return helper_home()
    return user_data_folder() / "movie-director" / "services" / name


def _machine(gpu: str, system: str, commands: Commands) -> Machine:
    """This machine, or what one would find on another system."""
    gpu = _gpu(gpu, system, commands)
    if system != this_system():
        return Machine(system=system, gpu=gpu, find=commands.find)
    return Machine(system=system, gpu=gpu, find=commands.find, answers=commands.answers)


def _gpu(asked: str, system: str, commands: Commands) -> str:
    """The kind of card: told, else by the programs its driver brings."""
    if asked != "auto":
        return asked
    if system == "macos":
        return "apple"
    if commands.find("nvidia-smi"):
        return "nvidia"
    return "amd" if commands.find("rocminfo") else "none"


def _show(
    call: Call,
    mine: Installation,
    folder: Path,
    to_do: list[Command],
    start: tuple[Command, ...],
    missing: tuple[str, ...],
    machine: Machine,
) -> None:
    desk, system = call.desk, machine.system
    desk.data(_json(mine, folder, to_do, start, missing, machine))
    desk.say(f"{mine.title} by {mine.made_by} ({mine.licence}), {mine.website}")
    desk.say(f"  {mine.does}")
    desk.say(f"  as its makers say: {mine.source}")
    desk.say(f"  into {folder}")
    if to_do and mine.disk_gb[machine.gpu]:
        desk.say(f"  takes about {mine.disk_gb[machine.gpu]} GB, without its models")
    for each in missing:
        desk.say(f"  first, by yourself: {each}")
    for number, command in enumerate(to_do, 1):
        desk.say(f"{number}. {command.do}")
        desk.say(f"   {shown(command.run, system)}")
    if not to_do:
        desk.say("everything is installed already")
    for command in start:
        desk.say(f"then it is started, at {mine.address}")
        desk.say(f"   {shown(command.run, system)}")
    for note in mine.notes:
        desk.say(f"note: {note}")


def _json(
    mine: Installation,
    folder: Path,
    to_do: list[Command],
    start: tuple[Command, ...],
    missing: tuple[str, ...],
    machine: Machine,
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "name": mine.id,
        "title": mine.title,
        "folder": str(folder),
        "system": machine.system,
        "gpu": machine.gpu,
        "disk_gb": mine.disk_gb[machine.gpu],
        "missing": list(missing),
        "steps": [
            {"do": each.do, "run": list(each.run), "in": each.folder, "done": each not in to_do}
            for each in mine.steps
        ],
        "start": [list(each.run) for each in start],
        "address": mine.address,
    }


def _agreed(call: Call) -> bool:
    """Whether a person at a terminal said yes; nobody there has not."""
    if not sys.stdin.isatty():
        call.desk.note("There is nobody to ask: say --yes to have these steps run.")
        return False
    call.desk.note("Run these steps? Type yes:")
    return sys.stdin.readline().strip().lower() in ("yes", "y")


def _start(
    call: Call, mine: Installation, start: tuple[Command, ...], folder: Path, commands: Commands
) -> None:
    if start and commands.listens(mine.address):
        call.desk.say(f"Something answers at {mine.address} already: nothing more was started.")
        call.desk.say("what it is: movie-director services")
        return
    for command in start:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / _LOG
        number = commands.start(command.run, folder, log)
        call.desk.say(f"{mine.title} was started (process {number}); what it says is in {log}")
        call.desk.say(f"whether it is ready: movie-director services, at {mine.address}")


VERB = Verb(
    name="install",
    usage="[NAME] [--dry-run] [--folder DIR] [--gpu KIND] [--yes] [--json]",
    summary="install a service as its makers say, and start it with the right flags",
    about="Show the official installation of a service step by step and, on your yes, run it. What\n"
    "was done before is not done again, so the same command goes on where it stopped, or starts\n"
    "what is installed. Nothing is run without a yes; programs it needs are named, not installed.",
    examples=(
        ("movie-director services install", "what can be installed"),
        ("movie-director services install wan2gp --dry-run", "the steps, without running any"),
        ("movie-director services install kokoro --yes", "install it without asking, and start it"),
    ),
    arguments=_arguments,
    run=_run,
)
