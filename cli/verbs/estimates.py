# SPDX-License-Identifier: GPL-3.0-or-later
"""``movie-director estimates``: what this machine taught about time and memory."""

from __future__ import annotations

import argparse

from ...core.learning import Calibration, Key, Learned, Lesson
from ...core.learning_file import Lessons, as_json
from ..source import add_json
from ..verb import DONE, Call, Verb

#: What stands for "everything" when --reset has no name.
_ALL = ""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--reset",
        metavar="NAME",
        nargs="?",
        const=_ALL,
        help="forget what was learned about a model, a card or a precision; all without NAME",
    )
    add_json(parser, "what was learned, schema movie-director/estimates@1,")


def _run(call: Call) -> int:
    lessons = Lessons()
    if call.args.reset is not None:
        _reset(call, lessons, call.args.reset)
        return DONE
    learned = lessons.learned
    call.desk.data(
        {
            **as_json(learned),
            "file": str(lessons.path),
            "seconds_error": _error_json(learned.seconds_error()),
            "bytes_error": _error_json(learned.bytes_error()),
        }
    )
    if not call.args.json:
        for line in _lines(learned):
            call.desk.say(line)
        call.desk.say(f"kept in {lessons.path}, on this machine alone")
    return DONE


def _reset(call: Call, lessons: Lessons, name: str) -> None:
    before = len(lessons.learned.lessons)
    lessons.change(lambda learned: learned.without(name))
    lessons.flush()
    gone = before - len(lessons.learned.lessons)
    call.desk.data({**as_json(lessons.learned), "file": str(lessons.path), "forgotten": gone})
    if not call.args.json:
        call.desk.say(f"{gone} {'lesson' if gone == 1 else 'lessons'} forgotten")


def _lines(learned: Learned) -> list[str]:
    if not learned.lessons:
        return ["nothing was learned yet: plans use the published figures"]
    lines = [_line(key, lesson) for key, lesson in sorted(learned.lessons.items())]
    for what, error in (("time", learned.seconds_error()), ("memory", learned.bytes_error())):
        if error.samples:
            lines.append(
                f"{what}: plans were off by {error.median:.0%} in the middle, by up to "
                f"{error.ninety:.0%} in nine of ten, {error.samples} in all"
            )
    return lines


def _line(key: Key, lesson: Lesson) -> str:
    about = " ".join(part for part in (key.subject, key.precision, key.size) if part)
    parts = [f"time ×{lesson.seconds_factor:.2f} ({len(lesson.seconds)})"]
    parts.append(f"memory ×{lesson.bytes_factor:.2f} ({len(lesson.peaks)})")
    if lesson.floor:
        parts.append("ran out of memory")
    return f"{key.machine}: {about}: {', '.join(parts)}"


def _error_json(error: Calibration) -> dict[str, float]:
    return {"samples": error.samples, "median": error.median, "ninety": error.ninety}


VERB = Verb(
    name="estimates",
    usage="[--reset [NAME]] [--json]",
    summary="show what this machine taught about time and memory, or forget it",
    about="Plans start from published figures. What your machine needs corrects them: times, peaks\n"
    "of memory, and what ran out of memory. Here they can be read, and forgotten. A factor of\n"
    "1.20 means a fifth more than published; how many samples it stands on is in brackets.",
    examples=(
        ("movie-director estimates", "what was learned, and how far plans are off"),
        ("movie-director estimates --reset wan2.2", "forget it for models of that name"),
        ("movie-director estimates --reset", "start again from the published figures"),
    ),
    arguments=_arguments,
    run=_run,
)
