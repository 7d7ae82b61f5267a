# SPDX-License-Identifier: GPL-3.0-or-later
"""Write at a screenplay with a language model: wish, look at what it proposes, accept.

``propose`` changes nothing but the conversation, which lies beside the film and goes on with
the next wish; ``accept`` is the one that writes the script.  Models and servers are ``ask``'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..agents.conversation import Conversation, load, save
from ..agents.revision import Unfit, applied, difference, form_for, plain, question
from ..core.errors import InputError, ScriptError, StepFailed
from ..core.run import Change
from ..studio import Studio
from .asking import Answer, ask
from .files import FOUNTAINS, save_text

__all__ = ["Proposal", "accept", "propose", "writing_folder"]

_NEW, _CHANGED = "story", "revision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """``after`` is the whole script as proposed; ``diff`` what would change, "" for nothing.

    ``comment`` is what the model says to it; ``model`` and ``why`` are those of ``Answer``.
    """

    script: Path
    after: str
    diff: str
    comment: str
    model: str
    why: str
    left_out: int


def writing_folder(script: str | Path) -> Path:
    """Where a script's conversation and answers lie: ``NAME_writing`` beside it."""
    path = Path(script).absolute()
    return path.with_name(f"{path.stem}_writing")


def propose(
    script: str | Path,
    wish: str,
    *,
    model: str = "",
    seed: int = 1,
    anew: bool = False,
    studio: Studio | None = None,
    on_change: Callable[[Change], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Proposal:
    """A change of ``script`` as ``wish`` asks for it, or a script where there is none yet.

    ``anew`` forgets what was said before.  An answer that quotes what does not stand in the script
    is asked for once more, with what was wrong.  The other arguments and errors are ``ask``'s.

    Raises:
        InputError: the script is not Fountain, or there is no wish.
        StepFailed: the answer cannot be used.
    """
    path, folder = _fountain(script), writing_folder(script)
    if not wish.strip():
        raise InputError("There is no wish.", remedy="Say in a sentence what to write or change.")
    before = _read(path)
    past = Conversation() if anew else load(folder / "conversation.json")
    messages = question(before, wish, past)
    named: Mapping[str, Any] = {
        "folder": folder, "model": model, "seed": seed, "studio": studio,
        "on_change": on_change, "cancelled": cancelled,
    }  # fmt: skip
    task, form = (_CHANGED if before.strip() else _NEW), form_for(before)
    answer = ask(task, messages, form, **named)
    try:
        after = _usable(before, answer.value)
    except Unfit as wrong:
        answer = ask(task, [*messages, *_again(answer, wrong)], form, **named)
        after = _usable_now(before, answer)
    diff = difference(before, after, path.name)
    kept = past.with_answer(wish, answer.text, answer.model, answer.value if diff else None)
    save(kept, folder / "conversation.json")
    return Proposal(
        script=path, after=after, diff=diff, comment=plain(answer.value["comment"]),
        model=answer.model, why=answer.why, left_out=answer.left_out,
    )  # fmt: skip


def accept(script: str | Path) -> Proposal:
    """Write what was proposed last into the script; what was accepted.

    Raises:
        InputError: nothing is open, or the script was changed so that it does not fit any more.
        StoreError: it cannot be written.
    """
    path, place = _fountain(script), writing_folder(script) / "conversation.json"
    kept = load(place)
    if kept.proposal is None:
        raise InputError(
            f"Nothing is proposed for '{path.name}'.", remedy="Say what to change first."
        )
    before = _read(path)
    if "screenplay" in kept.proposal and before.strip():
        raise _outdated(path, "somebody wrote a script there meanwhile.")
    try:
        after = _usable(before, kept.proposal)
    except Unfit as wrong:
        raise _outdated(path, str(wrong)) from wrong
    save_text(after, path)
    save(kept.settled(), place)
    model = next((turn.model for turn in reversed(kept.turns) if turn.model), "")
    return Proposal(
        script=path, after=after, diff=difference(before, after, path.name),
        comment=str(kept.proposal.get("comment", "")), model=model, why="", left_out=0,
    )  # fmt: skip


def _outdated(path: Path, why: str) -> InputError:
    return InputError(
        f"What was proposed does not fit '{path.name}' any more: {why[0].lower()}{why[1:]}",
        remedy="Ask for the change again.",
    )


def _again(answer: Answer, wrong: Unfit) -> list[dict[str, str]]:
    return [
        {"role": "assistant", "content": json.dumps(answer.value, ensure_ascii=False)},
        {"role": "user", "content": f"That cannot be used: {wrong} Give the whole answer again."},
    ]


def _usable_now(before: str, answer: Answer) -> str:
    try:
        return _usable(before, answer.value)
    except Unfit as wrong:
        raise StepFailed(
            f"'{answer.model}' answered twice with what cannot be used. {wrong}",
            remedy="Say it in other words, ask for less at once, or name another model.",
        ) from wrong


def _usable(before: str, proposal: Any) -> str:
    """The script as proposed.

    Raises:
        Unfit: it cannot be made, or is no screenplay.
    """
    from .. import screenplay

    after = applied(before, proposal)
    try:
        elements = screenplay.read(after.encode()).elements
    except ScriptError as error:
        raise Unfit(f"It is no screenplay: {error.what}") from error
    if not any(element.kind == "heading" for element in elements):
        raise Unfit("There is no scene heading in it, such as 'INT. KITCHEN - DAY'.")
    return after


def _fountain(script: str | Path) -> Path:
    path = Path(script).absolute()
    if path.suffix.lower() not in FOUNTAINS:
        raise InputError(
            f"'{path.name}' is not written in Fountain.",
            remedy="Make it so: movie-director script FILM -o film.fountain",
        )
    return path


def _read(path: Path) -> str:
    """The script, "" where there is none yet."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"'{path}' cannot be read as UTF-8 text.", remedy="Save it as UTF-8, and give a file."
        ) from error
