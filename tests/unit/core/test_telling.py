# SPDX-License-Identifier: GPL-3.0-or-later
"""What viewers are told of an action line: everything but the orders to the camera."""

from __future__ import annotations

import pytest
from movie_director.core.telling import told


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("CLOSE ON THE STATION CLOCK, ticking. Midnight.", "The station clock, ticking. Midnight."),
        ("WIDE - THE PLATFORM. The last train pulls in.", "The last train pulls in."),
        ("INSERT - THE TICKET. One way.", "One way."),
        ("INSERT: A LETTER from his mother.", "A letter from his mother."),
        ("CLOSE ON VERA. Lamplight slides.", "Lamplight slides."),
        ("WIDE - A COUNTRY PLATFORM IN FOG. A train.", "A country platform in fog. A train."),
        ("ANGLE ON the door as it opens.", "The door as it opens."),
        ("TRACKING SHOT - the horse runs.", "The horse runs."),
        ("PAN TO: a dog.", "A dog."),
        ("We slowly pan across to the door. It opens.", "The door. It opens."),
        ("КРУПНЫЙ ПЛАН - ВЕРА. Она молчит.", "Она молчит."),
        ("GROS PLAN SUR la lettre.", "La lettre."),
    ],
)
def test_an_order_to_the_camera_is_not_told(written: str, read: str) -> None:
    assert told(written) == read


@pytest.mark.parametrize(
    "written",
    [
        "CLOSE the door!",
        "PUSH the car!",
        "Wide open eyes.",
        "Pan is dead.",
        "We see that he is gone.",
        "Rain. Under the lamp stands a man.",
    ],
)
def test_words_that_only_look_like_orders_stay(written: str) -> None:
    assert told(written) == written


@pytest.mark.parametrize("written", ["CLOSE ON VERA.", "Close on Ben.", "BACK TO SCENE", ""])
def test_an_action_that_only_orders_tells_nothing(written: str) -> None:
    assert told(written) == ""


def test_people_are_named_as_their_nodes_are() -> None:
    said = told("OSKAR (60s) follows VERA. OSKARSSON stays.", ("Oskar", "Vera"))
    assert said == "Oskar (60s) follows Vera. OSKARSSON stays."
