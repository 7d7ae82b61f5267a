# SPDX-License-Identifier: GPL-3.0-or-later
"""Who someone is to the eye: skin, hair, build, clothes and their colours.

The one idea: words decide what they mention, and a digest of the identity decides the rest,
so a character looks the same in every shot of a film and on every machine.
Drawing the person is in ``head.py`` and ``body.py``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from .colour import Colour, brighter, parse
from .spec import Figure
from .words import begins


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One look.  ``build`` and ``tall`` multiply width and height; 1.0 is an average adult."""

    identity: str
    female: bool
    age: str  # child, young, adult, old
    skin: Colour
    hair: Colour
    cut: str
    beard: str
    glasses: bool
    hat: str
    outfit: str
    outer: Colour
    inner: Colour
    legs: Colour
    accent: Colour
    build: float
    tall: float
    bag: bool


_COLOURS: Mapping[str, Sequence[str]] = {
    "#b3352f": ("red", "crimson", "scarlet", "красн", "rouge", "rot", "rojo"),
    "#2f5c9c": ("blue", "син", "голуб", "bleu", "blau", "azul"),
    "#1f2f55": ("navy",),
    "#3c7351": ("green", "зелен", "зелён", "vert", "grün", "verde"),
    "#d9aa3c": ("yellow", "mustard", "gold", "желт", "жёлт", "jaune", "gelb"),
    "#d2763a": ("orange", "оранж"),
    "#6d4a86": ("purple", "violet", "фиолет", "lila"),
    "#c9708c": ("pink", "розов", "rose"),
    "#6b4a34": ("brown", "tan", "leather", "коричн", "marron", "braun"),
    "#2b2b31": ("black", "dark", "чёрн", "черн", "noir", "schwarz", "negro"),
    "#e9e5da": ("white", "cream", "бел", "blanc", "weiß", "blanco"),
    "#85888e": ("grey", "gray", "silver", "сер", "сед", "gris", "grau"),
    "#b9a27e": ("beige", "camel", "khaki", "sand", "бежев"),
    "#2f7f86": ("teal", "turquoise"),
}

_OUTFITS: Mapping[str, Sequence[str]] = {
    "space": ("spacesuit", "astronaut", "cosmonaut", "космонавт"),
    "police": ("police", "cop ", "officer", "guard", "conductor", "sergeant", "inspector", "uniform", "soldier", "captain", "pilot", "station master", "stationmaster", "полиц", "форм", "проводник", "uniforme"),
    "doctor": ("doctor", "nurse", "lab coat", "scientist", "surgeon", "врач", "доктор", "médecin", "arzt"),
    "apron": ("apron", "chef", "cook", "barista", "waiter", "waitress", "baker", "bartender", "повар", "официант"),
    "coat": ("coat", "overcoat", "trench", "raincoat", "parka", "cloak", "detective", "пальто", "плащ", "manteau", "mantel", "abrigo"),
    "suit": ("suit", "tie", "blazer", "businessman", "businesswoman", "lawyer", "banker", "tuxedo", "jacket", "костюм", "пиджак", "veste", "anzug", "traje"),
    "dress": ("dress", "gown", "ballgown", "skirt", "плать", "robe", "kleid", "vestido"),
    "hoodie": ("hoodie", "sweatshirt", "hooded", "худи", "толстов"),
    "sweater": ("sweater", "jumper", "cardigan", "pullover", "knit", "свитер", "pull "),
    "overalls": ("overalls", "mechanic", "worker", "farmer", "sailor", "fisherman", "рабоч"),
    "shirt": ("shirt", "blouse", "t-shirt", "рубаш", "футбол", "chemise", "hemd"),
}  # fmt: skip

_HATS: Mapping[str, Sequence[str]] = {
    "fedora": ("fedora", "hat ", "hat,", "detective", "шляп", "chapeau", "hut "),
    "peaked": ("police", "officer", "conductor", "captain", "station master", "stationmaster", "soldier", "guard", "peaked", "фураж"),
    "beanie": ("beanie", "woolly", "knit cap", "sailor", "fisherman", "шапк", "bonnet"),
    "cap": ("baseball", "cap ", "cap,", "кепк", "casquette"),
    "scarf": ("headscarf", "hijab", "kerchief", "платок"),
    "helmet": ("helmet", "spacesuit", "astronaut", "шлем"),
}  # fmt: skip

_CUTS: Mapping[str, Sequence[str]] = {
    "bald": ("bald", "лыс", "chauve", "kahl", "shaved head"),
    "ponytail": ("ponytail", "pony tail", "хвост"),
    "bun": ("bun ", "chignon", "пучок", "hair up"),
    "braid": ("braid", "plait", "кос"),
    "curly": ("curly", "curls", "afro", "кудр", "bouclé", "lockig"),
    "bob": ("bob ", "chin-length", "каре"),
    "long": ("long hair", "long-haired", "long dark hair", "flowing", "длинн", "cheveux longs"),
    "buzz": ("buzz", "crew cut", "short-cropped", "stubbl"),
    "swept": ("quiff", "slicked", "swept", "pompadour"),
    "messy": ("messy", "tousled", "unkempt", "shaggy", "взъерош"),
    "short": ("short hair", "short-haired", "корот"),
}

_HAIR_COLOURS: Mapping[str, Sequence[str]] = {
    "#d8d5cf": ("white hair", "white beard", "white-haired", "silver hair", "сед"),
    "#8f8f92": (
        "grey hair",
        "gray hair",
        "grey beard",
        "gray beard",
        "grey-haired",
        "gray-haired",
        "greying",
        "graying",
    ),
    "#d9b36a": ("blond", "fair hair", "fair-haired", "светловолос"),
    "#a3482a": ("redhead", "red hair", "red-haired", "ginger", "auburn", "рыж", "rousse", "roux"),
    "#201c1f": ("black hair", "dark hair", "dark-haired", "raven", "чернов", "brune"),
    "#5a3a26": ("brown hair", "brown-haired", "brunette", "шатен"),
}

_WOMEN = ("woman", "gown", "ballgown", "blouse", "skirt", "girl", "female", "she", "her ", "mother", "daughter", "sister", "wife", "lady", "grandmother", "waitress", "actress", "queen", "mrs", "miss", "ms ", "aunt", "widow", "женщин", "девуш", "девоч", "мать", "мама", "femme", "fille", "frau", "mujer", "donna")  # fmt: skip
_MEN = ("man ", "man,", "man", "boy", "male", "he ", "his", "father", "son ", "brother", "husband", "gentleman", "grandfather", "king ", "mr", "uncle", "bearded", "мужчин", "парень", "мальч", "отец", "старик", "homme", "garçon", "mann", "hombre", "uomo", "guy")  # fmt: skip
_HERS = ("anna", "mara", "maria", "eva", "nora", "alice", "emma", "sarah", "claire", "jane", "kate", "ruth", "iris", "ines", "zoe", "lucy", "chloe", "grace", "helen", "rachel", "june", "amy", "beth", "marie", "sophie", "charlotte", "elizabeth", "margaret", "judith", "miriam", "nadine", "yuki", "любовь", "rose", "ivy", "joan", "susan", "karen", "alison", "carmen", "isabel", "astrid", "ingrid")  # fmt: skip
_HIS = ("luca", "noah", "joshua", "elia", "andrea", "nikita", "ilya", "илья", "никита", "ezra", "sasha", "joe", "mike", "george", "pete", "kobe", "lee", "dave", "jude", "blake", "pierre", "andre", "vince", "ole")  # fmt: skip

_SKINS = ("#f3cdb0", "#ecbf9c", "#dda97f", "#c58a60", "#9c6845", "#7a4e34", "#5d3a28")
_HAIRS = ("#201c1f", "#2e2320", "#4a3124", "#6b4429", "#8a4b2b", "#c79a55", "#3a3433")
# Outer, inner, legs, accent: sets that sit well beside each other and on any ground.
_SETS = (
    ("#a33b34", "#efe3cf", "#2c3140", "#e0b15a"),
    ("#2f5f73", "#e8ddc8", "#2a2d38", "#d9774f"),
    ("#c98f3c", "#37323b", "#33384a", "#8c3f3a"),
    ("#4b5a3c", "#d9cfb4", "#3a3128", "#c4623e"),
    ("#5a4673", "#e6d6d9", "#272a3a", "#d8a24a"),
    ("#33455f", "#dfe3e6", "#22252e", "#c7483f"),
    ("#7f4a35", "#e9dcc6", "#2f3a44", "#5d9394"),
    ("#2d6a5a", "#f0e6d2", "#2b2730", "#e08a5b"),
    ("#8d4760", "#efe1d6", "#2d3244", "#e3b778"),
    ("#5f6672", "#e7e2d8", "#24262d", "#b8473d"),
)


@lru_cache(maxsize=256)
def person_of(figure: Figure) -> Person:
    """How someone looks; the same for equal identity and description."""
    digest = hashlib.sha256(figure.identity.casefold().encode()).digest()
    words = f"{figure.description} ".casefold()
    female = _female(words, figure.name.casefold(), digest[0])
    age = _age(words)
    outer, inner, legs, accent = (parse(c) for c in _SETS[digest[1] % len(_SETS)])
    outfit = _pick(words, _OUTFITS) or _usual_outfit(female, age, digest[2])
    outer, inner, legs = _dyed(words, outfit, outer, inner, legs)
    return Person(
        identity=figure.identity,
        female=female,
        age=age,
        skin=_skin(words, digest[3]),
        hair=_hair_colour(words, age, digest[4]),
        cut=_pick(words, _CUTS) or _usual_cut(female, age, digest[5]),
        beard=_beard(words, female, age, digest[6]),
        glasses=any(
            begins(words, s) for s in ("glasses", "spectacles", "очк", "lunettes", "brille")
        )
        or (age == "old" and digest[7] % 3 == 0),
        hat=_pick(words, _HATS),
        outfit=outfit,
        outer=outer,
        inner=inner,
        legs=legs,
        accent=accent,
        build=_build(words, digest[8]),
        tall=_tall(words, age, female, digest[9]),
        bag=any(begins(words, s) for s in ("backpack", "rucksack", "satchel", "рюкзак")),
    )


def _pick(words: str, table: Mapping[str, Sequence[str]]) -> str:
    for key, stems in table.items():
        if any(begins(words, stem) for stem in stems):
            return key
    return ""


def _female(words: str, name: str, chance: int) -> bool:
    hers = any(begins(words, s) for s in _WOMEN)
    his = any(begins(words, s if s in ("bearded",) else s.rstrip() + " ") for s in _MEN)
    if hers != his:
        return hers
    given = re.split(r"[\s.\-]+", name.strip())
    if given[0] in ("mrs", "miss", "ms", "madame", "lady", "sister") or given[0] in _HERS:
        return True
    if given[0] in _HIS or given[0] in ("mr", "sir", "lord", "father", "officer", "detective"):
        return False
    if given[0].endswith(("a", "ia", "а", "я", "ette", "elle", "ine", "lyn")):
        return True
    return not name and chance % 2 == 0


def _age(words: str) -> str:
    number = re.search(r"(?<!\d)(\d{1,2})(?:s|-year|\s*years?)?(?!\d)", words)
    if number and int(number[1]) >= 1:
        years = int(number[1])
        return (
            "child" if years < 13 else "young" if years < 28 else "adult" if years < 60 else "old"
        )
    table = {
        "child": ("child", "kid", "boy", "girl", "toddler", "ребён", "ребен", "девоч", "мальч"),
        "old": ("old ", "elder", "aged", "retired", "grand", "senior", "sixties", "seventies", "eighties", "wrinkl", "стар", "пожил", "vieux", "vieille", "alt "),
        "young": ("young", "teen", "student", "twenties", "молод", "юн", "jeune", "jung"),
    }  # fmt: skip
    return _pick(words, table) or "adult"


def _skin(words: str, chance: int) -> Colour:
    for stem, index in (("black man", 5), ("black woman", 5), ("african", 5), ("dark-skin", 6), ("dark skin", 6),
                        ("indian", 4), ("latin", 3), ("asian", 1), ("japan", 1), ("pale", 0), ("olive", 2),
                        ("tanned", 3)):  # fmt: skip
        if begins(words, stem):
            return parse(_SKINS[index])
    return parse(_SKINS[(0, 1, 1, 2, 2, 3, 4, 5)[chance % 8]])


def _hair_colour(words: str, age: str, chance: int) -> Colour:
    named = _pick(words, _HAIR_COLOURS)
    if named:
        return parse(named)
    if age == "old":
        return parse(("#d8d5cf", "#b9b6b2", "#8f8f92")[chance % 3])
    return parse(_HAIRS[chance % len(_HAIRS)])


def _usual_cut(female: bool, age: str, chance: int) -> str:
    if female:
        options = (
            ("bob", "bun", "short")
            if age == "old"
            else ("long", "bob", "ponytail", "bun", "curly", "long")
        )
    elif age == "old":
        options = ("short", "bald", "swept")
    else:
        options = ("short", "swept", "messy", "buzz", "curly", "short")
    return options[chance % len(options)]


def _usual_outfit(female: bool, age: str, chance: int) -> str:
    if age == "child":
        return ("hoodie", "sweater", "shirt")[chance % 3]
    options = (
        ("coat", "sweater", "dress", "suit", "shirt")
        if female
        else ("coat", "suit", "sweater", "hoodie", "shirt")
    )
    return options[chance % len(options)]


def _beard(words: str, female: bool, age: str, chance: int) -> str:
    table = {
        "moustache": ("moustache", "mustache", "усы", "усат"),
        "stubble": ("stubble", "unshaven", "щетин", "небрит"),
        "full": ("beard", "бород", "barbe", "bart"),
    }
    named = _pick(words, table)
    if named or female or age == "child" or begins(words, "clean-shaven"):
        return named
    return ("", "", "full", "", "moustache", "stubble", "", "")[chance % 8]


def _build(words: str, chance: int) -> float:
    if any(
        begins(words, s)
        for s in (
            "fat",
            "heavy",
            "stout",
            "large man",
            "big man",
            "burly",
            "broad",
            "толст",
            "полн",
            "gros ",
        )
    ):
        return 1.22
    if any(
        begins(words, s)
        for s in ("thin", "slim", "slender", "lean ", "skinny", "gaunt", "худ", "mince")
    ):
        return 0.86
    return 0.94 + (chance % 5) * 0.03


def _tall(words: str, age: str, female: bool, chance: int) -> float:
    base = 0.7 if age == "child" else 0.95 if female else 1.0
    if begins(words, "tall") or begins(words, "высок"):
        base *= 1.06
    if begins(words, "short ") and not begins(words, "short hair"):
        base *= 0.93
    return base * (0.98 + (chance % 5) * 0.01)


_TOPS = ("coat", "overcoat", "raincoat", "trench", "parka", "jacket", "suit", "dress", "gown", "hoodie", "sweater", "jumper", "cardigan", "uniform", "apron", "overalls", "cloak", "пальто", "плащ", "костюм", "плать", "свитер", "manteau", "robe", "veste", "mantel", "kleid", "vestido", "abrigo", "traje", "vestito", "cappotto", "giacca")  # fmt: skip
_INNERS = ("shirt", "blouse", "t-shirt", "рубаш", "chemise", "hemd")
_COLOUR_AFTER = frozenset({"robe", "manteau", "veste", "chemise", "pantalon", "vestido", "abrigo", "traje", "camisa", "vestito", "cappotto", "camicia", "giacca"})  # fmt: skip
_BELOW = ("trousers", "jeans", "pants", "skirt", "shorts", "брюк", "джинс", "юбк")


def _dyed(
    words: str, outfit: str, outer: Colour, inner: Colour, legs: Colour
) -> tuple[Colour, Colour, Colour]:
    own = {"police": "#26375c", "doctor": "#e9ebe8", "space": "#e4e2db", "overalls": "#3d5a80"}
    if outfit in own:
        outer = parse(own[outfit])
    outer = _named_colour(words, _TOPS) or outer
    shirt = _named_colour(words, _INNERS)
    if shirt is not None and outfit == "shirt":
        outer = shirt
    elif shirt is not None:
        inner = shirt
    return outer, inner, _named_colour(words, _BELOW) or legs


def _named_colour(words: str, garments: Sequence[str]) -> Colour | None:
    """The colour named up to three words before a garment, or, as in French, right after it."""
    tokens = re.findall(r"[\w\-]+", words)
    for i, token in enumerate(tokens):
        if not any(token.startswith(g) for g in garments):
            continue
        after = tokens[i + 1 : i + 2] if token in _COLOUR_AFTER else []
        for near in (*after, *reversed(tokens[max(0, i - 3) : i])):
            for code, stems in _COLOURS.items():
                if any(near.startswith(stem) for stem in stems):
                    return parse(code)
    return None


def deeper(colour: Colour, amount: float = 0.3) -> Colour:
    """A fold or underside of a cloth."""
    return brighter(colour, -amount)
