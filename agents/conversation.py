# SPDX-License-Identifier: GPL-3.0-or-later
"""What was said with a language model about a script, kept as a value and as a file.

A conversation outlives the program: the next wish goes on where the last one ended.  It lies
beside the film, never in a .blend, and holds words alone: no token, no address.  What is read
back is checked like anything else; a file that cannot be used is set aside, never overwritten.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..core.jsonable import readable
from ..core.store.files import translated

__all__ = ["SCHEMA", "Conversation", "Turn", "load", "save"]

log = logging.getLogger(__name__)

SCHEMA = "movie-director/conversation@1"
#: Larger than years of wishes.  The oldest turns go first where there are more.
_MOST_BYTES, _MOST_TURNS, _MOST_LETTERS = 16 * 2**20, 1000, 2**20
_ROLES = ("user", "assistant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """``role`` is user or assistant; ``model`` wrote it, "" for a person's."""

    role: str
    content: str
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """``proposal`` is the last answer's change, as long as nobody accepted or replaced it."""

    turns: tuple[Turn, ...] = ()
    proposal: Mapping[str, Any] | None = None

    def with_answer(
        self, wish: str, answer: str, model: str, proposal: Mapping[str, Any] | None
    ) -> Conversation:
        """Gone on by a wish and what was answered."""
        more = (
            Turn(role="user", content=wish),
            Turn(role="assistant", content=answer, model=model),
        )
        return Conversation(turns=(*self.turns, *more)[-_MOST_TURNS:], proposal=proposal)

    def settled(self) -> Conversation:
        """Without an open proposal."""
        return replace(self, proposal=None)

    def messages(self) -> list[dict[str, str]]:
        """The turns as language servers take them."""
        return [{"role": turn.role, "content": turn.content} for turn in self.turns]


def load(path: Path) -> Conversation:
    """The conversation in a file; a new one where there is none, or none that can be used.

    Raises:
        StoreError: it is there and cannot be read at all.
    """
    with translated(path):
        try:
            if path.stat().st_size > _MOST_BYTES:
                raise ValueError("it is far too large")
            return _from_json(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Conversation()
        except (ValueError, RecursionError) as error:
            aside = path.with_name(f"{path.stem}.unreadable{path.suffix}")
            path.replace(aside)
            log.warning(
                "The conversation could not be read (%s); the file lies in '%s' now.", error, aside
            )
            return Conversation()


def save(conversation: Conversation, path: Path) -> None:
    """Keep it, whole or not at all; makes the folder.

    Raises:
        StoreError: it cannot be written.
    """
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with fresh.open("w", encoding="utf-8", newline="\n") as file:
                file.write(readable(_as_json(conversation)))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def _as_json(conversation: Conversation) -> dict[str, Any]:
    turns = [
        {
            "role": turn.role,
            "content": turn.content,
            **({"model": turn.model} if turn.model else {}),
        }
        for turn in conversation.turns
    ]
    return {"schema": SCHEMA, "turns": turns, "proposal": conversation.proposal}


def _from_json(value: Any) -> Conversation:
    _demand(isinstance(value, dict) and value.get("schema") == SCHEMA, f"it is not {SCHEMA}")
    turns, proposal = value.get("turns"), value.get("proposal")
    _demand(isinstance(turns, list) and len(turns) <= _MOST_TURNS, "its turns are none")
    _demand(proposal is None or isinstance(proposal, dict), "its proposal is none")
    return Conversation(turns=tuple(_turn(each) for each in turns), proposal=proposal)


def _turn(value: Any) -> Turn:
    _demand(isinstance(value, dict) and value.get("role") in _ROLES, "a turn is none")
    content, model = value.get("content"), value.get("model", "")
    _demand(isinstance(content, str) and len(content) <= _MOST_LETTERS, "a turn has no words")
    _demand(isinstance(model, str) and len(model) <= 200, "a turn's model is none")
    return Turn(role=value["role"], content=content, model=model)


def _demand(met: bool, why: str) -> None:
    if not met:
        raise ValueError(why)
