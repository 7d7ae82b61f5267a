# SPDX-License-Identifier: GPL-3.0-or-later
"""How a kind of node is declared: its sockets, its parameters, and how it becomes work.

A declaration is plain data plus one function, ``lower``.  Blender's classes, the
JSON schema, the command line's checks and the reference page are all made from
it, so a fact about a node type is written once.  What kinds there are is not
known here: ``node_types`` holds one file for each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from .errors import GraphError
from .kinds import KINDS
from .step import Kind

if TYPE_CHECKING:
    from .compile.lowering import Lowering

__all__ = ["Catalogue", "NodeType", "Param", "ParamKind", "Socket", "is_text", "six_digits"]

#: text: one line · lines: many lines · textblock: many lines, kept as a text in Blender ·
#: path: one file · folder: one folder · paths, names, palette: lists of strings
ParamKind = Literal[
    "text", "lines", "textblock", "int", "float", "bool", "choice",
    "path", "folder", "paths", "names", "palette",
]  # fmt: skip

_LISTS = frozenset({"paths", "names", "palette"})
_STRINGS = frozenset({"text", "lines", "textblock", "path", "folder"})
#: Blender keeps integers in 32 bits.
_INT_LIMIT = 2**31 - 1


def six_digits(value: float) -> float:
    """``value`` to six significant digits, the precision that survives Blender's 32-bit floats."""
    return float(f"{value:.6g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One parameter of a node type.

    ``affects`` is False for what changes no result (notes, channels): editing it
    makes nothing dirty.  ``maximum`` and ``minimum`` are inclusive, in ``unit``.
    """

    name: str
    kind: ParamKind
    default: Any
    doc: str
    label: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[tuple[str, str], ...] = ()  # (id, label)
    affects: bool = True

    @property
    def title(self) -> str:
        """The label people read."""
        return self.label or self.name.replace("_", " ").capitalize()

    def check(self, value: Any, *, where: str) -> Any:
        """``value`` in its canonical form: floats to six digits, lists as tuples of strings.

        Raises:
            GraphError: the value is of the wrong type or outside the limits.
        """
        try:
            return self._coerce(value)
        except (TypeError, ValueError) as error:
            raise GraphError(
                f"The parameter '{self.name}' cannot be {_shown(value)}: {error}.",
                remedy=f"Give {self._expected()}.",
                where=where,
            ) from None

    def _coerce(self, value: Any) -> Any:
        if self.kind in _LISTS:
            return self._strings(value)
        if self.kind in _STRINGS:
            return self._string(value)
        if self.kind == "bool":
            if not isinstance(value, bool):
                raise TypeError("it is not true or false")
            return value
        if self.kind == "choice":
            if value not in {choice for choice, _ in self.choices}:
                raise ValueError("there is no such choice")
            return value
        return self._number(value)

    def _number(self, value: Any) -> int | float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("it is not a number")
        if _is_endless(value):
            raise ValueError("it is out of all bounds")
        if not math.isfinite(value):
            raise ValueError("it is not finite")
        if self.kind == "int" and (value != int(value) or abs(value) > _INT_LIMIT):
            raise ValueError("it is not a whole number of 32 bits")
        if self.minimum is not None and value < self.minimum:
            raise ValueError(f"it is below {self.minimum:g}")
        if self.maximum is not None and value > self.maximum:
            raise ValueError(f"it is above {self.maximum:g}")
        return int(value) if self.kind == "int" else six_digits(float(value))

    def _string(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError("it is not text")
        if not is_text(value):
            raise ValueError("it holds a NUL character or half a character")
        if self.kind in ("text", "path", "folder") and "\n" in value:
            raise ValueError("it has more than one line")
        return value

    def _strings(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise TypeError("it is not a list")
        for item in value:
            if not isinstance(item, str):
                raise TypeError("an item is not text")
            if not is_text(item) or "\n" in item:
                raise ValueError("an item holds a line break, a NUL or half a character")
            if self.kind == "palette" and not _is_colour(item):
                raise ValueError(f"{item!r:.20} is not a colour like #a0b1c2")
        return tuple(value)

    def _expected(self) -> str:
        if self.kind == "choice":
            return "one of " + ", ".join(choice for choice, _ in self.choices)
        limits = [
            f"{word} {bound:g}"
            for word, bound in (("from", self.minimum), ("to", self.maximum))
            if bound is not None
        ]
        noun = {
            "int": "a whole number", "float": "a number", "bool": "true or false",
            "palette": "a list of colours like #a0b1c2", "paths": "a list of files",
            "names": "a list of names",
        }.get(self.kind, "text")  # fmt: skip
        return " ".join([noun, *limits, self.unit]).strip()


def _shown(value: Any) -> str:
    """The beginning of what was given; Python spells no number of more than 4300 digits."""
    if _is_endless(value):
        return "such a number"
    return f"{value!r:.80}"


def _is_endless(value: Any) -> bool:
    """Whether it is an integer beyond what a float can hold (1024 bits)."""
    return isinstance(value, int) and value.bit_length() > 1000


def is_text(text: str) -> bool:
    """Whether it can be written to any file: no NUL, and no half of a UTF-16 pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _nothing(params: Mapping[str, Any]) -> Collection[Kind]:
    """Needs no service."""
    del params
    return ()


def _is_colour(text: str) -> bool:
    return (
        len(text) == 7 and text[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in text[1:])
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """One input or output of a node type.  ``name`` is its identity in files."""

    name: str
    kind: str
    doc: str = ""
    label: str = ""
    multi: bool = False  #: inputs only: takes several links, in order
    accepts: tuple[str, ...] = ()  #: kinds it takes; empty means its own kind alone

    @property
    def title(self) -> str:
        """The label people read."""
        return self.label or self.name.replace("_", " ").capitalize()

    def takes(self, kind: str) -> bool:
        """Whether a link from an output of ``kind`` makes sense here."""
        return kind in (self.accepts or (self.kind,))


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeType:
    """A kind of node.

    ``lower`` turns one node into steps and into what its outputs carry; see
    ``core.compile.lowering``.  None means: no work, the outputs carry the
    parameters and what is linked.  ``id`` is the stem of the declaring file and is
    written into users' files; a renamed type lists its old ids in ``was``.  ``needs`` says, of a
    node's parameters, which kinds of work it asks services for: where nobody does one of them, the
    node is shown grey.
    """

    label: str
    doc: str
    category: str
    icon: str  #: a Blender icon name
    inputs: tuple[Socket, ...] = ()
    outputs: tuple[Socket, ...] = ()
    params: tuple[Param, ...] = ()
    lower: Callable[[Lowering], Mapping[str, Any]] | None = None
    needs: Callable[[Mapping[str, Any]], Collection[Kind]] = _nothing
    version: int = 1
    was: tuple[str, ...] = ()
    id: str = ""
    #: linear RGB of the node's header
    colour: tuple[float, float, float] = (0.25, 0.25, 0.25)
    by_name: Mapping[str, Param] = field(init=False, repr=False, compare=False)
    input_by_name: Mapping[str, Socket] = field(init=False, repr=False, compare=False)
    output_by_name: Mapping[str, Socket] = field(init=False, repr=False, compare=False)
    defaults: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        put = object.__setattr__  # frozen: these are derived once, here
        put(self, "by_name", {param.name: param for param in self.params})
        put(self, "input_by_name", {socket.name: socket for socket in self.inputs})
        put(self, "output_by_name", {socket.name: socket for socket in self.outputs})
        put(self, "defaults", {param.name: param.default for param in self.params})
        unknown = {s.kind for s in (*self.inputs, *self.outputs)} - KINDS.keys()
        if unknown:
            raise ValueError(f"node type {self.label!r} names unknown socket kinds {unknown}")

    def check(self, params: Mapping[str, Any], *, where: str) -> dict[str, Any]:
        """The given parameters in canonical form; parameters left out stay left out.

        Raises:
            GraphError: one is unknown, of the wrong type or outside its limits.
        """
        by_name = self.by_name
        unknown = sorted(params.keys() - by_name.keys())
        if unknown:
            raise GraphError(
                f"A {self.label} node has no parameter '{unknown[0]}'.",
                remedy="It has: " + ", ".join(by_name) + ".",
                where=where,
            )
        return {name: by_name[name].check(value, where=where) for name, value in params.items()}


class Catalogue(dict[str, NodeType]):
    """Every node type by id; old ids (``was``) find their successors."""

    def __init__(self, types: Mapping[str, NodeType]) -> None:
        super().__init__(types)
        self._renamed = {old: new.id for new in types.values() for old in new.was}

    def current(self, id: str) -> str:
        """The id in use today for ``id``, which may be an old one."""
        return self._renamed.get(id, id)
