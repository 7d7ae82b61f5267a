# SPDX-License-Identifier: GPL-3.0-or-later
"""What a film lacks to be made as asked, and the command or link that mends each thing.

The film is compiled as for a plan, but no stand-in counts as enough and a missing file stops
nothing: everything that is missing is told at once.  Works with no service at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..core.compile import Files, compile_graph, outputs_of
from ..core.compile.lowering import FileRef
from ..core.digest import text_digest
from ..core.errors import InputError, MovieDirectorError
from ..core.executor import Want
from ..core.graph import Graph
from ..core.installation import installations
from ..core.lack import Diagnosis, Lack, Lacks, gathered
from ..core.lack_of_step import Ward, state_lacks
from ..core.step import Kind, NodeId, Option, Service, Step
from ..studio import Studio

__all__ = ["diagnose", "doctor"]

#: Seconds that all places together are given to answer.
SCAN_S = 5.0


def doctor(graph: Graph, folder: str | Path, *, base: str | Path = ".") -> Diagnosis:
    """What is missing for making the film as asked; asks the services that there are.

    Args:
        folder: where its results lie, for the room on that disk.
        base: the folder that relative paths in the graph are meant from.

    >>> film = new(title="Two Cups")
    >>> shot = film.add("shot", action="A cup.", media="cup.mp4")
    >>> film.link(shot, "shot", "film", "shots")
    >>> [(lack.cause, lack.nodes) for lack in doctor(film.graph, "two_cups_film").missing]
    [('file', ('shot',))]
    """
    with Studio.open() as studio:
        studio.finder.start()
        studio.refresh(SCAN_S)
        return diagnose(studio, graph, Path(folder).absolute(), base=Path(base).absolute())


def diagnose(studio: Studio, graph: Graph, folder: Path, *, base: Path) -> Diagnosis:
    """The same with a studio that is open: its services as they were last seen."""
    missing = [*_files(studio, graph, base), *_room(studio, graph, folder)]
    better: list[Lack] = []
    try:
        outputs = outputs_of(graph, studio.catalogue)
        for output in outputs or ("",):
            for lacks, enough in _steps(studio, graph, base, output):
                (better if enough else missing).extend(lacks)
    except InputError as error:
        where = (NodeId(error.where),) if error.where else ()
        missing.append(Lack(cause="film", what=error.what, fixes=(error.remedy,), nodes=where))
    return Diagnosis(missing=gathered(missing), better=gathered(better))


def _steps(
    studio: Studio, graph: Graph, base: Path, output: str
) -> Iterator[tuple[tuple[Lack, ...], bool]]:
    """What each step of one film lacks, and whether it is made well enough without."""
    wants: list[Want] = []

    def offer(want: Want) -> tuple[Option, ...]:
        # As the executors say it: a stand-in stays one.
        wants.append(want)
        return tuple(way for each in studio.executors.values() for way in each.offer(want))

    def lacks(want: Want, step: Step, service: Service) -> tuple[Lack, ...]:
        executor = studio.executors[service.executor]
        return executor.lacks(want, step, service) if isinstance(executor, Lacks) else ()

    program = compile_graph(
        graph, studio.catalogue, offer=offer, files=_Lenient(base), output=output
    )
    ward = Ward(
        candidates=studio.candidates(program, studio.limits(graph)),
        services=[each for each in studio.services if each.address],
        lacks=lacks,
        installs=_installs(),
        states=tuple(state_lacks(tuple(studio.seen.places.values()))),
    )
    # The compiler asks for offers once for each step, in their order.
    for step, want in zip(program.steps.values(), wants, strict=True):
        yield ward.look(step, want)
    for note in program.notes:
        fixes = (note.remedy.rstrip("."),)
        yield (Lack(cause="file", what=note.what, fixes=fixes, nodes=(note.where,)),), False


class _Lenient:
    """The film's own files, and something in place of those that are missing."""

    def __init__(self, base: Path) -> None:
        self._files = Files(base)

    def __call__(self, path: str) -> FileRef:
        try:
            return self._files(path)
        except OSError:
            # It is told from the node's parameters; here the rest of the film is looked at.
            return FileRef(path=self._files.base / path, content=text_digest(path))


def _files(studio: Studio, graph: Graph, base: Path) -> Iterator[Lack]:
    """The nodes' own files that are not there or cannot be read."""
    files = Files(base)
    for where, node in graph.walk():
        declared = studio.catalogue.get(node.type)
        if declared is None or node.muted:
            continue
        for param in declared.params:
            given = node.params.get(param.name)
            if param.kind not in ("path", "paths") or not param.affects or not given:
                continue
            for path in (given,) if param.kind == "path" else given:
                try:
                    files(path)
                except (OSError, MovieDirectorError) as error:
                    yield _unreadable(path, param.title, error, where)


def _unreadable(path: str, title: str, error: Exception, where: str) -> Lack:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return Lack(
        cause="file",
        what=f"The file '{path}' cannot be read ({why or error}).",
        fixes=(f"Put it there, choose the file again ({title}), or clear the field",),
        nodes=(NodeId(where),),
    )


def _room(studio: Studio, graph: Graph, folder: Path) -> Iterator[Lack]:
    try:
        store = studio.store(graph, folder)
    except MovieDirectorError as error:
        yield Lack(cause="disk", what=error.what, fixes=(error.remedy,))
        return
    try:
        usage = store.usage()
    finally:
        store.close()
    if usage.warning:
        what, _, fix = usage.warning.partition(". ")
        yield Lack(cause="disk", what=f"{what}.", fixes=(fix,))


def _installs() -> Mapping[Kind, tuple[str, ...]]:
    """What can be installed, by kind of work, in the order of their names."""
    found: dict[Kind, list[str]] = {}
    for name, each in installations().items():
        for kind in each.makes:
            found.setdefault(Kind(kind), []).append(name)
    return {kind: tuple(names) for kind, names in found.items()}
