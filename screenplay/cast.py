# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is in the film: speakers, their aliases, and what the script says they look like.

The one idea: names are compared by their words.  ANNA and ANNA VOLKOVA are one
person when only one such full name speaks; YOUNG ANNA, COP 2 and MAN IN HAT stay
themselves, because merging two people is worse than keeping one twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from .film import Person, Settings
from .introductions import WORD, introductions
from .naming import Keys, fold
from .pieces import Piece, RawScene
from .script import Screenplay

__all__ = ["Cast", "find_cast", "named_in"]

_ROLES: Final = frozenset(
    [
        "man",
        "woman",
        "boy",
        "girl",
        "cop",
        "guard",
        "voice",
        "nurse",
        "doctor",
        "driver",
        "waiter",
        "waitress",
        "soldier",
        "officer",
        "kid",
        "child",
        "lady",
        "guy",
        "mother",
        "father",
        "mom",
        "dad",
        "son",
        "daughter",
        "brother",
        "sister",
        "king",
        "queen",
        "captain",
        "agent",
        "detective",
        "clerk",
        "worker",
        "student",
        "teacher",
        "priest",
        "narrator",
        "announcer",
        "radio",
        "crowd",
        "all",
        "both",
        "everyone",
        "old",
        "young",
        "little",
        "big",
        "мужчина",
        "женщина",
        "мальчик",
        "девочка",
        "голос",
        "врач",
        "солдат",
        "мать",
        "отец",
        "homme",
        "femme",
        "garçon",
        "fille",
        "voix",
        "mann",
        "frau",
        "stimme",
        "junge",
        "mädchen",
    ]
)
_TITLES: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "sir",
        "the",
        "a",
        "le",
        "la",
        "les",
        "der",
        "die",
        "das",
        "el",
        "los",
        "il",
        "señor",
        "señora",
        "monsieur",
        "madame",
        "herr",
        "g",
        "г",
    ]
)
_ALIAS: Final = re.compile(r"\s*(?:=|:|→|->)\s*")
_NOTE_ALIAS: Final = re.compile(r"^\s*alias(?:es)?\s*:?\s+(.+)$", re.IGNORECASE)
_LONGEST_NAME_WORDS: Final = 4


class Cast:
    """The people of a film and the way from any of their names to their key."""

    def __init__(self, people: tuple[Person, ...], keys: Mapping[str, str]) -> None:
        self.people = people
        self._keys = keys

    def key(self, name: str) -> str:
        """The key of who is called ``name``, "" for nobody."""
        return self._keys.get(fold(name), "")

    def mentioned(self, text: str) -> tuple[str, ...]:
        """Keys of the people whose name stands in ``text``, capitalised, in order."""
        return tuple(dict.fromkeys(key for key, _ in named_in(text, self._keys)))


def named_in(text: str, keys: Mapping[str, str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Key and last word of each name in ``text``; longer names win over their parts."""
    words = list(WORD.finditer(text))
    folded = [fold(word.group()).rstrip(".").removesuffix("'s") for word in words]
    at = 0
    while at < len(words):
        if (
            not words[at].group()[0].isupper()
            and words[at].group()[0].lower() != words[at].group()[0].upper()
        ):
            at += 1
            continue
        for length in range(min(_LONGEST_NAME_WORDS, len(words) - at), 0, -1):
            key = keys.get(" ".join(folded[at : at + length]))
            if key:
                yield key, words[at + length - 1]
                at += length - 1
                break
        at += 1


def find_cast(
    screenplay: Screenplay, scenes: Sequence[RawScene], settings: Settings, keys: Keys
) -> Cast:
    """Everybody who speaks, in order of first speech; then whoever is introduced with an age."""
    spoken: dict[str, list[Piece]] = {}
    shown: dict[str, str] = {}
    for scene in scenes:
        for piece in scene.pieces:
            if piece.kind == "line":
                name = fold(piece.speaker)
                spoken.setdefault(name, []).append(piece)
                shown.setdefault(name, piece.speaker)
    owner = _merged(list(spoken), _declared(screenplay, settings))
    told = introductions(scenes, owner)
    for name, (title, _) in told.items():
        owner.setdefault(name, name)
        shown.setdefault(name, title)
    return _people(spoken, shown, owner, told, keys)


def _people(
    spoken: Mapping[str, list[Piece]],
    shown: dict[str, str],
    owner: dict[str, str],
    told: Mapping[str, tuple[str, str]],
    keys: Keys,
) -> Cast:
    words = {name: sum(len(p.text.split()) for p in lines) for name, lines in spoken.items()}
    members: dict[str, list[str]] = {}
    for name, main in owner.items():
        members.setdefault(main, []).append(name)
    share = {main: sum(words.get(name, 0) for name in names) for main, names in members.items()}
    most = max(share.values(), default=0) or 1
    people: list[Person] = []
    by_name: dict[str, str] = {}
    for main, names in members.items():
        title = shown.get(main) or next((shown[n] for n in names if n in shown), main.upper())
        key = keys.new(title, default="somebody")
        by_name.update(dict.fromkeys(names, key))
        person = Person(
            key=key,
            name=_nice(title),
            aliases=tuple(_nice(shown[n]) for n in names if n in shown and n != main),
            description=next((told[n][1] for n in names if n in told and told[n][1]), ""),
            importance=round(0.2 + 0.8 * share[main] / most, 2) if share[main] else 0.1,
            lines=sum(len(spoken.get(name, ())) for name in names),
        )
        people.append(person)
    return Cast(tuple(people), by_name)


def _nice(name: str) -> str:
    """A name as on a call sheet: ``ANNA VOLKOVA`` → ``Anna Volkova``; mixed case is kept."""
    if name != name.upper() or name == name.lower():
        return name
    nice = re.sub(r"[^\W\d_]+(?:['’][^\W\d_]+)?", lambda m: _capital(m.group()), name)
    return nice[:1].upper() + nice[1:]


def _capital(word: str) -> str:
    if word in ("IN", "OF", "THE", "AND", "ON", "AT", "WITH"):
        return word.lower()
    if len(word) <= 2 and word not in ("JO", "AL", "ED", "BO", "MO", "DR", "MR", "MS"):
        return word
    return word[:1] + word[1:].lower()


def _declared(screenplay: Screenplay, settings: Settings) -> dict[str, str]:
    """Aliases somebody wrote down: on the node, on the title page, or in an ``[[alias …]]`` note."""
    lines = [*settings.aliases, *screenplay.title_value("aliases").split("\n")]
    for note in screenplay.notes:
        found = _NOTE_ALIAS.match(note.text)
        if found:
            lines.extend(re.split(r"[;\n]", found.group(1)))
    pairs = (_ALIAS.split(line, maxsplit=1) for line in lines)
    return {fold(pair[0]): fold(pair[1]) for pair in pairs if len(pair) == 2 and all(pair)}


def _merged(names: list[str], declared: Mapping[str, str]) -> dict[str, str]:
    """Each name's main name.  The first of a name's forms to speak is the main one."""
    owner = {name: name for name in names}
    spoke = {name: at for at, name in enumerate(names)}
    by_word: dict[str, list[str]] = {}
    by_bare: dict[str, list[str]] = {}
    for name in names:
        words = _bare(name)
        by_bare.setdefault(" ".join(words), []).append(name)
        if len(words) > 1:
            for word in {words[0], words[-1]}:
                by_word.setdefault(word, []).append(name)
    for name in names:
        words = _bare(name)
        if len(words) == 1 and words[0] not in _ROLES and not _numbered(name):
            longer = [full for full in by_word.get(words[0], ()) if _full_name(full)]
            for other in (*(longer if len(longer) == 1 else ()), by_bare[words[0]][0]):
                _join(owner, *sorted((other, name), key=lambda n: -spoke[_root(owner, n)]))
    for other, name in declared.items():
        if name in owner or other in owner:
            owner.setdefault(name, name)
            owner.setdefault(other, other)
            _join(owner, other, name)
    return {name: _root(owner, name) for name in owner}


def _join(owner: dict[str, str], other: str, name: str) -> None:
    """``other`` and all who are the same become ``name``."""
    first, second = _root(owner, other), _root(owner, name)
    if first != second:
        owner[first] = second


def _root(owner: dict[str, str], name: str) -> str:
    while owner[name] != name:
        owner[name] = owner[owner[name]]
        name = owner[name]
    return name


def _bare(name: str) -> list[str]:
    words = [word.strip(".,") for word in name.split()]
    kept = [word for word in words if word not in _TITLES]
    return kept or words


def _full_name(name: str) -> bool:
    words = _bare(name)
    return 1 < len(words) <= 3 and not _numbered(name) and not any(word in _ROLES for word in words)


def _numbered(name: str) -> bool:
    return any(letter.isdigit() or letter in "#&/" for letter in name)
