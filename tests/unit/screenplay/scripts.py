"""Scripts the tests share: the examples, and a feature of any length."""

from __future__ import annotations

import pathlib
import random

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
DATA = ROOT / "tests" / "data" / "screenplays"

_NAMES = ["ANNA", "BORIS", "CLARA VOSS", "DMITRI", "EVA", "FRANK", "GRETA", "HUGO"]
_PLACES = ["KITCHEN", "STATION", "STREET", "OFFICE", "FOREST", "BAR", "ROOF", "CAR"]
_ACTION = [
    "She crosses the room and looks at the old letter on the table, then out of the window.",
    "Rain falls on the empty street.",
    "A door slams somewhere below.",
    "NAME waits, turning a coin over and over between two fingers.",
]
_LINES = [
    "I never said that. You know I never said that.",
    "Then who did?",
    "It does not matter any more.",
    "Please. Sit down and tell me everything you remember about that night.",
]


def feature(pages: int) -> str:
    """A screenplay of about ``pages`` pages of 54 lines, the same every time."""
    chance = random.Random(5)
    parts = ["Title: Long Film\nAuthor: Nobody"]
    lines = 0
    while lines < pages * 54:
        time = chance.choice(["DAY", "NIGHT", "LATER"])
        where = f"{chance.choice(_PLACES)} {chance.randint(1, 9)}"
        parts.append(f"{chance.choice(['INT', 'EXT'])}. {where} - {time}")
        pair = chance.sample(_NAMES, 2)
        for _ in range(chance.randint(4, 9)):
            action = chance.choice(_ACTION).replace("NAME", chance.choice(_NAMES).title())
            parts.append(action)
            lines += len(action) // 60 + 2
            for who in pair:
                said = chance.choice(_LINES)
                parts.append(f"{who}\n{said}")
                lines += len(said) // 35 + 3
    return "\n\n".join(parts) + "\n"
