# SPDX-License-Identifier: GPL-3.0-or-later
"""Which painter paints which place: word stems in several languages, looked up in order.

The one idea: a heading's words name a kind of place; every kind has one painter, and a place
nobody named gets a room or a landscape.  ``kind_of`` is all the rest of the package asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..spec import Setting
from ..words import begins, end_of, is_interior
from . import city, nature, public, rooms, transit
from .scene import Scene

Painter = Callable[[Scene], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place: its painter and whether people there usually sit."""

    name: str
    paint: Painter
    seated: bool = False


_TABLE: tuple[tuple[Kind, Sequence[str]], ...] = (
    (Kind("carriage", transit.carriage, True), ("subway car", "dining car", "sleeping car", "railway car", "train car", "train carriage", "carriage", "compartment", "inside the train", "on the train", "вагон", "купе", "wagon", "abteil", "vagon", "bus ", "tram ", "автобус", "车厢")),
    (Kind("subway", transit.subway), ("metro station", "subway station", "underground station", "subway", "metro", "underground", "tube station", "метро", "u-bahn", "地铁")),
    (Kind("train", transit.platform), ("train ", "trains", "поезд", "treno", "tren ", "列车")),
    (Kind("platform", transit.platform), ("platform", "train station", "railway", "railroad", "station", "tracks", "перрон", "платформ", "вокзал", "станци", "gare", "quai", "bahnhof", "bahnsteig", "estación", "andén", "stazione", "binario", "駅", "车站", "站台")),
    (Kind("spaceship", transit.spaceship), ("outer space", "space ", "starship bridge", "spaceship", "spacecraft", "starship", "space station", "cockpit", "airlock", "bridge of the ship", "orbit", "космическ", "звездол", "vaisseau", "raumschiff", "nave espacial")),
    (Kind("plane", transit.plane, True), ("airplane", "aeroplane", "aircraft", "plane ", "planes", "jet ", "самолет", "самолёт", "avion", "flugzeug", "aereo")),
    (Kind("airport", transit.airport), ("airport", "terminal", "departure", "аэропорт", "aéroport", "flughafen", "aeropuerto")),
    (Kind("ship_deck", transit.ship_deck), ("ship", "boat", "ferry", "deck", "yacht", "корабл", "лодк", "палуб", "bateau", "schiff", "barco", "nave")),
    (Kind("tunnel", transit.tunnel), ("tunnel", "sewer", "catacomb", "туннел", "тоннел")),
    (Kind("car", transit.car, True), ("car ", "cars", "taxi", "cab ", "van ", "truck", "vehicle", "машин", "автомоб", "такси", "voiture", "auto ", "wagen", "coche")),
    (Kind("kitchen", rooms.kitchen), ("kitchen", "pantry", "кухн", "cuisine", "küche", "cocina", "cucina", "厨房", "台所")),
    (Kind("bathroom", rooms.bathroom), ("bathroom", "toilet", "restroom", "washroom", "shower", "ванн", "туалет", "salle de bain", "badezimmer", "baño", "bagno")),
    (Kind("bedroom", rooms.bedroom), ("bedroom", "hotel room", "motel", "dorm", "nursery", "спальн", "chambre", "schlafzimmer", "dormitorio", "camera da letto", "卧室")),
    (Kind("attic", rooms.attic), ("tent ", "stable", "attic", "basement", "cellar", "garage", "shed", "barn", "workshop", "чердак", "подвал", "гараж", "сара", "grenier", "cave à", "keller", "dachboden", "sótano", "cantina")),
    (Kind("hospital", public.hospital), ("morgue", "operating room", "surgery", "hospital", "clinic", "ward ", "wards", "больниц", "госпитал", "hôpital", "krankenhaus", "ospedale", "医院")),
    (Kind("hallway", rooms.hallway), ("hallway", "corridor", "hall ", "stair", "landing", "elevator", "коридор", "лестниц", "couloir", "escalier", "flur", "treppe", "pasillo", "corridoio", "passage")),
    (Kind("classroom", public.classroom), ("classroom", "school", "lecture", "university", "college", "класс", "школ", "аудитор", "école", "schule", "escuela", "scuola", "教室")),
    (Kind("laboratory", public.laboratory), ("research station", "weather station", "submarine", "laborator", "lab ", "control room", "server", "лаборатор", "labor")),
    (Kind("library", public.library), ("library", "bookshop", "bookstore", "archive", "study", "библиотек", "bibliothè", "bibliothek", "biblioteca")),
    (Kind("church", public.church), ("church", "chapel", "cathedral", "temple", "mosque", "synagogue", "monastery", "церк", "храм", "собор", "église", "kirche", "iglesia", "chiesa")),
    (Kind("theatre", public.theatre), ("theatre", "theater", "cinema", "stage", "auditorium", "concert", "circus", "opera", "studio", "театр", "кино", "сцен", "théâtre", "bühne")),
    (Kind("prison", public.prison), ("prison", "cell", "jail", "dungeon", "interrogation", "тюрьм", "камер", "допрос", "cellule", "gefängnis", "cárcel", "prigione")),
    (Kind("warehouse", public.warehouse), ("power station", "parking garage", "warehouse", "factory", "hangar", "depot", "industrial", "mill ", "склад", "завод", "фабрик", "entrepôt", "usine", "fabrik", "lager", "almacén", "fábrica")),
    (Kind("cafe", public.cafe), ("coffee shop", "tea shop", "café", "cafe", "coffee", "diner", "bakery", "tea room", "teahouse", "кафе", "кофейн", "salon de thé", "cafetería")),
    (Kind("restaurant", public.restaurant, True), ("banquet hall", "restaurant", "dining", "banquet", "ресторан", "столов", "speisesaal", "ristorante")),
    (Kind("bar", public.bar), ("bar ", "bars", "pub ", "tavern", "saloon", "nightclub", "club", "inn ", "бар ", "паб", "клуб", "taverne", "kneipe")),
    (Kind("shop", public.shop), ("shop", "store", "supermarket", "market", "mall", "boutique", "pharmacy", "kiosk", "магазин", "рынок", "аптек", "magasin", "marché", "laden", "tienda", "negozio")),
    (Kind("gym", public.gym), ("gym", "stadium", "arena", "sports", "dojo", "pool", "спортзал", "стадион", "бассейн")),
    (Kind("lobby", public.lobby), ("great hall", "town hall", "courthouse", "concert hall", "vault", "lobby", "foyer", "museum", "gallery", "courtroom", "court ", "bank ", "palace", "ballroom", "hotel", "reception", "waiting room", "ticket hall", "concourse", "вестибюл", "зал ", "музей", "галере", "банк", "дворец", "суд", "musée", "saal", "halle")),
    (Kind("office", public.office), ("radio station", "tv station", "fire station", "reception desk", "cubicle", "office", "desk", "meeting", "boardroom", "newsroom", "police station", "precinct", "headquarters", "agency", "офис", "кабинет", "участок", "bureau", "büro", "oficina", "ufficio", "办公室")),
    (Kind("living_room", rooms.living_room), ("living room", "lounge", "sitting room", "apartment", "flat ", "parlo", "penthouse", "home", "гостин", "квартир", "salon", "appartement", "wohnzimmer", "wohnung", "sala ", "soggiorno", "客厅")),
    (Kind("rooftop", city.rooftop), ("rooftop", "roof", "balcony", "terrace", "крыш", "балкон", "toit", "dach", "tejado", "azotea", "tetto")),
    (Kind("alley", city.alley), ("prison yard", "school yard", "schoolyard", "alley", "backstreet", "back street", "side street", "courtyard", "переул", "двор", "ruelle", "gasse", "callejón", "vicolo", "hinterhof")),
    (Kind("bridge", city.bridge), ("bridge", "мост", "pont", "brücke", "puente", "ponte")),
    (Kind("road", city.road), ("service station", "petrol station", "road", "highway", "freeway", "motorway", "route", "crossroads", "gas station", "дорог", "шоссе", "landstraße", "autobahn", "carretera", "autostrada")),
    (Kind("street", city.street), ("bus stop", "car park", "phone booth", "street", "city", "town", "downtown", "avenue", "square", "plaza", "sidewalk", "pavement", "village", "neighbo", "parking", "улиц", "город", "площад", "проспект", "rue", "ville", "straße", "strasse", "stadt", "platz", "calle", "ciudad", "strada", "città", "piazza", "街", "道")),
    (Kind("harbour", nature.harbour), ("harbo", "port ", "dock", "marina", "pier", "quay", "wharf", "порт ", "гаван", "причал", "пристан", "hafen", "puerto", "porto")),
    (Kind("beach", nature.beach), ("lighthouse", "beach", "shore", "coast", "sand", "seaside", "пляж", "берег", "plage", "strand", "playa", "spiaggia")),
    (Kind("sea", nature.sea), ("sea ", "seas", "ocean", "lake", "river", "water", "море", "моря", "морск", "океан", "озер", "рек", "mer ", "lac ", "meer", "mar ", "mare", "海")),
    (Kind("forest", nature.forest), ("forest", "wood ", "woods", "woodland", "jungle", "grove", "clearing", "swamp", "лес", "тайг", "рощ", "forêt", "bois", "wald", "bosque", "foresta", "森")),
    (Kind("cave", nature.cave), ("cave", "cavern", "mine shaft", "mineshaft", "coal mine", "grotto", "пещер", "шахт", "grotte", "höhle", "cueva")),
    (Kind("mountain", nature.mountain), ("mountain", "peak", "summit", "cliff", "canyon", "valley", "hill", "горы", "гора", "горн", "скал", "долин", "холм", "montagne", "berg", "montaña", "montagna", "山")),
    (Kind("desert", nature.desert), ("desert", "dune", "wasteland", "mars", "пустын", "désert", "wüste", "desierto", "deserto", "沙漠")),
    (Kind("garden", nature.garden), ("garden", "greenhouse", "orchard", "vineyard", "сад ", "огород", "jardin", "garten", "jardín", "giardino")),
    (Kind("park", nature.park), ("park ", "parks", "playground", "cemetery", "graveyard", "campus", "парк", "кладбищ", "parc", "friedhof", "parque", "parco")),
    (Kind("field", nature.field), ("battlefield", "battleground", "field", "meadow", "farm", "prairie", "countryside", "steppe", "plains", "поле", "луг", "степ", "champ", "feld", "wiese", "campo")),
    (Kind("house", transit.house_front), ("house", "cottage", "cabin", "villa", "mansion", "castle", "дом", "изб", "maison", "haus", "casa", "château", "schloss")),
)  # fmt: skip

ROOM = Kind("room", rooms.plain_room)
OUTDOORS = Kind("outdoors", transit.outdoors)
KINDS: tuple[Kind, ...] = (*(kind for kind, _ in _TABLE), ROOM, OUTDOORS)

_OUTSIDE_ONLY = {"street", "alley", "road", "bridge", "rooftop", "forest", "field", "park", "beach", "sea", "harbour", "mountain", "desert", "platform", "train", "garden", "house"}  # fmt: skip
_INDOOR_TWIN = {"beach": "living_room", "train": "carriage", "house": "living_room", "platform": "lobby", "garden": "living_room", "harbour": "warehouse", "field": "attic", "street": "room", "road": "car"}  # fmt: skip
_OUTDOOR_TWIN = {"car": "road", "kitchen": "house", "living_room": "house", "bedroom": "house", "carriage": "platform", "cafe": "street", "bar": "street", "restaurant": "street", "shop": "street", "office": "street", "hospital": "street", "classroom": "street", "church": "street", "library": "street", "lobby": "street", "theatre": "street", "hallway": "house", "room": "outdoors", "warehouse": "harbour", "prison": "street", "gym": "park"}  # fmt: skip


def kind_of(setting: Setting) -> Kind:
    """The kind of place a setting names: its place first, then its description."""
    for text in (_head(setting.place.casefold()), setting.place.casefold()):
        found = _named(text)
        if found is not None:
            return _inside_out(found, setting)
    lowered = setting.description.casefold()
    for kind, stems in _TABLE:
        if any(begins(lowered, stem) for stem in stems):
            return _inside_out(kind, setting)
    return ROOM if is_interior(setting) or setting.interior == "" else OUTDOORS


def _head(lowered: str) -> str:
    """The part of a place before "of", "in", "near" …: that is where the scene is."""
    for word in (" of ", " in ", " at ", " near ", " outside ", " by ", " on ", " behind "):
        lowered = lowered.split(word)[0]
    return lowered


def _named(lowered: str) -> Kind | None:
    """The kind whose stem comes last, the longest of several (a police station is an office)."""
    best: tuple[int, int] = (-1, 0)
    found: Kind | None = None
    for kind, stems in _TABLE:
        for stem in stems:
            rank = (end_of(lowered, stem), len(stem.strip()))
            if rank[0] >= 0 and rank > best:
                best, found = rank, kind
    return found


def _inside_out(kind: Kind, setting: Setting) -> Kind:
    """The heading's INT/EXT wins: a house inside is a living room, a kitchen outside a house."""
    twin = ""
    if setting.interior == "INT":
        twin = _INDOOR_TWIN.get(kind.name, "")
    elif setting.interior == "EXT":
        twin = _OUTDOOR_TWIN.get(kind.name, "")
    return next((k for k in KINDS if k.name == twin), kind) if twin else kind
