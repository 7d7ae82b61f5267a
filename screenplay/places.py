# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the scenes happen: one environment for each place and time of day.

The one idea: two headings with the same words for inside or outside, place and time
mean the same environment; the same place at another hour is a variant of it.
Weather, season, mood and light come from the scene's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, cast

from .film import Place
from .headings import INHERIT, Heading, parse_heading
from .lexicon import Lexicon
from .naming import Keys, fold
from .pieces import RawScene

__all__ = ["find_places"]

_KINDS: Final = Lexicon(
    {
        "platform": "platform* перрон* платформ* quai bahnsteig andén binario 站台",
        "station": "station* вокзал* станци* метро gare bahnhof estación stazione 车站 駅 地铁",
        "train": "train* carriage compartment railcar subway поезд* вагон* купе электричк* wagon rame zug abteil tren treno 火车 電車",
        "bar": "bar pub tavern saloon nightclub club бар бара баре kneipe 酒吧",
        "cafe": "cafe* café* coffee* diner кафе kaffeehaus 咖啡馆 喫茶店",
        "restaurant": "restaurant* bistro ресторан* 餐厅 レストラン",
        "kitchen": "kitchen* кухн* cuisine küche cocina cucina 厨房 台所",
        "bedroom": "bedroom* спальн* chambre schlafzimmer dormitorio 卧室 寝室",
        "bathroom": "bathroom* toilet* shower* ванн* туалет* salle-de-bain bad baño bagno",
        "living room": "living lounge гостин* salon wohnzimmer soggiorno 客厅",
        "apartment": "apartment* flat квартир* appartement wohnung piso appartamento 公寓",
        "hospital": "hospital* ward clinic больниц* hôpital krankenhaus ospedale 医院 病院",
        "school": "school* classroom* university школ* класс* école schule escuela scuola 学校 教室",
        "office": "office* boardroom cubicle* precinct офис* кабинет* bureau büro oficina ufficio 办公室",
        "church": "church* chapel cathedral temple церк* église kirche iglesia chiesa 教堂",
        "theatre": "theatre theater stage auditorium cinema театр* théâtre 剧场",
        "shop": "shop* store* market* supermarket магазин* рынок magasin boutique laden tienda negozio 商店",
        "warehouse": "warehouse* factory hangar склад* завод* usine fabrik almacén 仓库",
        "garage": "garage* workshop гараж* мастерск*",
        "car": "car cab taxi truck van limousine машин* автомобил* такси voiture auto coche macchina 车内",
        "alley": "alley* переул* подворотн* ruelle gasse callejón vicolo 小巷",
        "road": "road* highway* freeway motorway дорог* шоссе route landstraße autobahn carretera autostrada",
        "street": "street* avenue sidewalk crossroads square улиц* площад* rue straße strasse calle strada via 街 街道 通り",
        "bridge": "bridge* мост* pont brücke puente ponte",
        "rooftop": "roof* крыш* toit dach azotea tetto 屋顶 屋上",
        "harbour": "harbour harbor port dock* pier wharf quay marina порт* причал* гаван* hafen puerto porto 港",
        "ship": "ship boat deck корабл* лодк* палуб* bateau schiff barco nave",
        "beach": "beach shore seaside coast пляж* берег* plage strand playa spiaggia 海滩",
        "sea": "sea ocean море мор* mer meer mar mare 海",
        "river": "river* riverbank lake* pond рек* озер* rivière fluss see río fiume lago",
        "forest": "forest* wood woods jungle лес леса лесу лесн* forêt wald bosque foresta 森林 森",
        "mountain": "mountain* hill* cliff* canyon гор* скал* montagne berg montaña montagna 山",
        "desert": "desert dune* пустын* désert wüste desierto deserto 沙漠",
        "field": "field* meadow* farm* prairie поле пол* луг* champ feld campo",
        "garden": "garden* yard backyard patio сад* двор* jardin garten jardín giardino 庭",
        "park": "park playground парк* parc parque parco 公园",
        "cemetery": "cemetery graveyard churchyard кладбищ* cimetière friedhof cementerio cimitero",
        "corridor": "corridor* hallway* hall stairwell staircase elevator lift коридор* подъезд* лестниц* couloir flur pasillo corridoio 走廊",
        "cellar": "cellar basement crypt tunnel* sewer подвал* тоннел* keller sótano cantina",
        "cave": "cave cavern* grotto пещер* grotte höhle cueva grotta 洞",
        "prison": "prison* cell jail тюрьм* камер* gefängnis cárcel",
        "laboratory": "lab laborator* лаборатор*",
        "spaceship": "spaceship spacecraft starship cockpit shuttle космическ* звездолет*",
        "house": "house* home cottage cabin mansion villa дом дома доме изб* maison haus casa 家",
        "room": "room* комнат* pièce zimmer habitación stanza 房间 部屋",
        "city": "city town skyline downtown village город* ville stadt ciudad città 城市",
    }
)
_WEATHER: Final = Lexicon(
    {
        "storm": "storm* thunder* lightning гроз* буря шторм* orage tempête gewitter sturm tormenta temporale 暴风雨 嵐",
        "rain": "rain* drizzl* downpour дожд* ливень ливн* pluie pleut regen* lluvia llueve pioggia piove 雨",
        "snow": "snow* blizzard* снег* метел* вьюг* neige schnee* nieve neve 雪",
        "fog": "fog* mist misty haze туман* brouillard brume nebel niebla nebbia 雾 霧",
        "wind": "wind windy gale gusts ветер ветр* vent mistral wind viento vento 风 風",
        "cloudy": "cloud* overcast облач* тучи пасмурн* nuage* wolken nublado nuvol* 阴 曇",
    }
)
_SEASON: Final = Lexicon(
    {
        "winter": "winter* snow* blizzard frost frozen icy december january february christmas зим* снег* мороз* hiver neige schnee invierno inverno 冬",
        "autumn": "autumn* october november осен* automne herbst otoño autunno 秋",
        "summer": "summer* july august heatwave sweltering лето летн* летом été sommer verano estate 夏",
        "spring": "springtime april may-day blossom* весн* printemps frühling primavera 春",
    }
)
_MOOD: Final = Lexicon(
    {
        "lonely": "alone lonely empty deserted solitary abandoned last одинок* пуст* seul seule désert* vide allein leer verlassen solo sola vacío 孤独",
        "tense": "tense gun knife blood chase* threat* fear* hunt* danger* scream* trap* напряж* пистолет* страх* tendu* peur angst miedo paura",
        "menacing": "menac* sinister shadow* creep* lurk* ominous зловещ* тень тени ombre* sombre schatten sombra*",
        "sad": "sad tear* weep* cry* cries grave* funeral mourn* sob* груст* слез* плач* triste larmes traurig tränen lágrimas",
        "romantic": "kiss* embrace* love lovers tender* поцел* любов* baiser amour kuss liebe beso amor",
        "joyful": "laugh* smile* cheer* dance* celebrat* joy* сме* улыб* праздн* rire* sourire lachen risa",
        "mysterious": "myster* strange* whisper* secret* fog* странн* тайн* étrange secret geheim* extraño",
        "calm": "calm quiet* still silence peace* gentle soft* тих* тишин* покой calme silence ruhig stille calma silencio",
    }
)
_LIGHT: Final = Lexicon(
    {
        "neon": "neon неон* néon",
        "candle light": "candle* свеч* bougie* kerze* vela",
        "moonlight": "moon moonlight moonlit лун* lune mond* luna",
        "fire light": "fire fireplace bonfire campfire костер костр* камин* feu feuer fuego",
        "fluorescent": "fluorescent strip-light tube люминесцент*",
        "lamp light": "lamp* lantern* streetlight* streetlamp* bulb ламп* фонар* lampe* réverbère* laterne* farola",
        "sunlight": "sun sunlight sunny sunshine солнц* soleil sonne* sol sole",
        "headlights": "headlight* headlamp* фары phares scheinwerfer faros",
    }
)
#: What follows says where the place itself lies: an alley behind a bar is an alley.
_WHERE: Final = re.compile(
    r"\s(?:of|in|at|near|outside|by|on|behind|opposite|under|above)\s(?:the|a|an)?\s*"
)
#: Two words that are another place than either alone: kept as they are written.
_OWN: Final = re.compile(
    r"\b(?:police|gas|petrol|service|radio|tv|fire|power|space|research|weather|metro|subway|underground) "
    r"station|\bcoffee shop|\bbus stop|\b(?:subway|train|dining|sleeping|cable|railway) car\b|"
    r"\bparking (?:lot|garage)|\b(?:prison|school) yard|\b(?:great|town|banquet|concert|ticket) hall\b|"
    r"\b(?:starship|ship's|spaceship) bridge|\bcar park\b|\bclass ?room|\bship(?:'s)? - cabin"
)
#: A place that is only a name says nothing: the prose is asked.
_NAMELESS: Final = re.compile(r"\W*$")
_ROOFED: Final = frozenset({
    "bar", "cafe", "restaurant", "kitchen", "bedroom", "bathroom", "living room", "apartment",
    "hospital", "office", "church", "theatre", "shop", "warehouse", "garage", "car", "corridor",
    "cellar", "cave", "prison", "laboratory", "spaceship", "room", "train",
})  # fmt: skip
_SETTINGS: Final[dict[str, Literal["int", "ext", "int_ext"]]] = {
    "INT": "int",
    "EXT": "ext",
    "INT/EXT": "int_ext",
    "": "ext",
}


def find_places(
    scenes: Sequence[RawScene], keys: Keys
) -> tuple[tuple[Place, ...], tuple[str, ...], tuple[str, ...]]:
    """The places, each scene's place key, and each scene's mood.

    A time that only continues (CONTINUOUS, LATER, SAME) is the time of the scene before;
    a heading without any time is at the time its place was last seen, else by day.
    """
    found: dict[tuple[str, str, str], tuple[str, Heading]] = {}
    words: dict[str, list[str]] = {}
    used: list[str] = []
    moods: list[str] = []
    before, last_time = "day", {"": "day"}
    for scene in scenes:
        heading = parse_heading(scene.heading.text if scene.heading else "")
        name = fold(heading.place)
        time = before if heading.time == INHERIT else heading.time or last_time.get(name, "day")
        before = last_time[name] = time
        identity = (_setting(heading), name, time)
        if identity not in found:
            found[identity] = (_new_key(heading, time, identity, found, keys), heading)
        key = found[identity][0]
        said = " ".join((heading.place, heading.extra, *_prose(scene)))
        words.setdefault(key, []).append(said)
        used.append(key)
        moods.append(_MOOD.most(said))
    places = tuple(
        _place(key, heading, identity, " ".join(words[key]), found)
        for identity, (key, heading) in found.items()
    )
    return places, tuple(used), tuple(moods)


def _setting(heading: Heading) -> Literal["int", "ext", "int_ext"]:
    """As the heading says; without a word a kitchen is inside and a beach is not."""
    if not heading.setting and _KINDS.last(heading.place) in _ROOFED:
        return "int"
    return _SETTINGS[heading.setting]


def _kind(place: str, said: str) -> str:
    """The kind of place: the most particular part of the heading decides, prose last."""
    where = _WHERE.split(place.casefold(), maxsplit=1)[0].strip() or place.casefold()
    if _OWN.search(where):
        return where
    parts = [*reversed(where.split(" - ")), where]
    kind = next((kind for part in parts if (kind := _KINDS.last(part))), "")
    if kind in ("", "room") and (where.strip(" -") or not said):
        return _KINDS.first(said) if not kind and _NAMELESS.match(where) else where
    return kind


def _prose(scene: RawScene) -> tuple[str, ...]:
    """Action, and how lines are said: what is spoken of is not what is there."""
    return tuple(p.manner if p.kind == "line" else p.text for p in scene.pieces)


def _new_key(
    heading: Heading,
    time: str,
    identity: tuple[str, str, str],
    found: dict[tuple[str, str, str], tuple[str, Heading]],
    keys: Keys,
) -> str:
    seen = any(name == identity[1] for _, name, _ in found) if heading.place else False
    name = heading.place or "place"
    return keys.new(f"{name} {time}" if seen else name, default="place")


def _place(
    key: str,
    heading: Heading,
    identity: tuple[str, str, str],
    said: str,
    found: dict[tuple[str, str, str], tuple[str, Heading]],
) -> Place:
    inside, name, time = identity
    first = next(
        (other for (way, place, _), (other, _) in found.items() if (way, place) == (inside, name)),
        key,
    )
    return Place(
        key=key,
        name=heading.place or "Unnamed place",
        interior=cast(Literal["int", "ext", "int_ext"], inside),
        time=cast(Literal["day", "night", "dawn", "dusk"], time),
        kind=_kind(heading.place, said),
        weather=_WEATHER.first(said) or "clear",
        season=_SEASON.first(said) or "any",
        mood=_MOOD.most(said),
        lighting=", ".join(list(dict.fromkeys(_LIGHT.hits(said)))[:2]),
        variant_of="" if first == key else first,
    )
