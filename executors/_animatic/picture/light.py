# SPDX-License-Identifier: GPL-3.0-or-later
"""The light a place is painted in: sky, haze, key light, lamps and shadow.

The one idea: painters never choose a final colour.  They name a material's own colour and
how far away it is; ``Light`` puts the hour, the weather and the air between on top, which is
what makes one picture of many parts.  What the film's look adds is in ``grade.py``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .colour import BLACK, WHITE, Colour, brighter, lit, mix, parse, saturated
from .spec import Setting
from .words import Hour, Sky, hour_of, is_interior, weather_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """Colours of a scene's air and light; ``side`` is where the key light stands (−1 or 1)."""

    sky: tuple[Colour, ...]
    haze: Colour
    key: Colour
    shadow: Colour
    lamp: Colour
    ink: Colour
    hour: Hour
    weather: Sky
    inside: bool
    side: float = -1.0

    @property
    def dark(self) -> bool:
        """Whether lamps and windows are lit."""
        return self.hour in (Hour.NIGHT, Hour.DUSK)

    def tone(self, base: Colour, depth: float = 0.0, shade: float = 0.0) -> Colour:
        """A material under this light: ``depth`` 0 near – 1 lost in haze; ``shade`` 0–1."""
        seen = lit(base, self.key)
        seen = mix(seen, lit(base, self.shadow), shade)
        return mix(seen, self.haze, depth)

    def on_people(self) -> Light:
        """The light faces are drawn in: even at night skin keeps some of its warmth."""
        if self.hour is not Hour.NIGHT or self.inside:
            return self
        return replace(self, key=mix(self.key, (255.0, 224.0, 190.0), 0.5))

    def glow(self, warmth: float = 1.0) -> Colour:
        """Lamp light, from white (0) to its own colour (1)."""
        return mix(WHITE, self.lamp, warmth)


def _c(*texts: str) -> tuple[Colour, ...]:
    return tuple(parse(text) for text in texts)


_LAMP = parse("#ffc46b")

_OUTSIDE = {
    Hour.DAY: Light(
        sky=_c("#4f95cf", "#8fc4e6", "#d9ecf0", "#f6f0dc"),
        haze=parse("#c3dae2"), key=(255, 249, 236), shadow=parse("#6f86a8"),
        lamp=_LAMP, ink=parse("#1d2a38"), hour=Hour.DAY, weather=Sky.CLEAR, inside=False,
    ),
    Hour.DAWN: Light(
        sky=_c("#34508a", "#8a7fb0", "#eaa594", "#ffdca6"),
        haze=parse("#e2b3a6"), key=(255, 216, 186), shadow=parse("#6a608f"),
        lamp=_LAMP, ink=parse("#272042"), hour=Hour.DAWN, weather=Sky.CLEAR, inside=False,
    ),
    Hour.DUSK: Light(
        sky=_c("#1f2358", "#5b3d7d", "#c05a6c", "#fb9d58"),
        haze=parse("#8c5878"), key=(255, 182, 140), shadow=parse("#4a3c70"),
        lamp=_LAMP, ink=parse("#1a1330"), hour=Hour.DUSK, weather=Sky.CLEAR, inside=False,
    ),
    Hour.NIGHT: Light(
        sky=_c("#050a1c", "#0c1a38", "#1b3560", "#33568a"),
        haze=parse("#223f68"), key=(138, 164, 214), shadow=parse("#2b3d66"),
        lamp=_LAMP, ink=parse("#05080f"), hour=Hour.NIGHT, weather=Sky.CLEAR, inside=False,
    ),
}  # fmt: skip

_INSIDE = {
    Hour.DAY: {"haze": "#d8d6c8", "key": (255, 247, 232), "shadow": "#8791a6", "ink": "#2a2a30"},
    Hour.DAWN: {"haze": "#dcb9a4", "key": (255, 222, 194), "shadow": "#7f7296", "ink": "#2a2233"},
    Hour.DUSK: {"haze": "#94606a", "key": (255, 194, 150), "shadow": "#5c4674", "ink": "#1e1528"},
    Hour.NIGHT: {"haze": "#4a4048", "key": (236, 190, 138), "shadow": "#453c58", "ink": "#110d14"},
}


def light_of(setting: Setting, seed: int = 0) -> Light:
    """The light a setting's words ask for."""
    hour, weather = hour_of(setting), weather_of(setting)
    light = replace(_OUTSIDE[hour], weather=weather, side=-1.0 if seed % 2 else 1.0)
    light = _weathered(light)
    if is_interior(setting):
        own = _INSIDE[hour]
        light = replace(
            light,
            inside=True,
            haze=parse(str(own["haze"])),
            key=own["key"],  # type: ignore[arg-type]
            shadow=parse(str(own["shadow"])),
            ink=parse(str(own["ink"])),
        )
    return _moody(light, f"{setting.mood} {setting.lighting}".lower())


def _weathered(light: Light) -> Light:
    if light.weather == Sky.CLEAR:
        return light
    grey = {
        Sky.RAIN: parse("#55677c"),
        Sky.STORM: parse("#39455a"),
        Sky.SNOW: parse("#c9d3de"),
        Sky.FOG: parse("#b6bfc4"),
        Sky.CLOUD: parse("#98a6b4"),
        Sky.WIND: parse("#a8b3b0"),
        Sky.DUST: parse("#c89a62"),
    }[light.weather]
    cover = {Sky.FOG: 0.75, Sky.STORM: 0.7, Sky.WIND: 0.25}.get(light.weather, 0.55)
    if light.hour == Hour.NIGHT:
        grey, cover = brighter(grey, -0.72), cover * 0.7
    elif light.hour != Hour.DAY:
        grey, cover = mix(grey, light.haze, 0.45), cover * 0.8
    return replace(
        light,
        sky=tuple(mix(c, grey, cover) for c in light.sky),
        haze=mix(light.haze, grey, cover),
        key=mix(light.key, saturated(mix(light.key, grey, 0.5), 0.6), cover * 0.7),
        shadow=mix(light.shadow, grey, cover * 0.3),
    )


def _moody(light: Light, words: str) -> Light:
    def any_of(*stems: str) -> bool:
        return any(stem in words for stem in stems)

    if any_of("dark", "grim", "tense", "ominous", "horror", "gloom", "low key", "low-key", "мрач"):
        light = replace(light, key=brighter(light.key, -0.22), haze=mix(light.haze, BLACK, 0.25))
    if any_of("neon", "cyber"):
        light = replace(light, lamp=parse("#ff5fb0"), haze=mix(light.haze, parse("#5a2f8a"), 0.4))
    if any_of("candle", "warm", "cosy", "cozy", "golden", "sunny", "тёпл", "тепл"):
        light = replace(light, key=lit(light.key, (255, 236, 208)))
    if any_of("cold", "cool", "bleak", "sterile", "fluorescent", "холод"):
        light = replace(light, key=lit(light.key, (226, 240, 255)), lamp=parse("#dff0ff"))
    if any_of("bright", "cheerful", "happy", "high key", "high-key", "hopeful"):
        light = replace(light, key=brighter(light.key, 0.25))
    return light
