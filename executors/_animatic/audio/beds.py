# SPDX-License-Identifier: GPL-3.0-or-later
"""What places sound like: layers of ambience, and which of them a place has.

A layer is a recipe on a canvas, like an effect but made to go unnoticed.  A place is found
by words in its name, in a few languages; inside and outside differ, and weather heard from
inside is heard through the wall.  Streaming is in ``ambience.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from . import recipes_machines as machines
from . import recipes_nature as nature
from . import recipes_people as people
from . import recipes_things as things
from .canvas import Canvas, glide, modes, shape
from .spectral import band

__all__ = ["BEDS", "Bed", "PlaceSound", "place_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A layer: ``recipe`` and how many LUFS it has in the ambience."""

    recipe: Callable[[Canvas], None]
    lufs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSound:
    """Layers of a place by day; ``night`` replaces them after dark where it is not empty."""

    day: tuple[str, ...]
    night: tuple[str, ...] = ()
    sheltered: bool = False  #: weather is heard from inside


def _rain_on_window(canvas: Canvas) -> None:
    canvas.add(canvas.bed(lambda f: band(80, 6000, order=1)(f) / (1 + (f / 600) ** 1.5)), gain=0.1)
    drops = [canvas.burst(low, low * 4, 0.003, attack=0.0005) for low in (1400, 2200, 3100)]
    for at in canvas.times(14):
        drop = drops[int(canvas.random.integers(3))]
        canvas.add(drop, at, canvas.between(0.05, 0.3) ** 2, canvas.between(-0.5, 0.5))


def _wind_outside(canvas: Canvas) -> None:
    gust = 0.3 + 0.7 * canvas.wander(canvas.seconds, 0.3) ** 1.5
    canvas.add(
        canvas.bed(lambda f: band(50, 500, order=1)(f) / (1 + f / 150)) * gust[:, None], gain=0.2
    )


def _city_outside(canvas: Canvas) -> None:
    canvas.add(canvas.bed(lambda f: band(35, 350)(f) / (1 + f / 120)), gain=0.1)


def _room(canvas: Canvas) -> None:
    canvas.add(canvas.bed(lambda f: band(40, 2500, order=1)(f) / (1 + (f / 140) ** 1.3)), gain=0.1)


def _traffic(canvas: Canvas) -> None:
    slow = 0.7 + 0.3 * canvas.wander(canvas.seconds, 0.2)
    canvas.add(
        canvas.bed(lambda f: band(35, 1600, order=1)(f) / (1 + (f / 180) ** 1.4)) * slow[:, None],
        gain=0.15,
    )
    for at in canvas.times(0.12):
        long = canvas.between(4.0, 7.0)
        swell = shape(long, (0, 0), (0.5, 1), (1, 0)) ** 2
        sound = canvas.noise(long, 120, 900) * swell
        canvas.add(sound, at - 2, canvas.between(0.05, 0.14), canvas.between(-0.8, 0.8))


def _hall(canvas: Canvas) -> None:
    """A station concourse: far voices, steps, a great dark room."""
    people.crowd(canvas, density=6)
    for at in canvas.times(0.5):
        canvas.add(
            modes(0.2, (420, 0.01, 1), (900, 0.006, 0.5)), at, 0.1, canvas.between(-0.8, 0.8)
        )
    canvas.room(2.8, 0.8, dark=1600)
    canvas.add(canvas.bed(lambda f: band(35, 900, order=1)(f) / (1 + f / 120)), gain=0.06)


def _train_inside(canvas: Canvas) -> None:
    sway = 0.8 + 0.2 * canvas.wander(canvas.seconds, 0.5)
    canvas.add(
        canvas.bed(lambda f: band(30, 900, order=1)(f) / (1 + (f / 110) ** 1.5)) * sway[:, None],
        gain=0.3,
    )
    at = 0.2
    while at < canvas.seconds:
        for off in (0.0, 0.16):
            canvas.add(modes(0.16, (85, 0.03, 1), (190, 0.02, 0.5)), at + off, 0.3)
            canvas.add(canvas.burst(500, 2200, 0.01), at + off, 0.05)
        at += canvas.between(0.72, 0.78)


def _car_inside(canvas: Canvas) -> None:
    canvas.add(canvas.bed(lambda f: band(30, 1200, order=1)(f) / (1 + (f / 150) ** 1.5)), gain=0.2)
    canvas.add(
        glide(54 + 3 * canvas.wander(canvas.seconds, 0.3), harmonics=(0.7, 1, 0.4, 0.2)), 0, 0.06
    )


def _leaves(canvas: Canvas) -> None:
    gust = 0.3 + 0.7 * canvas.wander(canvas.seconds, 0.3) ** 2
    canvas.add(
        canvas.bed(lambda f: band(700, 9000, order=1)(f) / (1 + f / 3500)) * gust[:, None],
        gain=0.05,
    )
    canvas.add(canvas.bed(band(80, 400, order=1)), gain=0.02)


def _night_air(canvas: Canvas) -> None:
    canvas.add(canvas.bed(lambda f: band(60, 3000, order=1)(f) / (1 + f / 250)), gain=0.05)


def _office(canvas: Canvas) -> None:
    machines.hum(canvas)
    for at in canvas.times(0.35):
        burst = Canvas(1.2, canvas.random)
        things.typing(burst)
        canvas.add(burst.samples, at, 0.06)
    canvas.room(0.6, 0.3)


def _tavern(canvas: Canvas) -> None:
    people.crowd(canvas, density=13)
    plates = Canvas(canvas.seconds, canvas.random)
    things.dishes(plates)
    canvas.add(plates.samples, 0, 0.08)


def _cave(canvas: Canvas) -> None:
    nature.water_drip(canvas)
    canvas.samples *= 0.25
    canvas.room(3.0, 0.6, dark=1500)
    canvas.add(canvas.bed(lambda f: band(30, 300, order=1)(f) / (1 + f / 90)), gain=0.08)


def _drone(canvas: Canvas) -> None:
    for pitch, pan in ((43.65, -0.4), (43.9, 0.4), (65.4, 0.0)):
        canvas.add(
            glide(np.full(len(canvas.samples), pitch), harmonics=(1, 0.4, 0.2, 0.1)), 0, 0.1, pan
        )
    canvas.add(canvas.bed(band(90, 500)) * canvas.wander(canvas.seconds, 0.2)[:, None], gain=0.03)


def _ward(canvas: Canvas) -> None:
    machines.hum(canvas)
    for at in np.arange(0.4, canvas.seconds, 1.1):
        canvas.add(
            glide(np.full(4800, 960.0)) * shape(0.1, (0, 0), (0.1, 1), (0.9, 1), (1, 0)),
            at,
            0.05,
            0.5,
        )


def _timbers(canvas: Canvas) -> None:
    nature.waves(canvas)
    canvas.samples *= 0.5
    for at in canvas.times(0.2):
        groan = Canvas(1.6, canvas.random)
        things.creak(groan)
        canvas.add(groan.samples, at, 0.08, canvas.between(-0.6, 0.6))


BEDS: dict[str, Bed] = {
    "room": Bed(recipe=_room, lufs=-48),
    "traffic": Bed(recipe=_traffic, lufs=-36),
    "traffic_far": Bed(recipe=_traffic, lufs=-43),
    "traffic_inside": Bed(recipe=_city_outside, lufs=-49),
    "hall": Bed(recipe=_hall, lufs=-36),
    "train": Bed(recipe=_train_inside, lufs=-33),
    "car": Bed(recipe=_car_inside, lufs=-34),
    "leaves": Bed(recipe=_leaves, lufs=-39),
    "birds": Bed(recipe=partial(nature.birds, per_second=0.6), lufs=-41),
    "crickets": Bed(recipe=nature.crickets, lufs=-43),
    "night": Bed(recipe=_night_air, lufs=-48),
    "owl": Bed(recipe=nature.owl, lufs=-52),
    "sea": Bed(recipe=nature.waves, lufs=-35),
    "stream": Bed(recipe=nature.stream, lufs=-39),
    "rain": Bed(recipe=nature.rain, lufs=-34),
    "rain_inside": Bed(recipe=_rain_on_window, lufs=-40),
    "storm": Bed(recipe=partial(nature.rain, heavy=1.0), lufs=-31),
    "thunder": Bed(recipe=nature.thunder, lufs=-38),
    "wind": Bed(recipe=nature.wind, lufs=-35),
    "breeze": Bed(recipe=partial(nature.wind, howl=0.0), lufs=-45),
    "wind_inside": Bed(recipe=_wind_outside, lufs=-43),
    "crowd": Bed(recipe=people.crowd, lufs=-37),
    "tavern": Bed(recipe=_tavern, lufs=-36),
    "office": Bed(recipe=_office, lufs=-43),
    "hum": Bed(recipe=machines.hum, lufs=-47),
    "fire": Bed(recipe=nature.fire, lufs=-40),
    "cave": Bed(recipe=_cave, lufs=-39),
    "drone": Bed(recipe=_drone, lufs=-41),
    "ward": Bed(recipe=_ward, lufs=-44),
    "timbers": Bed(recipe=_timbers, lufs=-37),
    "engine": Bed(recipe=machines.engine, lufs=-36),
}

_PLACES: tuple[tuple[str, PlaceSound], ...] = (
    ("compartment carriage railcar train wagon вагон купе поезд abteil", PlaceSound(day=("train",), sheltered=True)),
    ("platform railway station terminal concourse airport вокзал станци перрон gare bahnhof estación метро subway metro",
     PlaceSound(day=("hall",), night=("hall_night",))),
    ("spaceship spacecraft starship space cockpit bridge космос", PlaceSound(day=("drone", "hum"), sheltered=True)),
    ("car taxi cab truck van bus машин такси автобус voiture auto", PlaceSound(day=("car",), sheltered=True)),
    ("ship boat deck cabin yacht ferry корабл лодк bateau schiff", PlaceSound(day=("timbers",))),
    ("beach sea ocean harbour harbor pier coast shore море берег пляж гаван plage mer strand playa", PlaceSound(day=("sea", "breeze"))),
    ("forest woods jungle лес forêt wald bosque", PlaceSound(day=("leaves", "birds"), night=("leaves", "crickets", "owl"))),
    ("park garden yard парк сад двор jardin garten", PlaceSound(day=("birds", "traffic_far"), night=("crickets", "traffic_far"))),
    ("field meadow farm village countryside hill valley desert пол деревн champ feld", PlaceSound(day=("breeze", "birds"), night=("crickets", "breeze"))),
    ("river lake stream creek река озер rivière fluss", PlaceSound(day=("stream", "birds"), night=("stream", "crickets"))),
    ("mountain cliff roof rooftop гора крыш montagne berg", PlaceSound(day=("wind",))),
    ("bar pub cafe café restaurant diner saloon tavern кафе бар ресторан", PlaceSound(day=("tavern",), sheltered=True)),
    ("market square stadium theatre theater party club рынок площад театр marché markt", PlaceSound(day=("crowd", "traffic_far"))),
    ("office newsroom precinct офис участок bureau büro", PlaceSound(day=("office",), sheltered=True)),
    ("hospital clinic ward больниц палат hôpital krankenhaus", PlaceSound(day=("ward",), sheltered=True)),
    ("factory garage workshop engine boiler завод цех usine fabrik", PlaceSound(day=("engine", "hum"), sheltered=True)),
    ("cave tunnel crypt sewer dungeon basement cellar пещер тоннел подвал grotte höhle", PlaceSound(day=("cave",), sheltered=True)),
    ("church cathedral temple hall museum церк храм музей église kirche", PlaceSound(day=("room", "drone_far"), sheltered=True)),
    ("kitchen lab laboratory кухн cuisine küche", PlaceSound(day=("hum", "room"), sheltered=True)),
    ("street city alley road highway avenue town downtown улиц город переул дорог rue ville straße stadt calle ciudad",
     PlaceSound(day=("traffic",), night=("traffic_far", "night"))),
    ("house home room bedroom apartment flat hotel hallway corridor bathroom library school дом комнат квартир спальн maison chambre haus zimmer casa",
     PlaceSound(day=("room", "traffic_inside"), sheltered=True)),
)  # fmt: skip

BEDS["hall_night"] = Bed(recipe=_hall, lufs=-43)
BEDS["drone_far"] = Bed(recipe=_drone, lufs=-52)

_OUTSIDE = PlaceSound(day=("breeze", "traffic_far"), night=("night", "breeze"))
_INSIDE = PlaceSound(day=("room", "traffic_inside"), sheltered=True)


def place_of(text: str, *, interior: bool) -> PlaceSound:
    """The sound of the place named in ``text``; earlier words decide, unknown ones are plain."""
    for word in text.lower().replace("-", " ").replace("'", " ").split():
        for stems, sound in _PLACES:
            for stem in stems.split():
                if word.startswith(stem) and (len(stem) > 3 or len(word) <= len(stem) + 1):
                    return sound
    return _INSIDE if interior else _OUTSIDE
