# SPDX-License-Identifier: GPL-3.0-or-later
"""Music and look of the film, from the words of its scenes and its title page.

The one idea: a scene's mood has a tempo, and the style on the title page colours
both; a film that says nothing gets a plain, honest look.
"""

from __future__ import annotations

import re
from typing import Final

from .film import Look, Place, Score
from .lexicon import Lexicon
from .pieces import RawScene
from .script import Screenplay

__all__ = ["find_look", "score_of"]

#: Beats per minute by mood: a resting pulse is about 60, a walk 110, a run 160.
_TEMPO: Final = {
    "lonely": 60.0,
    "tense": 112.0,
    "menacing": 76.0,
    "sad": 58.0,
    "romantic": 72.0,
    "joyful": 124.0,
    "mysterious": 80.0,
    "calm": 68.0,
}
_BY_TIME: Final = {"day": "calm", "night": "lonely", "dawn": "calm", "dusk": "lonely"}
_FAST: Final = Lexicon(
    {"fast": "run* runs chase* chases race* sprint* fight* explo* crash* flee* бежит погон* court"}
)
_STYLES: Final = Lexicon(
    {
        "noir": "noir нуар* film-noir",
        "watercolour": "watercolour watercolor aquarelle акварел*",
        "comic": "comic comics manga anime cartoon комикс* bande-dessinée",
        "pastel": "pastel pastels пастел*",
        "horror": "horror slasher ужас* horreur",
        "western": "western вестерн*",
        "science fiction": "sci-fi scifi science-fiction cyberpunk фантастик*",
        "fairy tale": "fairytale fairy-tale fable сказк* conte märchen",
        "comedy": "comedy комеди* comédie komödie",
        "documentary": "documentary документал* documentaire",
        "romance": "romance romantic мелодрам*",
    }
)
_LOOKS: Final[dict[str, dict[str, object]]] = {
    "noir": {
        "description": "Film noir: hard single light, deep shadows, wet reflections, smoke.",
        "keywords": "noir, high contrast, low key, shadows",
        "contrast": 1.35,
        "saturation": 0.25,
        "temperature": 4600.0,
    },
    "horror": {
        "description": "Horror: cold, dark, little light from the wrong side.",
        "keywords": "horror, low key, cold, desaturated",
        "contrast": 1.25,
        "saturation": 0.55,
        "temperature": 7200.0,
    },
    "comedy": {
        "description": "Comedy: bright, even light, clean colours.",
        "keywords": "comedy, high key, bright, colourful",
        "saturation": 1.15,
    },
    "western": {
        "description": "Western: low sun, dust, warm earth colours.",
        "keywords": "western, warm, dusty, wide",
        "contrast": 1.15,
        "temperature": 4200.0,
    },
    "science fiction": {
        "description": "Science fiction: clean lines, cool practical light.",
        "keywords": "science fiction, cool, neon",
        "contrast": 1.15,
        "temperature": 7600.0,
    },
}
_PLAIN: Final[dict[str, object]] = {
    "description": "Naturalistic cinema: motivated light, true colours.",
    "keywords": "cinematic, naturalistic",
}
_STYLE_KEYS: Final = ("style", "look", "genre", "tone", "стиль", "жанр")
_VARIANT: Final = re.compile(r"^(day|night|dawn|dusk) (?:style|look)$", re.IGNORECASE)


def score_of(scene: RawScene, mood: str, place: Place, look: Look) -> Score:
    """Music for one scene; a scene without mood words sounds like its hour."""
    mood = mood or _BY_TIME[place.time]
    prose = " ".join(piece.text for piece in scene.pieces if piece.kind != "line")
    tempo = _TEMPO[mood]
    if len(list(_FAST.hits(prose))) >= 2:
        tempo = min(160.0, tempo + 40.0)
    style = "" if look.name in ("", "Cinematic") else f"{look.name.lower()} "
    hour = {"night": "at night", "dawn": "at dawn", "dusk": "at dusk"}.get(place.time, "by day")
    prompt = f"{mood.capitalize()} {style}score, {place.kind or 'scene'} {hour}"
    return Score(mood=f"{mood}, {look.name.lower()}" if style else mood, tempo=tempo, prompt=prompt)


def find_look(screenplay: Screenplay) -> Look:
    """The film's style: what the title page says, else a known style named in a note.

    ``Style:`` and ``Genre:`` are read; ``Night style:`` (or day, dawn, dusk) makes a variant
    for the scenes of that time.
    """
    said = next((value for key in _STYLE_KEYS if (value := screenplay.title_value(key))), "")
    said = " ".join(said.split())
    notes = " ".join(note.text for note in screenplay.notes)
    name = _STYLES.first(said) or ("" if said else _STYLES.first(notes))
    params = dict(_LOOKS.get(name, _PLAIN))
    if name and name not in _LOOKS:
        params = {"description": f"{name.capitalize()} style.", "keywords": name}
    if said:
        known = str(params["keywords"]) if name else ""
        words = [word.strip() for word in f"{said},{known}".split(",")]
        params["keywords"] = ", ".join(dict.fromkeys(word for word in words if word))
        if not name:
            params["description"] = said
    title = name.title() if name else said.split(",")[0].strip().capitalize()[:40] or "Cinematic"
    variants = tuple(
        (found.group(1).lower(), " ".join(entry.value.split()))
        for entry in screenplay.title_page
        if (found := _VARIANT.match(entry.key.strip()))
    )
    return Look(name=title, params=tuple(sorted(params.items())), variants=variants)
