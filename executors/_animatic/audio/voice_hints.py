# SPDX-License-Identifier: GPL-3.0-or-later
"""What a name and a description say about a voice: sex, age, size, manner, accent.

Word lists and nothing more: the writer's plain words ("gruff", "a girl of nine", "62")
are taken at their word, description before name.  Which voice follows is in ``voices.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["Hints", "hints_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What was found; "" or a factor of 1 where the text is silent."""

    sex: Literal["", "male", "female"] = ""
    age: Literal["", "child", "adult", "old"] = ""
    pitch: float = 1.0
    head: float = 1.0
    speed: float = 1.0
    breath: float = 0.0
    warmth_db: float = 0.0
    language: str = ""
    texture: Literal["plain", "radio", "robot"] = "plain"


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_FEMALE = _listed("""woman women girl female lady she her hers mother mom mum mama daughter sister aunt wife
    widow queen princess actress waitress nurse grandmother grandma granny nun witch bride
    hostess stewardess duchess empress goddess madam mrs ms miss maid girlfriend schoolgirl
    женщина девушка девочка мать мама сестра дочь жена бабушка старуха королева она её
    femme fille mère soeur frau mädchen mutter mujer niña madre donna ragazza""")
_MALE = _listed("""man men boy male gentleman he him his father dad papa son brother uncle husband widower
    king prince actor waiter grandfather grandpa monk wizard groom host duke emperor god sir mr
    lord guy bloke lad boyfriend schoolboy priest conductor policeman fisherman soldier sailor
    мужчина парень мальчик отец папа брат сын муж дедушка дед старик король он его
    homme garçon père frère mann junge vater hombre niño padre uomo ragazzo""")
_CHILD = _listed("""child kid boy girl toddler baby infant schoolboy schoolgirl ребёнок ребенок
    мальчик девочка enfant niño niña bambino""")
_OLD = _listed("""old elderly aged ancient retired grandmother grandma granny grandfather grandpa senior
    widow widower hag crone старый старая старик старуха бабушка дедушка дед vieux vieille
    alt alte viejo vieja vecchio""")
_NAMES_FEMALE = _listed("""mara anna maria mary sarah sara emma olivia sophia sofia isabella mia amelia ella elena
    alice alicia claire clara julia kate katherine catherine elizabeth lisa laura lucy lily rose
    ruth rachel rebecca jane joan jean nora nina natasha olga irina svetlana tatiana anya katya
    dasha masha vera lena zoe chloe grace hannah eve eva iris ivy helen diana dana donna emily
    charlotte harriet holly jessica jennifer karen linda margaret marie martha megan michelle
    molly nancy naomi patricia susan tessa tina victoria violet yuki sakura aiko mei ling priya
    fatima leila layla aisha ingrid astrid greta heidi carmen lucia rosa juana beth amy ann anne
    agnes marianne dolores ophelia juliet cordelia beatrice ripley leia trinity wendy dorothy
    barbara marion ilsa gilda анна мария елена ольга ирина наташа катя маша даша вера лена нина
    света татьяна юлия аня оля""")
_NAMES_MALE = _listed("""john james robert michael william david richard joseph thomas tom charles daniel matthew
    mark paul steven andrew peter kevin brian george edward henry jack sam samuel ben benjamin
    alex adam nick nicholas max leo leon luke lucas oliver oscar hugo victor viktor ivan boris
    dmitri sergei sergey mikhail nikolai alexei andrei pavel igor oleg yuri vladimir anton jonas
    jonah noah elias ezra theo simon martin frank fred harry arthur albert alfred walter ralph
    ray roy rick carl karl otto hans klaus fritz pierre jean-luc marcel carlos juan jose miguel
    diego pedro luis marco paolo giovanni luca kenji hiroshi takeshi akira wei chen raj arjun
    ahmed omar ali hassan yusuf erik lars sven bjorn ian sean patrick connor liam ethan mason
    logan jake josh joshua caleb hamlet romeo othello macbeth gary greg doug bill bob joe jim
    mike steve scott todd vince vincent tony salvatore neo morpheus nikita ilya sasha vanya
    иван сергей дмитрий михаил николай алексей андрей павел игорь олег юрий владимир антон
    виктор борис пётр петр илья никита коля саша ваня миша""")

#: Word → change of the hints; factors multiply.
_MANNERS: tuple[tuple[str, dict[str, float]], ...] = (
    (
        "gruff gravelly hoarse rough rasping raspy weathered grizzled",
        {"pitch": 0.9, "breath": 0.14},
    ),
    ("deep bass booming baritone resonant низкий", {"pitch": 0.86, "head": 0.95, "warmth": 1.5}),
    ("huge giant massive hulking burly big large towering fat heavy", {"pitch": 0.9, "head": 0.92}),
    ("small tiny petite slight thin skinny wiry squeaky shrill", {"pitch": 1.08, "head": 1.05}),
    ("high high-pitched bright light tenor soprano", {"pitch": 1.1, "head": 1.03}),
    ("soft gentle quiet shy breathy husky smoky sultry", {"breath": 0.14, "speed": 0.95}),
    ("slow calm laconic weary tired dignified solemn stoic", {"speed": 0.9}),
    ("fast nervous energetic anxious excitable frantic jittery chatty", {"speed": 1.1}),
    ("young teen teenage teenager youthful adolescent", {"pitch": 1.06, "head": 1.04}),
)
_ACCENTS = (
    ("scottish scots glaswegian edinburgh", "en-gb-scotland"),
    ("british english london oxford posh butler aristocrat", "en-gb-x-rp"),
    ("caribbean jamaican", "en-029"),
    ("brooklyn bronx manhattan", "en-us-nyc"),
)
_ROBOT = _listed("robot android cyborg automaton droid робот")
_MACHINES = _listed("ai computer machine mainframe компьютер")  # only as a name
_RADIO = _listed("radio intercom loudspeaker tannoy telephone phone dispatcher радио")
_YEARS = re.compile(r"\b(?:aged?\s+)?(\d{1,2})(?:s\b|\b)")


def hints_in(name: str, description: str) -> Hints:
    """What ``name`` and ``description`` say about how a character sounds."""
    told = _words(description)
    called = _words(name)
    child = bool(_CHILD & (told | called))
    factors = {"pitch": 1.0, "head": 1.0, "speed": 1.0, "breath": 0.0, "warmth": 0.0}
    for words, change in _MANNERS:
        if told & set(words.split()):
            for key, value in change.items():
                factors[key] = (
                    factors[key] + value
                    if value < 0.5 or key == "warmth"
                    else (factors[key] * value)
                )
    age = _age(description, told | called, child)
    return Hints(
        sex=_sex(told, called),
        age=age,
        pitch=factors["pitch"],
        head=factors["head"],
        speed=factors["speed"] * (0.9 if age == "old" else 1.0),
        breath=factors["breath"] + (0.08 if age == "old" else 0.0),
        warmth_db=factors["warmth"],
        language=next((code for words, code in _ACCENTS if told & set(words.split())), ""),
        texture=_texture(told, called),
    )


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text.lower()))


def _sex(told: set[str], called: set[str]) -> Literal["", "male", "female"]:
    for female, male in (
        (len(_FEMALE & called), len(_MALE & called)),
        (len(_FEMALE & told), len(_MALE & told)),
        (len(_NAMES_FEMALE & called), len(_NAMES_MALE & called)),
    ):
        if female != male:
            return "female" if female > male else "male"
    return ""


def _age(description: str, words: set[str], child: bool) -> Literal["", "child", "adult", "old"]:
    years = [int(match) for match in _YEARS.findall(description)]
    if years:
        if years[0] < 13:
            return "child"
        return "old" if years[0] >= 60 else "adult"
    if _OLD & words:
        return "old"
    return "child" if child else ""


def _texture(told: set[str], called: set[str]) -> Literal["plain", "radio", "robot"]:
    if _ROBOT & (told | called) or _MACHINES & called:
        return "robot"
    return "radio" if _RADIO & called else "plain"
