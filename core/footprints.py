# SPDX-License-Identifier: GPL-3.0-or-later
"""The footprint database, read from ``workflows/footprints/*.yaml``.

Every key is checked, and what is wrong is said with file and key.  A user's own file may add to it
and correct it.  Reading that much YAML takes a second, so what was checked is kept
(``kept_values``).  What the values mean: ``footprint``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from .database import user_data_folder
from .errors import InputError
from .footprint import Family, Footprint, Footprints, Memory, Source, Speed
from .footprint_file import check_file, check_own, check_together
from .kept_values import KeptValues
from .step import ModelId
from .yaml_file import read_yaml

__all__ = ["FOLDER", "known_footprints", "load_footprints", "own_footprints_path"]

#: Where the database lies in the package.
FOLDER = Path(__file__).resolve().parent.parent / "workflows" / "footprints"
#: Changes when what is kept changes its form.
_FORM = "1"


@cache
def load_footprints(folder: Path = FOLDER) -> Footprints:
    """The database in ``folder``; read once for each folder.

    Raises:
        InputError: a file is not as it should be; names file and key.
        OSError: a file cannot be read.
    """
    paths = sorted(folder.glob("*.yaml"))
    kept = KeptValues(folder, "footprints", paths, form=_FORM)
    plain = kept.load()
    if plain is None:
        plain = _checked(paths)
        kept.keep(plain)
    return _built(plain)


def own_footprints_path() -> Path:
    """Where a user's own footprints lie; the file may not be there."""
    return user_data_folder() / "movie-director" / "footprints.yaml"


def known_footprints(own: Path | None = None) -> Footprints:
    """The shipped database with the user's own file on top, read again when that changes.

    Raises:
        InputError: the user's file is not as it should be; names the key.
        OSError: a file cannot be read.
    """
    path = own or own_footprints_path()
    try:
        stamp = path.stat().st_mtime_ns
    except (FileNotFoundError, NotADirectoryError):
        return load_footprints()
    return _with_own(path, stamp)


@lru_cache(maxsize=4)
def _with_own(path: Path, stamp: int) -> Footprints:
    del stamp  # part of the key alone
    shipped = load_footprints()
    value = check_own(path.name, read_yaml(path), shipped.families)
    own = _built(_plain([value]))
    given = {ModelId(id): size for id, size in value["bytes"].items()}
    sizes = {
        id: replace(shipped.models[id], bytes=size, why=f"{path.name} says so")
        for id, size in given.items()
        if id in shipped.models
    }
    return Footprints(
        others={id: size for id, size in given.items() if id not in shipped.models},
        models={**shipped.models, **sizes, **own.models},
        families={**shipped.families, **own.families},
    )


def _checked(paths: list[Path]) -> dict[str, Any]:
    if not paths:
        raise InputError(
            "There are no footprint files.", remedy="Install the package again: a part is missing."
        )
    files = {path.name: check_file(path.name, read_yaml(path)) for path in paths}
    check_together(files)
    return _plain(files.values())


def _plain(files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Checked files as one, each source where it is used."""
    families: dict[str, Any] = {}
    models: list[dict[str, Any]] = []
    for file in files:
        families |= {id: _sourced_family(file, family) for id, family in file["families"].items()}
        models += [
            {**model, "source": file["sources"][model["source"]]} for model in file["models"]
        ]
    return {"families": families, "models": models}


def _sourced_family(file: Mapping[str, Any], family: Mapping[str, Any]) -> dict[str, Any]:
    parts = {
        part: {**family[part], "source": file["sources"][family[part]["source"]]}
        for part in ("memory", "seconds")
        if part in family
    }
    return {**family, **parts}


def _built(plain: Mapping[str, Any]) -> Footprints:
    sources: dict[tuple[str, str], Source] = {}

    def source(of: Mapping[str, str]) -> Source:
        key = (of["where"], of["read"])
        return sources.setdefault(key, Source(where=key[0], read=key[1]))

    families = {}
    for id, of in plain["families"].items():
        memory = Memory(**{**of["memory"], "source": source(of["memory"]["source"])})
        speed = of.get("seconds")
        families[id] = Family(
            id=id,
            title=of["title"],
            kind=of["kind"],
            frames_per_latent=of.get("frames_per_latent", 1),
            memory=memory,
            speed=None if speed is None else Speed(**{**speed, "source": source(speed["source"])}),
        )
    models = {
        model["id"]: Footprint(
            id=model["id"],
            family=model["family"],
            role=model["role"],
            bytes=model["bytes"],
            size=model["size"],
            parameters=model["parameters"],
            files=tuple(model.get("files", ())),
            url=model.get("url", ""),
            pickled=model.get("load") == "unpickled",
            measured=model.get("measured", ""),
            why=model.get("why", ""),
            source=source(model["source"]),
        )
        for model in plain["models"]
    }
    return Footprints(models=models, families=families)
