# SPDX-License-Identifier: GPL-3.0-or-later
"""How a service is installed and started on one machine: values, read from what we ship.

Every command is a list of words in a file of ours; what a person gives (a folder) stands as one
word of it and is never read by a shell.  Nothing is run here.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from .errors import InputError
from .helper_environment import pinned_libraries
from .yaml_file import read_yaml
from .yaml_section import Section

__all__ = ["FOLDER", "GPUS", "SYSTEMS", "Command", "Installation", "Machine", "installations",
           "read_installation", "this_system"]  # fmt: skip

FOLDER = Path(__file__).resolve().parent.parent / "workflows" / "installation"
SYSTEMS = ("linux", "windows", "macos")
GPUS = ("nvidia", "amd", "apple", "none")
_SCHEMA = "movie-director/installation@1"
_PROGRAMS = "programs.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command.  ``folder`` is where it runs, ``unless`` a path that says it was done.

    ``leaves`` is a path that must be there still for it to count as done, ``makes`` a folder that
    it makes whole or not at all, and ``clears`` what a broken-off run of it left, taken away first.
    """

    run: tuple[str, ...]
    do: str = ""
    folder: str = ""
    unless: str = ""
    leaves: str = ""
    makes: str = ""
    clears: str = ""
    systems: tuple[str, ...] = SYSTEMS
    gpus: tuple[str, ...] = GPUS

    @property
    def mark(self) -> str:
        """A digest of what it does and where."""
        text = json.dumps([self.run, self.folder])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What it is installed on.  ``find`` gives the path of a program, None where there is none.

    ``answers`` says whether a command runs and ends well; of another machine nobody can tell.
    """

    system: str
    gpu: str
    find: Callable[[str], str | None]
    answers: Callable[[Sequence[str]], bool] = lambda _: True

    def base_python(self, versions: Sequence[str]) -> tuple[str, ...]:
        """The words that run the first of these Pythons that can make another; () where none can.

        Each is asked: a version manager's or launcher's command is there without its Python, and
        some distributions' Pythons come without what makes environments.
        """
        launcher = self.system == "windows" and self.find("py")
        for version in versions:
            found = self.find(f"python{version}")
            words = ("py", f"-{version}") if launcher else (found,) if found else ()
            if words and self.answers((*words, "-c", "import ensurepip, venv")):
                return words
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """How one service is installed; commands are as in the file until ``on`` fills them in.

    ``executor`` is the module that speaks to it, "" where none does; ``makes`` are the kinds of
    step that we can have it do; ``disk_gb`` is the room that its steps take, by card, in GB of
    10^9 bytes; ``why_not`` says why it does not run everywhere.
    """

    id: str
    title: str
    made_by: str
    website: str
    licence: str
    source: str
    does: str
    address: str
    executor: str
    makes: tuple[str, ...]
    disk_gb: Mapping[str, int]
    why_not: str
    systems: tuple[str, ...]
    gpus: tuple[str, ...]
    python: tuple[str, ...]
    needs: tuple[str, ...]
    steps: tuple[Command, ...]
    start: tuple[Command, ...]
    notes: tuple[str, ...]

    def on(self, machine: Machine, folder: Path) -> Installation:
        """The same with this machine's commands alone, their words filled in.

        Raises:
            InputError: it cannot run on such a machine.
        """
        if machine.system not in self.systems or machine.gpu not in self.gpus:
            raise InputError(
                f"{self.title} does not run on {machine.system} with this graphics card"
                f" ({machine.gpu}): {self.why_not}.",
                remedy=f"See {self.website}; it runs on {', '.join(self.systems)}"
                f" with: {', '.join(self.gpus)}.",
            )
        base = machine.base_python(self.python) or (f"python{(*self.python, '')[0]}",)
        words = _words(machine.system, folder)

        def mine(commands: Sequence[Command]) -> tuple[Command, ...]:
            return tuple(
                _filled(command, words, base, folder)
                for command in commands
                if machine.system in command.systems and machine.gpu in command.gpus
            )

        return replace(self, steps=mine(self.steps), start=mine(self.start)[:1])

    def missing(self, machine: Machine) -> tuple[str, ...]:
        """Programs it needs that are not there, each with how to get it."""
        known = _programs()
        missing = [name for name in self.needs if not machine.find(name)]
        told = [f"{name}: {known[name][machine.system]}" for name in missing]
        if self.python and not machine.base_python(self.python):
            how = known["python"][machine.system].replace("{version}", self.python[0])
            told.append(f"Python {' or '.join(self.python)}: {how}")
        return tuple(told)


def installations() -> Mapping[str, Installation]:
    """All that we know how to install, by id.

    Raises:
        InputError: a file is not as it should be.
        OSError: one cannot be read.
    """
    paths = sorted(path for path in FOLDER.glob("*.yaml") if path.name != _PROGRAMS)
    return {path.stem: read_installation(path) for path in paths}


def read_installation(path: Path) -> Installation:
    """The installation in a file.

    Raises:
        InputError: it is not as it should be; names the key and its line.
        OSError: it cannot be read.
    """
    file = Section.of_file(path)
    file.take_choice("schema", (_SCHEMA,))
    found = Installation(
        id=path.stem,
        title=file.take_text("title"),
        made_by=file.take_text("made_by"),
        website=file.take_text("website"),
        licence=file.take_text("licence"),
        source=file.take_text("source"),
        does=file.take_text("does"),
        address=file.take_text("address"),
        executor=file.take_text("executor"),
        makes=file.take_texts("makes", ()),
        disk_gb=_room(file.take_section("disk_gb")),
        why_not=file.take_text("why_not", ""),
        systems=_among(file, "systems", SYSTEMS),
        gpus=_among(file, "gpus", GPUS),
        python=file.take_texts("python", ()),
        needs=file.take_texts("needs", ()),
        steps=tuple(_command(each, named=True) for each in file.take_sections("steps")),
        start=tuple(_command(each, named=False) for each in file.take_sections("start")),
        notes=file.take_texts("notes", ()),
    )
    unknown = set(found.needs) - _programs().keys()
    if unknown:
        raise file.error(("needs",), f"unknown programs: {', '.join(sorted(unknown))}")
    file.end()
    return found


def this_system() -> str:
    """The operating system, as the files name it."""
    return {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")


def _programs() -> Mapping[str, Mapping[str, str]]:
    """How to get each program, by system."""
    value = read_yaml(FOLDER / _PROGRAMS)
    programs: Mapping[str, Mapping[str, str]] = value["programs"]
    return programs


def _command(section: Section, *, named: bool) -> Command:
    run = section.take_texts("run")
    if not run:
        raise section.error(("run",), "a command has words")
    command = Command(
        run=run,
        do=section.take_text("do") if named else "",
        folder=section.take_text("in", ""),
        unless=section.take_text("unless", ""),
        leaves=section.take_text("leaves", ""),
        makes=section.take_text("makes", ""),
        clears=section.take_text("clears", ""),
        systems=_among(section, "systems", SYSTEMS),
        gpus=_among(section, "gpu", GPUS),
    )
    section.end()
    return command


def _room(section: Section) -> Mapping[str, int]:
    """By card; ``others`` stands for those that are not named."""
    others = section.take_whole("others", 0)
    room = {gpu: section.take_whole(gpu, others) for gpu in GPUS}
    section.end()
    return room


def _among(section: Section, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    given = section.take_texts(name, allowed)
    unknown = set(given) - set(allowed)
    if unknown:
        raise section.error((name,), f"not among {', '.join(allowed)}")
    return given


def _words(system: str, folder: Path) -> Mapping[str, str]:
    """What stands for the places in braces: on this system, in this folder."""
    here: PurePath = folder
    scripts = here / "venv" / ("Scripts" if system == "windows" else "bin")
    python = scripts / ("python.exe" if system == "windows" else "python")
    return {
        "folder": str(here),
        "bin": str(scripts),
        "python": str(python),
        "this_python": sys.executable,
        "pins": str(pinned_libraries()),
    }


def _filled(
    command: Command, words: Mapping[str, str], base: tuple[str, ...], folder: Path
) -> Command:
    run: list[str] = []
    for word in command.run:
        run += base if word == "{base_python}" else [_put(word, words)]
    return replace(
        command,
        run=tuple(run),
        folder=_put(command.folder, words) or str(folder),
        unless=_put(command.unless, words),
        leaves=_put(command.leaves, words),
        makes=_put(command.makes, words),
        clears=_put(command.clears, words),
    )


def _put(word: str, words: Mapping[str, str]) -> str:
    for name, value in words.items():
        word = word.replace(f"{{{name}}}", value)
    return word
