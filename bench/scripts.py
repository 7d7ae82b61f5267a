# SPDX-License-Identifier: GPL-3.0-or-later
"""Screenplays of any length for benchmarks: the same text for the same length, every time."""

from __future__ import annotations

__all__ = ["screenplay"]

#: Two places, however long the film: a place needs memory of its own, and films that are
#: compared should differ in length alone.
PLACES = ("EXT. RAILWAY PLATFORM - NIGHT", "INT. WAITING ROOM - NIGHT")
ACTIONS = (
    "Rain on the roof. A clock ticks. NORA counts the coins in her hand.",
    "The door opens. IVAN comes in, his coat wet, and does not sit down.",
    "A train passes without stopping. Its light crosses their faces.",
    "She puts the cup down. Footsteps on gravel come nearer outside.",
)
LINES = (
    ("NORA", "You said the last one leaves at midnight."),
    ("IVAN", "I said it used to. Nobody has asked in years."),
    ("NORA", "Then why is the light still on?"),
    ("IVAN", "Because somebody has to be here when they come back."),
    ("NORA", "And if they do not?"),
    ("IVAN", "Then I will have had a quiet night, and so will you."),
)
#: Seconds one scene comes to, measured.
SCENE_S = 34.0


def screenplay(seconds: float) -> str:
    """A Fountain screenplay that becomes a film of about ``seconds``."""
    scenes = max(1, round(seconds / SCENE_S))
    parts = ["Title: Benchmark", ""]
    for number in range(scenes):
        parts += [f"{PLACES[number % len(PLACES)]} #{number + 1}#", ""]
        for index in range(4):
            at = number * 4 + index
            speaker, line = LINES[at % len(LINES)]
            answer, reply = LINES[(at + 1) % len(LINES)]
            parts += [ACTIONS[at % len(ACTIONS)], "", speaker, f"{line} Number {at + 1}.", ""]
            parts += [answer, reply, ""]
    return "\n".join(parts)
