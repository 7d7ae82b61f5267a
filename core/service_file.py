# SPDX-License-Identifier: GPL-3.0-or-later
"""Which services a person named, and how long they have been up: one JSON file of the user's.

It holds addresses and nothing secret: of tokens, only for whom the keyring has one.  Every change is read, made and written in one stroke, so two
programs that change it one after the other lose nothing; a file that cannot be read is set aside.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .address import parse_address
from .database import user_data_folder
from .errors import InputError, StoreError
from .jsonable import readable
from .patience import Operation, Patience

__all__ = ["SCHEMA", "Named", "Services", "Uptime", "change", "load", "services_path"]

log = logging.getLogger(__name__)

SCHEMA = "movie-director/services@1"
_MOST_BYTES, _MOST_PLACES = 2**20, 1000
#: Seconds that a person may give a question: less is no time, more than a week a slip.
LEAST_S, MOST_S = 1.0, 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A place somebody named: an address as ``Address.base`` writes it.

    ``elsewhere`` is the person's yes to asking a machine other than this one.
    """

    address: str
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Uptime:
    """Of ``seen_s`` seconds it was watched since it was first found, it was ready ``up_s``."""

    up_s: float = 0.0
    seen_s: float = 0.0

    @property
    def share(self) -> float:
        """0–1; 1 where it was never watched."""
        return self.up_s / self.seen_s if self.seen_s else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What a person settled about services.  ``ignored`` are usual addresses not to be asked.

    ``tokens`` are the addresses whose token lies in the system's keyring: it is asked for no other,
    since asking may have it ask for a password.  ``waits`` are seconds that a person gives a kind of
    question, where not the usual.
    """

    named: tuple[Named, ...] = ()
    ignored: frozenset[str] = frozenset()
    tokens: frozenset[str] = frozenset()
    waits: Mapping[Operation, float] = field(default_factory=dict)
    uptime: Mapping[str, Uptime] = field(default_factory=dict)

    def with_place(self, address: str, *, elsewhere: bool = False) -> Services:
        """With a place named; again, it takes the new answer."""
        named = tuple(each for each in self.named if each.address != address)
        here = Named(address=address, elsewhere=elsewhere)
        return replace(self, named=(*named, here), ignored=self.ignored - {address})

    def without(self, address: str) -> Services:
        """Without a place; a usual address is not asked any more."""
        named = tuple(each for each in self.named if each.address != address)
        return replace(self, named=named, ignored=self.ignored | {address})

    def with_token(self, address: str, *, kept: bool = True) -> Services:
        """With a note that the keyring has a token for an address, or has none any more."""
        return replace(self, tokens=self.tokens | {address} if kept else self.tokens - {address})

    def with_wait(self, operation: Operation, seconds: float | None) -> Services:
        """With another time for a kind of question; None is the usual one."""
        waits = {name: value for name, value in self.waits.items() if name is not operation}
        return replace(self, waits=waits if seconds is None else {**waits, operation: seconds})

    @property
    def patience(self) -> Patience:
        """How long services are waited for."""
        return Patience(seconds=self.waits)

    def after(self, spent: Mapping[str, Uptime]) -> Services:
        """With more time counted, by address."""
        uptime = dict(self.uptime)
        for address, more in spent.items():
            known = uptime.get(address, Uptime())
            uptime[address] = Uptime(up_s=known.up_s + more.up_s, seen_s=known.seen_s + more.seen_s)
        return replace(self, uptime=uptime)


def services_path() -> Path:
    """The user's file; it may not be there."""
    return user_data_folder() / "movie-director" / "services.json"


def load(path: Path | None = None) -> Services:
    """What the file says; nothing settled where there is none, or none that can be read."""
    path = path or services_path()
    try:
        return _load(path)
    except OSError as error:
        log.warning("The services in '%s' were not read: %s", path, error)
        return Services()


def change(how: Callable[[Services], Services], path: Path | None = None) -> Services:
    """Change what the file says; what it says then.

    Raises:
        StoreError: it cannot be read or written.
    """
    path = path or services_path()
    try:
        services = how(_load(path))
        _write(path, services)
    except OSError as error:
        raise StoreError(
            f"The services could not be written to '{path}' ({error.strerror or error}).",
            remedy="Free some space, or allow writing there.",
        ) from error
    return services


def _load(path: Path) -> Services:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is far too large")
        return _from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Services()
    except (ValueError, RecursionError, InputError) as error:
        aside = path.with_name(f"{path.stem}.unreadable{path.suffix}")
        path.replace(aside)
        log.warning("The services could not be read (%s); the file lies in '%s' now.", error, aside)
        return Services()


def _write(path: Path, services: Services) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with fresh.open("w", encoding="utf-8", newline="\n") as file:
            file.write(readable(_as_json(services)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _as_json(services: Services) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "named": [{"address": n.address, "elsewhere": n.elsewhere} for n in services.named],
        "ignored": sorted(services.ignored),
        "tokens": sorted(services.tokens),
        "waits": {each.value: seconds for each, seconds in services.waits.items()},
        "uptime": {
            address: {"up_s": round(each.up_s, 1), "seen_s": round(each.seen_s, 1)}
            for address, each in sorted(services.uptime.items())
        },
    }


def _from_json(value: Any) -> Services:
    """What is in a file.

    Raises:
        ValueError: it is not of our making, or of a later version's.
        InputError: an address in it is none.
    """
    _demand(isinstance(value, dict) and value.get("schema") == SCHEMA, f"it is not {SCHEMA}")
    named, ignored = value.get("named", []), value.get("ignored", [])
    tokens, uptime = value.get("tokens", []), value.get("uptime", {})
    waits = value.get("waits", {})
    _demand(isinstance(waits, dict), "its times are none")
    lists = (named, ignored, tokens)
    _demand(all(isinstance(each, list) for each in lists), "its places are no list")
    _demand(isinstance(uptime, dict), "its uptimes are none")
    count = sum(len(each) for each in (*lists, uptime))
    _demand(count <= _MOST_PLACES, "it has too many places")
    return Services(
        named=tuple(_named(each) for each in named),
        ignored=frozenset(_address(each) for each in ignored),
        tokens=frozenset(_address(each) for each in tokens),
        waits={Operation(name): _seconds(each) for name, each in waits.items()},
        uptime={_address(name): _uptime(each) for name, each in uptime.items()},
    )


def _named(value: Any) -> Named:
    _demand(isinstance(value, dict), "a place is none")
    return Named(address=_address(value.get("address")), elsewhere=value.get("elsewhere") is True)


def _address(value: Any) -> str:
    _demand(isinstance(value, str), "an address is none")
    return parse_address(value).base


def _seconds(value: Any) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    _demand(known and LEAST_S <= value <= MOST_S, "a time is none")
    return float(value)


def _uptime(value: Any) -> Uptime:
    numbers = [value.get(name) for name in ("up_s", "seen_s")] if isinstance(value, dict) else []
    sound = [float(n) for n in numbers if isinstance(n, int | float) and math.isfinite(n)]
    _demand(len(sound) == 2 and 0 <= sound[0] <= sound[1], "an uptime is none")
    return Uptime(up_s=sound[0], seen_s=sound[1])


def _demand(met: bool, why: str) -> None:
    if not met:
        raise ValueError(why)
