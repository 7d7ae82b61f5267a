# SPDX-License-Identifier: GPL-3.0-or-later
"""Which words of a script are heard: effect → the words that call for it, as data.

A screenplay's breakdown and the sound-maker must agree on what makes a noise, and neither
may import the other, so the list lies here.  How an effect sounds is not here.

Grammar of an entry: ``door+slam*`` needs both words in one sentence, ``*`` ends a stem,
``glass breaks`` is a phrase, and a word in a script without spaces matches anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

__all__ = ["CONTINUOUS", "EFFECT_WORDS", "sounds_in"]

_WORDS: dict[str, str] = {
    # People
    "footsteps_gravel": "footstep*+gravel; step*+gravel; walk*+gravel; crunch*+gravel; шаги+гравий*; pas+gravier; schritte+kies",
    "footsteps_wood": "footstep*+wood*; footstep*+floorboard*; footstep*+stair*; floorboard*+creak*; boots+floor; шаги+лестниц*",
    "footsteps_snow": "footstep*+snow; trudg*+snow; crunch*+snow; walk*+snow; шаги+снег*",
    "footsteps_water": "footstep*+puddle*; splash*+puddle*; wad*+water; step*+puddle*",
    "footsteps_grass": "footstep*+grass; footstep*+leaves; walk*+grass; rustl*+leaves; dry leaves; twig*+snap*",
    "footsteps_running": "running footstep*; footstep*+run*; footstep*+sprint*; sprint*; runs; running; dash* across; chases; chasing; бежит; бегут; бегущи*; rennt",
    "footsteps": "footstep*; footfall*; footfall; heels+click*; paces; pacing; boots+approach*; walks away; approaching steps; шаги; pas approch*; schritte; pasos; passi; 足音; 脚步声",
    "heartbeat": "heartbeat*; heart+pound*; heart+beat*; heart+thump*; heart+racing; сердцебиение; battement* de coeur; herzschlag; latidos; 心跳",
    "breathing": "breath* hard; breath* heavily; heavy breathing; pant*+breath*; gasp*; inhales; exhales; sigh*; вздыхает; вздох*; soupir*; seufzt; suspira",
    "applause": "applau*; claps; clapping; ovation; аплодисмент*; applaudi*; aplaus*; beifall; 拍手; 掌声",
    "crowd": "crowd+murmur*; crowd; murmur*; chatter*; hubbub; commotion; толпа; foule; menge; multitud; ざわめき; 人群",
    "cheering": "cheer*; crowd+roar*; crowd+cheer*; ликует; jubel*; acclam*",
    "laughter": "laugh*; giggl*; chuckl*; смеётся; смеется; смех; lacht",
    "scream": "scream*; shriek*; wail*; крик; кричит; schrei*; hurle*; grita; 悲鳴",
    "baby_cry": "baby+cr*; baby+wail*; infant+cr*; младенец+плач*",
    "whistle": "whistl*; свист*; siffle*; pfeift; silba",
    "punch": "punch*; slap*; slaps; hits him; hits her; smack*; удар*; gifle; schlägt",
    "knock": "knock*; raps on; pounds on the door; bang* on the door; стук в дверь; стучит; стук*; frappe à la porte; klopf*; toc toc; golpea la puerta; ノック; 敲门",
    # Doors and things
    "door_slam": "door*+slam*; door*+bang*; slams shut; door+bursts; дверь+хлоп*; porte+claque*; tür+knall*",
    "door_open": "door*+open*; opens the door; door*+creak*; door+swing*; дверь+откр*; porte+ouvr*; tür+öffn*; puerta+abr*; ドア+開",
    "door_close": "door*+clos*; closes the door; door*+shut*; дверь+закр*; porte+ferm*; tür+schließ*; puerta+cierr*",
    "door_sliding": "doors slide; doors hiss; sliding door*; elevator doors; train doors; doors part",
    "gate": "gate+creak*; gate+squeak*; rusty gate; hinge*",
    "lock": "lock+click*; key+turn*; key+lock; unlock*; bolt+slid*; latch*; deadbolt; замок+щ*",
    "switch": "switch*; flicks; clicks; click of; lighter; щелчок; щёлк*; klick*; déclic",
    "keys": "keys+jingl*; jingl*; keys+rattl*; bunch of keys; звенит+ключ*",
    "paper": "paper+rustl*; unfold* the; crumpl*; page+turn*; tears open; rips the; envelope; flips through; бумаг*+шурш*; papier; seite+blätter*",
    "typing": "typing; types on; types at; typewriter keys; keyboard; typewriter; печатает; tippt; tape au clavier; teclea",
    "glass_break": "glass+break*; glass+shatter*; glass+smash*; window+shatter*; window+break*; bottle+smash*; bottle+shatter*; shattering glass; стекло+разб*; verre+bris*; glas+zerbr*; cristal+romp*",
    "glass_clink": "clink*; glasses+toast*; ice+glass; clink of; чокаются; trinquent",
    "dishes": "dishes; plates+clatter*; cutlery; crockery; cup+saucer; spoon+stir*; teacup*; посуд*; vaisselle",
    "pouring": "pours; pouring; poured; наливает; gießt",
    "metal_clang": "clang*; metal+crash*; metallic; clank*; chain*+rattl*; лязг*",
    "creak": "creak*; groans under; скрип*; grince*; knarr*; cruje*",
    "crash": "crash*; topples; collapses; falls over; грохот; fracas; kracht",
    "thud": "thud*; thump*; drops to the; falls to the floor; slams down; bump*; глухой удар; bruit sourd; plumps*",
    "whoosh": "whoosh*; swish*; sweeps past; flies past; swoosh*; whips past; взмах",
    "impact": "impact*; boom; slams into; collides; smashes into; столкн*",
    "zipper": "zip*; zipper; молния на",
    "camera": "camera+click*; camera+flash*; snapshot; takes a photo; shutter",
    "coins": "coin*; монет*; pièces de monnaie; münze*",
    "box_drop": "suitcase; drops the box; puts down the bag; luggage; чемодан*",
    "umbrella": "umbrella; зонт*",
    # Machines
    "clock": "clock+tick*; ticking; tick of; watch+tick*; часы+тик*; тика*; horloge; uhr+tick*; reloj; 時計; 时钟",
    "alarm": "alarm; alarms; klaxon; сирена тревоги; alarme; alarma",
    "phone_ring": "phone+ring*; telephone+ring*; cell+ring*; ringing phone; ringtone; телефон+звон*; téléphone+sonne; telefon+klingel*; teléfono+suena; 電話; 电话",
    "phone_buzz": "phone+buzz*; phone+vibrat*; buzz*; телефон+вибрир*; vibrator",
    "bell": "bell; bells; church bell*; toll*; bell+ring*; колокол*; cloche*; glocke*; campana*; 鐘",
    "doorbell": "doorbell*; buzzer; rings the bell; звонок в дверь; sonnette; türklingel",
    "beep": "beep*; blip*; monitor+beep*; computer+boot*; console; scanner; пищит; bip; piept",
    "static": "static; radio+crackl*; radio+hiss*; tunes the radio; помехи; rauschen",
    "engine": "engine; motor; generator; idling; двигатель; moteur; motor+läuft",
    "car_start": "car+start*; ignition; engine+start*; engine+roar* to life; заводит",
    "car_pass": "car+pass*; car+drive*; car+approach*; car+speed*; cars; traffic; taxi; truck; bus; headlights+sweep*; машина; voiture; auto+fährt; coche",
    "car_horn": "horn+honk*; honk*; car horn; beeps the horn; гудок машины; сигналит; klaxonne; hupt",
    "tires": "tires+screech*; tyres+screech*; car+brak*; skid*; car+screech*; визг*; pneus; reifen+quietsch*",
    "motorcycle": "motorcycle; motorbike; мотоцикл; moto; motorrad",
    "siren": "siren*; police car; ambulance; сирена; sirène; sirene; サイレン; 警笛",
    "train_pass": "train+pass*; train+rush*; train+thunder*; train+roar*; subway; rails+rumble; поезд+проход*; поезд+мимо; train+file; zug+fährt; tren+pasa; 電車",
    "train_arrive": "train+arriv*; train+pull*+in; train+stop*; train+brak*; train+slow*; train+screech*; поезд+прибыва*; поезд+тормоз*; zug+hält; train+arrive",
    "train_depart": "train+depart*; train+leav*; train+pull*+out; train+start*; train+moves; поезд+отход*; поезд+трога*; поезд+уход*",
    "train_horn": "train+horn; train+whistl*; locomotive; steam whistle; distant train; гудок; sifflet+train",
    "airplane": "plane; airplane; jet+pass*; aircraft; самолёт; самолет; avion; flugzeug; 飛行機",
    "helicopter": "helicopter; chopper; rotor*; вертолёт; hélicoptère; hubschrauber",
    "ship_horn": "foghorn; ship+horn; ferry; ship's horn; corne de brume; nebelhorn",
    "gunshot": "gunshot*; gun+fire*; shots ring out; fires the gun; shoots; pistol+fires; bang; выстрел*; стреля*; coup de feu; schuss; schießt; disparo; dispara; 銃声; 枪声",
    "gun_cock": "cocks the; racks the slide; chambers a round; loads the gun; взводит",
    "explosion": "explo*; blast; detonat*; blows up; взрыв*; explose; explodiert; 爆発; 爆炸",
    "sword": "sword*; blade*+draw*; blades clash; меч*; épée; schwert",
    "machine_hum": "hums; humming; drone of; fluorescent; refrigerator; air conditioner; ventilat*; гудит; bourdonne; brummt",
    "elevator": "elevator; lift doors; лифт; ascenseur; aufzug",
    "vacuum_steam": "steam; hisses; hissing; шипит; vapeur; zischt; kettle",
    "electric_spark": "spark; sparks; electric* arc; short circuit*; zaps; искр*; étincelle*",
    # Nature
    "rain": "rain; rains; raining; rainy; rainfall; rainstorm; drizzl*; downpour; дожд*; ливень; pluie; regen; lluvia; pioggia; chuva; 雨",
    "thunder": "thunder*; lightning; гром; молния; tonnerre; donner; blitz; trueno; tuono; 雷",
    "wind": "wind; gust*; breeze; blizzard; howling wind; ветер; viento; 風; 风",
    "waves": "waves+crash*; waves+shore; waves+beach; waves lap*; waves break*; surf; sea; ocean; tide; shore; прибой; море; волны; vagues; meer; wellen; olas; 海; 波",
    "stream": "stream; brook; river; creek; waterfall; fountain; ручей; река; ruisseau; fluss; río",
    "water_drip": "drip*; leaking; leaky; dripping tap; капа*; goutte*; tropf*; gotea",
    "splash": "splash*; dives into; falls into the water; plunges; всплеск; plouf; platsch*",
    "bubbles": "bubbl*; boils; underwater; пузыр*; bulles",
    "fire": "fire+crackl*; campfire; fireplace; flames; bonfire; burning; hearth; костёр; костер; камин; пламя; feu de camp; cheminée; lagerfeuer; kamin; fuego; 焚き火",
    "birds": "bird*; birdsong; chirp*; seagull*; tweet*; dawn chorus; птиц*; oiseau*; vögel; pájaros; uccelli; 鳥; 鸟",
    "crow": "crow; crows; raven*; caw*; ворон*; corbeau",
    "owl": "owl*; hoot*; сова; hibou; eule; búho",
    "crickets": "cricket*; cicada*; сверчк*; grillon*; grillen; grillos; 虫の声",
    "dog_bark": "dog+bark*; dogs+bark*; barking; dog+growl*; лает; лай; chien+aboi*; hund+bellt; ladra; 犬",
    "cat": "meow*; мяу*; miaul*; miau; 猫",
    "wolf": "wolf; wolves; howls; howling; воет; loups; heult",
    "horse": "horse*; gallop*; hooves; whinn*; лошад*; cheval; galop; pferd; caballo; 馬",
    "insects": "flies+buzz*; bees; mosquito*; swarm*; мух*; abeilles",
    "wings": "flutter*; wings; flaps; takes flight; крыль*; ailes; flügel",
    "earthquake": "earthquake; ground+shak*; rumbl*; tremor*; землетрясение; grollen",
    "magic": "magic; magical; shimmer*; casts a spell; enchant*; волшебн*; magie",
}

#: Effect → entries of the grammar above.
EFFECT_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {name: tuple(part.strip() for part in text.split(";")) for name, text in _WORDS.items()}
)


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Effects that go on; the others happen once.
CONTINUOUS = _listed(
    """rain wind waves stream fire crickets crowd engine machine_hum static birds applause
    cheering alarm siren clock typing heartbeat insects earthquake breathing water_drip bubbles
    footsteps footsteps_gravel footsteps_wood footsteps_snow footsteps_water footsteps_grass
    footsteps_running phone_ring phone_buzz"""
)

_SENTENCE = re.compile(r"[.!?;\n]+")
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")


def sounds_in(text: str) -> tuple[str, ...]:
    """Effects that ``text`` calls for, in order of appearance, each once.

    Where two begin at the same word the one that needs more words is meant:
    "the door slams" is a slam and no opening door.  Time grows with the text alone.
    """
    found: dict[str, None] = {}
    for sentence in _SENTENCE.split(text.lower()):
        tokens = _TOKEN.findall(sentence)
        hits: dict[int, tuple[int, str]] = {}
        for name, entry in _candidates(tokens, sentence):
            places = [_place(part, tokens, sentence) for part in entry.split("+")]
            place, weight = min(places), len(_TOKEN.findall(entry))
            if place >= 0 and weight > hits.get(place, (0, ""))[0]:
                hits[place] = (weight, name)
        found.update(dict.fromkeys(hits[place][1] for place in sorted(hits)))
    return tuple(found)


@cache
def _index() -> tuple[dict[str, list[tuple[str, str]]], list[tuple[str, str]]]:
    """Entries by their first word (``*`` kept), and those of scripts without spaces."""
    spaced: dict[str, list[tuple[str, str]]] = {}
    unspaced: list[tuple[str, str]] = []
    for name, entries in EFFECT_WORDS.items():
        for entry in entries:
            if _UNSPACED.search(entry):
                unspaced.append((name, entry))
            else:
                spaced.setdefault(re.split(r"[ +]", entry)[0], []).append((name, entry))
    return spaced, unspaced


def _candidates(tokens: list[str], sentence: str) -> Iterator[tuple[str, str]]:
    """Effects and entries whose first word the sentence has, in a fixed order."""
    spaced, unspaced = _index()
    for token in dict.fromkeys(tokens):
        yield from spaced.get(token, ())
        for length in range(2, len(token) + 1):
            yield from spaced.get(token[:length] + "*", ())
    if _UNSPACED.search(sentence):
        yield from unspaced


def _place(phrase: str, tokens: list[str], sentence: str) -> int:
    """Which word ``phrase`` begins at; -1 where it is not."""
    if _UNSPACED.search(phrase):
        return sentence.find(phrase)
    stems = phrase.split()
    for start in range(len(tokens) - len(stems) + 1):
        if all(_fits(stem, tokens[start + index]) for index, stem in enumerate(stems)):
            return start
    return -1


def _fits(stem: str, token: str) -> bool:
    return token.startswith(stem[:-1]) if stem.endswith("*") else token == stem
