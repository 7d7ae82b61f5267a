# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects for insert shots: the thing the action names, large and lit, on a surface.

The one idea: each object is a few shapes about the origin, about 50 units wide; whatever is
not in the vocabulary becomes a wrapped parcel, never nothing.
"""

# Rows of points read best as rows.
# fmt: off
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .canvas import Canvas, Gradient
from .colour import Colour, brighter, mix
from .light import Light
from .outline import Outline, blob, box, ellipse, polygon, ribbon
from .raster import Mask
from .words import begins


@dataclass(frozen=True, slots=True)
class Easel:
    """A canvas with the object's middle, size and light."""

    canvas: Canvas
    light: Light
    x: float
    y: float
    size: float
    words: str = ""

    def says(self, *stems: str) -> bool:
        """Whether the words hold one of the stems."""
        return any(begins(self.words, stem) for stem in stems)

    def add(self, shape: Outline, colour: Colour, opacity: float = 1.0, within: Mask | None = None, turn: float = 0.0) -> Mask:
        """Paint a shape given about the origin."""
        made = shape.turned(turn) if turn else shape
        made = made.scaled(self.size, self.size).moved(self.x, self.y)
        return self.canvas.fill(made, self.light.tone(colour), opacity, within=within)


def _sheet(e: Easel, lines: bool, turn: float = -7.0) -> Mask:
    page = e.add(box(-19, -24, 19, 24, 0.6), (240, 232, 212), turn=turn)
    e.add(polygon([(6, 24), (19, 8), (19, 24)]), (206, 194, 170), within=page, turn=turn)
    if lines:
        for i in range(9):
            wide = (30, 27, 31, 24, 30, 28, 31, 26, 14)[i]
            y = -17 + i * 4.2
            e.add(ribbon([(-15, y), (-15 + wide * 0.3, y - 0.7), (-15 + wide * 0.6, y + 0.6), (-15 + wide, y)], [0.5, 0.8, 0.5]), (54, 58, 84), 0.85, page, turn)
    return page


def _letter(e: Easel) -> None:
    e.add(polygon([(-34, -6), (18, -18), (26, 20), (-26, 30)]), (206, 178, 132))
    e.add(polygon([(-34, -6), (18, -18), (-2, 12)]), (222, 198, 156))
    _sheet(e, True)


def _phone(e: Easel) -> None:
    e.add(box(-14, -26, 14, 26, 4), (34, 36, 42), turn=8)
    screen = e.add(box(-12.4, -23, 12.4, 23, 2.6), (120, 190, 220), turn=8)
    e.add(box(-14, -24, 14, -8), (80, 130, 180), within=screen, turn=8)
    for i, wide in enumerate((16, 12, 18)):
        e.add(box(-10, -4 + i * 7, -10 + wide, 0.6 + i * 7, 2), (240, 246, 250), 0.9, screen, 8)
    e.add(polygon([(-12, -23), (2, -23), (-8, 23), (-12, 23)]), (255, 255, 255), 0.14, screen, 8)


def _cup(e: Easel) -> None:
    e.add(ellipse(0, 22, 32, 6), (226, 220, 206))
    e.add(ellipse(0, 21, 22, 4), (186, 178, 164))
    handle = ellipse(20, 2, 11, 11) + ellipse(20, 2, 6.5, 6.5)
    made = handle.scaled(e.size, e.size).moved(e.x, e.y)
    e.canvas.fill(e.canvas.mask(made, even_odd=True), e.light.tone((232, 226, 214)))
    cup = e.add(blob([(-20, -14), (20, -14), (17, 12), (9, 21), (-9, 21), (-17, 12)], 0.6), (240, 234, 222))
    e.add(box(-e.light.side * 30, -20, -e.light.side * 6, 26), (150, 138, 130), 0.4, cup)
    e.add(ellipse(0, -14, 20, 4.6), (206, 198, 186))
    e.add(ellipse(0, -13.4, 18, 3.6), (72, 44, 30))
    for x in (-6, 5):
        e.add(ribbon([(x, -20), (x + 4, -28), (x - 2, -36), (x + 3, -46)], [0.6, 2.6, 3.0, 0.4]), (250, 250, 250), 0.22)


def _key(e: Easel) -> None:
    ring = ellipse(-16, 0, 12, 12) + ellipse(-16, 0, 6.6, 6.6)
    made = ring.turned(-18).scaled(e.size, e.size).moved(e.x, e.y)
    for shift, colour in ((1.6, (96, 70, 34)), (0.0, (216, 172, 84))):
        e.canvas.fill(e.canvas.mask(made.moved(shift, shift), even_odd=True), e.light.tone(colour))
        e.add(box(-5, -2.4, 32, 2.4, 1).moved(shift, shift), colour, turn=-18)
        e.add(polygon([(18, 2), (18, 9), (22, 9), (22, 5), (25, 5), (25, 11), (30, 11), (30, 2)]).moved(shift, shift), colour, turn=-18)


def _gun(e: Easel) -> None:
    dark, steel = (44, 46, 54), (86, 90, 102)
    e.add(polygon([(-12, -2), (2, -2), (-4, 26), (-18, 25)]), (84, 58, 42), turn=-6)
    e.add(box(-18, -14, 32, -1, 2), dark, turn=-6)
    e.add(box(-16, -13, 31, -8, 1), steel, turn=-6)
    guard = ellipse(5, 4, 7, 6) + ellipse(5, 4, 5, 4.2)
    made = guard.turned(-6).scaled(e.size, e.size).moved(e.x, e.y)
    e.canvas.fill(e.canvas.mask(made, even_odd=True), e.light.tone(dark))
    e.add(ribbon([(3, 0), (5, 5), (3, 7)], [1.6, 1.2]), dark, turn=-6)


def _clock(e: Easel) -> None:
    e.add(ellipse(1.5, 2, 29), (30, 26, 28), 0.6)
    e.add(ellipse(0, 0, 28), (176, 132, 76))
    e.add(ellipse(0, 0, 25), (244, 238, 222))
    for i in range(12):
        e.add(box(-0.9, -23, 0.9, -19 if i % 3 else -16.5), (48, 42, 44), turn=i * 30)
    twelve = e.says("midnight", "noon", "twelve", "полноч", "полдень", "minuit", "midi", "mitternacht", "medianoche")
    e.add(polygon([(-1.3, 3), (0, -13), (1.3, 3)]), (40, 36, 40), turn=0 if twelve else 320)
    e.add(polygon([(-1, 4), (0, -20), (1, 4)]), (40, 36, 40), turn=0 if twelve else 54)
    e.add(box(-0.35, -21, 0.35, 6), (190, 62, 48), turn=170)
    e.add(ellipse(0, 0, 1.8), (190, 62, 48))


def _book(e: Easel) -> None:
    e.add(polygon([(-32, -14), (0, -10), (32, -14), (34, 18), (0, 23), (-34, 18)]), (120, 50, 46))
    for s in (-1, 1):
        page = e.add(blob([(0, -11), (s * 15, -16), (s * 30, -14), (s * 31, 15), (s * 15, 14), (0, 20)], 0.5), (242, 234, 214))
        for i in range(7):
            y = -9 + i * 3.4
            e.add(ribbon([(s * 4, y + 1.6), (s * 15, y - 1.4), (s * 26, y - 0.4)], [0.55, 0.55]), (90, 84, 88), 0.8, page)
    e.add(ribbon([(0, -11), (0, 20)], [1.6, 2.4], smooth=False), (190, 176, 148))


def _ticket(e: Easel) -> None:
    stub = e.add(box(-32, -14, 32, 14, 1.5), (232, 202, 142), turn=-9)
    e.add(box(-32, -14, 32, -7), (176, 66, 52), within=stub, turn=-9)
    for x in range(-13, 14, 4):
        e.add(ellipse(17, x, 0.9), (120, 84, 52), within=stub, turn=-9)
    printed = (28, 20, 24) if not e.says("blank", "nothing", "empty", "пуст", "ничего", "vide", "rien") else (28,)
    for i, w in enumerate(printed):
        e.add(box(-27, -2 + i * 4.6, -27 + w, 0 + i * 4.6, 0.6), (90, 62, 46), 0.9, stub, -9)
    for i in range(9):
        e.add(box(21 + i * 1.1, -4, 21.6 + i * 1.1 + (i % 3) * 0.2, 9), (60, 44, 38), within=stub, turn=-9)
    e.add(ellipse(4, 4, 4.6), (176, 66, 52), 0.35, stub, -9)


def _photo(e: Easel) -> None:
    e.add(box(-21, -24, 21, 26, 0.8), (246, 242, 232), turn=6)
    inside = e.add(box(-18, -21, 18, 14), (168, 190, 196), turn=6)
    e.add(box(-18, 2, 18, 14), (126, 138, 104), within=inside, turn=6)
    for x, c in ((-6, (150, 72, 60)), (6, (62, 86, 110))):
        e.add(blob([(x - 6, 16), (x - 5, 2), (x, -1), (x + 5, 2), (x + 6, 16)]), c, within=inside, turn=6)
        e.add(ellipse(x, -6, 4.4, 5.2), (228, 184, 150), within=inside, turn=6)
        e.add(blob([(x - 4.8, -6), (x, -12.4), (x + 4.8, -6), (x, -8)]), (66, 44, 34), within=inside, turn=6)


def _bag(e: Easel) -> None:
    e.add(ribbon([(-12, -10), (-9, -26), (9, -26), (12, -10)], [2.6, 2.6]), (84, 52, 36))
    body = e.add(blob([(-30, -10), (30, -10), (34, 24), (-34, 24)], 0.35), (146, 92, 58))
    e.add(box(-36, -12, 36, 4), (124, 76, 48), within=body)
    for x in (-16, 16):
        e.add(box(x - 2.4, -12, x + 2.4, 12, 0.6), (92, 58, 40))
        e.add(box(x - 3.4, 6, x + 3.4, 13, 1), (218, 178, 92))


def _door(e: Easel) -> None:
    e.add(box(-70, -70, 70, 70), (128, 76, 54))
    for x in (-52, 4):
        e.add(box(x, -60, x + 40, 60, 1), (106, 60, 44))
        e.add(box(x + 3, -57, x + 37, 57, 1), (140, 86, 60))
    e.add(box(-11, -16, 1, 20, 3), (214, 172, 92))
    e.add(ellipse(-5, -4, 8.5), (170, 128, 58))
    e.add(ellipse(-6.5, -6, 7), (236, 200, 122))
    e.add(ellipse(-5, 12, 1.8), (40, 28, 24))


def _hand(e: Easel) -> None:
    skin, shade = (226, 176, 140), (184, 128, 100)
    e.add(ribbon([(-54, 30), (-26, 12)], [26, 20], smooth=False), (66, 78, 104))
    e.add(ribbon([(-30, 15), (-8, 2)], [17, 19], smooth=False), skin)
    e.add(blob([(-14, -8), (6, -14), (16, -4), (14, 10), (-4, 14), (-16, 8)]), skin)
    for i, (x, y) in enumerate(((34, -16), (38, -6), (35, 4), (27, 12))):
        e.add(ribbon([(8, -8 + i * 6), (22, -13 + i * 7), (x, y)], [6.6, 6, 4.2]), skin if i % 2 == 0 else mix(skin, shade, 0.3))
    e.add(ribbon([(-6, -8), (2, -22), (12, -27)], [7.5, 6.6, 5]), mix(skin, shade, 0.25))


def _parcel(e: Easel) -> None:
    e.add(polygon([(-26, -10), (0, -20), (28, -10), (2, 2)]), (216, 176, 124))
    e.add(polygon([(-26, -10), (2, 2), (2, 30), (-26, 16)]), (176, 130, 84))
    e.add(polygon([(2, 2), (28, -10), (28, 16), (2, 30)]), (146, 104, 68))
    e.add(ribbon([(-13, -15), (15, -4), (15, 23)], [2, 2], smooth=False), (186, 66, 54))
    e.add(ribbon([(14, -15), (-12, -4), (-12, 23)], [2, 2], smooth=False), (206, 84, 66))


def _glass(e: Easel) -> None:
    cup = e.add(polygon([(-15, -22), (15, -22), (12, 22), (-12, 22)]), (224, 236, 240), 0.35)
    e.add(polygon([(-14, -4), (14, -4), (12, 22), (-12, 22)]), (206, 132, 52), 0.9, cup)
    e.add(ellipse(0, -4, 13.6, 2.6), (236, 176, 92))
    e.add(ellipse(0, -22, 15, 3), (240, 248, 250), 0.5)
    e.add(polygon([(-11, -18), (-7, -18), (-6, 18), (-9, 18)]), (255, 255, 255), 0.5)


def _bottle(e: Easel) -> None:
    e.add(blob([(-5, -42), (5, -42), (5, -22), (12, -12), (12, 26), (-12, 26), (-12, -12), (-5, -22)], 0.45), (52, 84, 62))
    e.add(box(-12, -4, 12, 16), (232, 218, 184))
    e.add(box(-8, 0, 8, 2), (140, 52, 46))
    e.add(box(-5.6, -45, 5.6, -38, 1), (140, 52, 46))


def _knife(e: Easel) -> None:
    e.add(polygon([(-6, -4), (34, -5), (40, 0), (-6, 5)]), (196, 204, 212), turn=-24)
    e.add(polygon([(-6, 1), (39, 0), (-6, 5)]), (150, 158, 170), turn=-24)
    e.add(box(-34, -4, -5, 5, 3), (70, 48, 38), turn=-24)


def _flower(e: Easel) -> None:
    e.add(ribbon([(0, 34), (-3, 12), (0, -8)], [2, 1.6]), (84, 124, 80))
    e.add(blob([(-2, 16), (-18, 6), (-22, 12), (-10, 22)]), (92, 136, 84))
    for i in range(7):
        e.add(ellipse(0, -11, 5.4, 11).turned(i * 51.4).moved(0, -12), (206, 66, 72) if i % 2 else (226, 92, 88))
    e.add(ellipse(0, -12, 4.6), (240, 196, 92))


def _money(e: Easel) -> None:
    for i, turn in enumerate((-16, -5, 7)):
        note = e.add(box(-30, -13, 30, 13, 0.8), mix((150, 176, 138), (110, 140, 110), i / 3), turn=turn)
        e.add(ellipse(0, 0, 7, 8.5), (206, 214, 184), within=note, turn=turn)
        e.add(ellipse(0, 0, 4, 5.4), (104, 130, 104), within=note, turn=turn)


def _screen(e: Easel) -> None:
    e.add(polygon([(-40, 22), (40, 22), (46, 30), (-46, 30)]), (120, 124, 132))
    e.add(box(-34, -24, 34, 22, 2), (42, 44, 52))
    e.add(box(-31, -21, 31, 19), (96, 160, 196))
    for i, w in enumerate((30, 44, 22, 38, 26)):
        e.add(box(-27, -16 + i * 6.6, -27 + w, -13.6 + i * 6.6, 0.8), (226, 242, 248), 0.9)


def _eye_ring(e: Easel) -> None:
    ring = ellipse(0, 4, 18, 20) + ellipse(0, 4, 14, 16)
    made = ring.scaled(e.size, e.size).moved(e.x, e.y)
    e.canvas.fill(e.canvas.mask(made, even_odd=True), e.light.tone((226, 184, 92)))
    e.add(polygon([(-8, -22), (8, -22), (12, -17), (0, -6), (-12, -17)]), (190, 226, 240))
    e.add(polygon([(-3, -22), (3, -22), (4, -17), (0, -6), (-4, -17)]), (236, 248, 255))


def _candle(e: Easel) -> None:
    e.add(ellipse(0, 30, 20, 4), (190, 148, 84))
    e.add(box(-6, -10, 6, 30, 1.5), (240, 230, 206))
    e.canvas.glow(e.x, e.y - 20 * e.size, 40 * e.size, 40 * e.size, e.light.glow(), 0.8)
    e.add(blob([(0, -32), (4.6, -18), (0, -11), (-4.6, -18)]), (255, 206, 104))
    e.add(blob([(0, -24), (2.2, -17), (0, -12.5), (-2.2, -17)]), (255, 246, 214))


def _lantern(e: Easel) -> None:
    e.add(ribbon([(-9, -22), (-8, -34), (0, -38), (8, -34), (9, -22)], [2, 2, 2, 2, 2]), (70, 62, 58))
    e.canvas.glow(e.x, e.y, 46 * e.size, 46 * e.size, e.light.glow(), 0.85)
    e.add(polygon([(-12, -18), (-7, -25), (7, -25), (12, -18)]), (84, 70, 58))
    glass = e.add(box(-11, -18, 11, 14, 3), (255, 206, 120))
    e.add(blob([(0, -12), (5, 2), (0, 9), (-5, 2)]), (255, 250, 226), within=glass)
    for x in (-11, 11, -3.6, 3.6):
        e.add(box(x - 0.9, -18, x + 0.9, 14), (84, 70, 58), 0.9)
    e.add(box(-14, 14, 14, 21, 2), (84, 70, 58))


def _umbrella(e: Easel) -> None:
    red = (186, 44, 46)
    if e.size > 0.4:
        e.add(box(-1, -22, 1, 40), (70, 52, 44))
        e.add(ribbon([(0, 38), (0, 44), (5, 46), (8, 42)], [2, 2, 2, 2]), (96, 66, 46))
    dome = e.add(blob([(-36, 2), (-30, -16), (-14, -28), (0, -31), (14, -28), (30, -16), (36, 2), (24, -3), (12, 2), (0, -3), (-12, 2), (-24, -3)], 0.5), red)
    side = e.light.side
    e.add(polygon([(0, -34), (side * 12, 4), (side * 40, 6), (side * 40, -30)]), mix(red, (255, 190, 170), 0.35), 0.5, dome)
    for x in (-12, 12):
        e.add(ribbon([(0, -31), (x * 0.7, -16), (x, 2)], [0.5, 0.8, 0.6]), mix(red, (30, 10, 14), 0.6), 0.8, dome)
    e.add(box(-0.9, -36, 0.9, -29), (70, 52, 44))


_TABLE: Mapping[str, tuple[Callable[[Easel], None], Sequence[str]]] = {
    "ticket": (_ticket, ("ticket", "билет", "billet", "fahrkarte", "boleto", "biglietto", "passport", "card", "паспорт")),
    "letter": (_letter, ("letter", "note", "envelope", "paper", "telegram", "message", "document", "contract", "map", "newspaper", "письм", "газет", "zeitung", "periódico", "giornale", "записк", "конверт", "карт", "lettre", "enveloppe", "brief", "carta", "lettera")),
    "phone": (_phone, ("phone", "mobile", "smartphone", "cell", "телефон", "téléphone", "telefon", "handy", "teléfono", "telefono")),
    "photograph": (_photo, ("photo", "picture", "portrait", "polaroid", "snapshot", "фото", "снимок", "foto", "bild")),
    "clock": (_clock, ("clock", "watch", "timer", "час", "horloge", "montre", "uhr", "reloj", "orologio")),
    "glass": (_glass, ("whisky", "whiskey", "glass", "drink", "beer", "стакан", "verre", "vaso", "bicchiere")),
    "bottle": (_bottle, ("bottle", "wine", "бутыл", "bouteille", "flasche", "botella")),
    "cup": (_cup, ("cup", "mug", "coffee", "tea", "teapot", "чашк", "кружк", "чай", "кофе", "tasse", "taza", "tazza")),
    "key": (_key, ("key ", "keys", "keyhole", "padlock", "ключ", "clé", "clef", "schlüssel", "llave", "chiave")),
    "gun": (_gun, ("gun", "pistol", "revolver", "weapon", "rifle", "пистолет", "револьвер", "pistole", "arme", "arma")),
    "knife": (_knife, ("knife", "dagger", "blade", "sword", "нож", "couteau", "messer", "cuchillo", "coltello")),
    "book": (_book, ("book", "diary", "journal", "notebook", "script", "книг", "дневник", "тетрад", "livre", "buch", "libro")),
    "money": (_money, ("money", "cash", "banknote", "bill", "coin", "деньг", "argent", "geld", "dinero", "soldi")),
    "ring": (_eye_ring, ("ring", "jewel", "necklace", "кольц", "bague", "anillo", "anello")),
    "lantern": (_lantern, ("lantern", "oil lamp", "hurricane lamp", "фонар", "lanterne", "laterne", "linterna", "farol")),
    "umbrella": (_umbrella, ("umbrella", "parasol", "зонт", "parapluie", "regenschirm", "paraguas", "ombrello")),
    "candle": (_candle, ("candle", "match", "flame", "lighter", "свеч", "bougie", "kerze", "vela", "candela")),
    "flower": (_flower, ("flower", "rose", "bouquet", "цвет", "роз", "fleur", "blume", "flor", "fiore")),
    "screen": (_screen, ("screen", "laptop", "computer", "monitor", "television", "tv ", "экран", "ноутбук", "компьютер", "écran", "bildschirm", "pantalla")),
    "bag": (_bag, ("bag", "suitcase", "briefcase", "luggage", "case", "backpack", "сумк", "чемодан", "valise", "sac", "koffer", "tasche", "maleta", "valigia")),
    "door": (_door, ("door", "handle", "knob", "gate ", "двер", "ручк", "porte", "poignée", "tür", "puerta", "porta")),
    "hand": (_hand, ("hand", "finger", "fist", "palm", "рук", "палец", "пальц", "main", "doigt", "mano")),
    "parcel": (_parcel, ("parcel", "package", "box", "gift", "present", "посылк", "коробк", "подар", "paquet", "cadeau", "paket", "geschenk")),
}  # fmt: skip

PROPS = tuple(_TABLE)


def prop_of(text: str) -> str:
    """The object a text names first in our vocabulary's order; "parcel" when it names none."""
    return named(text) or "parcel"


def named(text: str) -> str:
    """The object a text names first in our vocabulary's order; "" when it names none."""
    lowered = f"{text.casefold()} "
    for name, (_, stems) in _TABLE.items():
        if any(begins(lowered, stem) for stem in stems):
            return name
    return ""


def paint_prop(
    canvas: Canvas, name: str, light: Light, x: float, y: float, size: float, words: str = ""
) -> None:
    """The object about (x, y) in units; at size 1 it is about 60 units wide.

    ``words`` may say more of it: what hour a clock shows, that a paper is blank.
    """
    _TABLE[name][0](Easel(canvas, light, x, y, size, words.casefold()))


def paint_surface(canvas: Canvas, light: Light, top: float) -> None:
    """A table top in lamp light, from ``top`` down."""
    left, _, right, bottom = canvas.units()
    wood = light.tone((134, 92, 64))
    canvas.fill(box(left, top, right, bottom), Gradient(0, top, 0, bottom, (brighter(wood, 0.12), wood, mix(wood, light.ink, 0.45))))
    canvas.fill(box(left, top, right, top + 0.8), brighter(wood, 0.3), 0.7)
    for i in range(5):
        y = top + 5 + i * i * 2.6 + i * 3
        canvas.fill(ribbon([(left, y), (left * 0.3, y + 1.2), (right * 0.4, y - 0.6), (right, y + 1)], [0.3 + i * 0.12]), light.ink, 0.16)
    canvas.glow(light.side * 30, top + 14, 74, 34, light.glow(0.7), 0.34)
