# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Gradio app says of itself in ``/config``: endpoints with labelled inputs and outputs.

That is how an app is known, whatever port it listens on.  All of it is a server's word: sizes and
types are checked, and what is odd makes it an app that nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from ...core.errors import BadAnswer, ServiceRefused, Unauthorised
from ...core.patience import Operation
from .._http import Ask, Http

__all__ = ["Endpoint", "Field", "Page", "page_at", "read_page"]

#: Endpoints and components of an app at most; Wan2GP has 179 of the first.
_MOST = 20_000
#: From this version on an app speaks the protocol that gradio_client speaks.
_CLIENTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """An input or output: ``kind`` is Gradio's name of the component, in lower case."""

    kind: str
    label: str
    placeholder: str
    value: Any
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None

    @property
    def shown(self) -> Any:
        """What a browser would send: an empty box of text is no nothing."""
        return "" if self.value is None and self.kind == "textbox" else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A function of the app: its ``number``, and its ``name`` where it has one."""

    number: int
    name: str
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its inputs."""
        return tuple(field.kind for field in self.inputs)

    @property
    def gives(self) -> tuple[str, ...]:
        """The kinds of its outputs."""
        return tuple(field.kind for field in self.outputs)

    def values(self, given: Mapping[int, Any]) -> list[Any]:
        """What its inputs get: ``given`` by their place, and what the page shows for the rest."""
        return [given.get(place, field.shown) for place, field in enumerate(self.inputs)]

    def place(self, label: str) -> int | None:
        """The place of the input with that label, or placeholder; None where there is none."""
        for place, field in enumerate(self.inputs):
            if label in (field.label, field.placeholder):
                return place
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An app: its Gradio's ``version``, where its calls begin, what marks this run of it."""

    version: str
    prefix: str
    run: str
    endpoints: tuple[Endpoint, ...]

    @property
    def for_client(self) -> bool:
        """Whether gradio_client speaks its protocol: Gradio 3 had another one."""
        return int(self.version.split(".")[0]) >= _CLIENTS

    def named(self, name: str) -> Endpoint | None:
        """The endpoint of that name."""
        return next((each for each in self.endpoints if each.name == name), None)


def page_at(http: Http) -> Page | None:
    """What the app there says of itself; None where nothing does.

    Raises:
        Unauthorised: it wants to be logged in to.
        ServiceLost: it does not answer.
    """
    ask = Ask(method="GET", path="/config", operation=Operation.HEALTH, accept=(200, 404))
    try:
        answer = http.ask(ask)
        return read_page(answer.json()) if answer.status == 200 else None
    except Unauthorised:
        raise
    except (BadAnswer, ServiceRefused):
        return None


def read_page(value: Any) -> Page | None:
    """The page in a configuration; None where it is none of Gradio's."""
    if not isinstance(value, dict):
        return None
    version, prefix = value.get("version"), value.get("api_prefix") or ""
    components, functions = value.get("components"), value.get("dependencies")
    if not (isinstance(version, str) and re.match(r"\d{1,3}\.\d", version)):
        return None
    if not (isinstance(prefix, str) and re.fullmatch(r"(/\w{1,40})?", prefix)):
        return None
    if not (_listed(components) and _listed(functions)):
        return None
    fields = {each["id"]: _field(each) for each in components if isinstance(each.get("id"), int)}
    endpoints = [_endpoint(place, each, fields) for place, each in enumerate(functions)]
    return Page(
        version=version[:20],
        prefix=prefix,
        run=str(value.get("app_id") or "")[:100],
        endpoints=tuple(each for each in endpoints if each is not None),
    )


def _listed(value: Any) -> TypeGuard[list[dict[str, Any]]]:
    return (
        isinstance(value, list)
        and len(value) <= _MOST
        and all(isinstance(each, dict) for each in value)
    )


def _field(component: Mapping[str, Any]) -> Field:
    props = component.get("props")
    props = props if isinstance(props, dict) else {}
    kind = component.get("type")
    return Field(
        kind=kind.lower()[:50] if isinstance(kind, str) else "",
        label=_text(props.get("label")),
        placeholder=_text(props.get("placeholder")),
        value=props.get("value"),
        choices=_choices(props.get("choices")),
        minimum=_number(props.get("minimum")),
        maximum=_number(props.get("maximum")),
    )


def _endpoint(place: int, function: Mapping[str, Any], fields: Mapping[int, Field]) -> Any:
    """The endpoint of a dependency; None where a page alone can use it."""
    name, number = function.get("api_name"), function.get("id", place)
    inputs, outputs = (
        _fields(function.get("inputs"), fields),
        _fields(function.get("outputs"), fields),
    )
    if inputs is None or outputs is None or not isinstance(number, int):
        return None
    return Endpoint(
        number=number,
        name=name[:200] if isinstance(name, str) else "",
        inputs=inputs,
        outputs=outputs,
    )


def _fields(ids: Any, fields: Mapping[int, Field]) -> tuple[Field, ...] | None:
    if not isinstance(ids, list) or not all(isinstance(id, int) and id in fields for id in ids):
        return None
    return tuple(fields[id] for id in ids)


def _choices(value: Any) -> tuple[str, ...]:
    """Choices are values, or pairs of what is shown and the value."""
    if not isinstance(value, list):
        return ()
    plain = (each[-1] if isinstance(each, Sequence) and not isinstance(each, str) and each else each
             for each in value[:_MOST])  # fmt: skip
    return tuple(each[:1000] for each in plain if isinstance(each, str))


def _text(value: Any) -> str:
    return value[:300] if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    usual = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if usual else None
