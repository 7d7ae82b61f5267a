# SPDX-License-Identifier: GPL-3.0-or-later
"""From a heading in a script to the place that is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from movie_director import api
from movie_director.executors._animatic.picture import Setting
from movie_director.executors._animatic.picture.places import kind_of

HEADINGS = {
    "INT. HOSPITAL - ROOM 12 - DAY": "hospital",
    "EXT. HIGHWAY - DAY": "road",
    "EXT. MOUNTAIN ROAD - DAY": "road",
    "INT. STARSHIP BRIDGE - NIGHT": "spaceship",
    "EXT. BROOKLYN BRIDGE - DAWN": "bridge",
    "INT. LAST TRAIN - CARRIAGE - NIGHT": "carriage",
    "INT. SUBWAY CAR - NIGHT": "carriage",
    "INT. POLICE STATION - INTERROGATION ROOM - NIGHT": "prison",
    "INT. POLICE STATION - DAY": "office",
    "EXT. GAS STATION - NIGHT": "road",
    "EXT. TRAIN STATION - DAY": "platform",
    "INT. JOHN'S APARTMENT - LIVING ROOM - DAY": "living_room",
    "INT. HOTEL ROOM 237 - NIGHT": "bedroom",
    "INT. HOTEL LOBBY - DAY": "lobby",
    "INT. COURTROOM - DAY": "lobby",
    "INT. COFFEE SHOP - DAY": "cafe",
    "INT. OFFICE BUILDING - ELEVATOR - DAY": "hallway",
    "INT. CABIN - NIGHT": "living_room",
    "EXT. PARK - BENCH - DAY": "park",
    "EXT. PARKING LOT - NIGHT": "street",
    "INT. AIRPLANE - NIGHT": "plane",
    "INT. AIRPORT TERMINAL - DAY": "airport",
    "INT. LIBRARY - DAY": "library",
    "INT. CAVE - NIGHT": "cave",
    "EXT. ALLEY BEHIND THE BAR - NIGHT": "alley",
    "INT. KITCHEN OF THE RESTAURANT - NIGHT": "kitchen",
    "INT. BUS - DAY": "carriage",
    "EXT. BUS STOP - DAY": "street",
    "INT. MUSEUM - DAY": "lobby",
    "EXT. MARS - DAY": "desert",
    "INT. CAR - NIGHT": "car",
    "ИНТ. КУХНЯ - НОЧЬ": "kitchen",
    "INT. WOHNZIMMER - NACHT": "living_room",
}
_SIDES = {"int": "INT", "ext": "EXT", "int_ext": "INT/EXT"}


@pytest.mark.parametrize(("heading", "expected"), HEADINGS.items())
def test_the_place_a_heading_names_is_the_place_that_is_drawn(
    heading: str, expected: str, tmp_path: Path
) -> None:
    script = tmp_path / "film.fountain"
    script.write_text(f"{heading}\n\nSomebody waits.\n", encoding="utf-8")
    film = api.read(script)
    (place,) = (node.params for node in film.nodes if node.type == "environment")
    setting = Setting(
        interior=_SIDES[str(place.get("interior", "ext"))],
        place=str(place.get("place", "")),
        description=str(place.get("description", "")),
    )
    assert kind_of(setting).name == expected
