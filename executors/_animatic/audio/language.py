# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a written line is spoken, and in which language.

A screenplay line carries direction that no actor says aloud: parentheticals, notes,
asterisks.  ``spoken_parts`` removes them and keeps a pause where a beat was written.
``language_of`` reads the script (alphabet) of the text, because a Russian line in an
English Voice would otherwise be spelled out letter by letter.

How it is spoken is not here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass

from ....core.errors import MediaError

__all__ = ["Part", "language_code", "language_of", "spoken_parts"]

#: Seconds of silence for ``(beat)`` or ``(pause)``: a beat is about one second of screen
#: time, of which the line's own final pause is a part.
BEAT_SECONDS = 0.6
#: Seconds of a line that is nothing but a beat.
SILENCE_SECONDS = 1.2

#: Most characters one line may have: about twenty minutes of speech.
MOST_CHARACTERS = 20_000

#: First word of the Unicode character name → eSpeak language.
_SCRIPTS = {
    "CYRILLIC": "ru",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "cmn",
    "HANGUL": "ko",
    "GREEK": "el",
    "ARABIC": "ar",
    "HEBREW": "he",
    "DEVANAGARI": "hi",
    "BENGALI": "bn",
    "GURMUKHI": "pa",
    "GUJARATI": "gu",
    "ORIYA": "or",
    "TAMIL": "ta",
    "TELUGU": "te",
    "KANNADA": "kn",
    "MALAYALAM": "ml",
    "SINHALA": "si",
    "THAI": "th",
    "MYANMAR": "my",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "ETHIOPIC": "am",
    "CHEROKEE": "chr",
}

#: Languages other than the first guess that are written in a script.
_ALSO = {
    "ru": {"uk", "be", "bg", "mk", "sr", "kk", "ky", "tt", "ba", "cv", "nog"},
    "ar": {"fa", "ur", "ug", "sd", "ku"},
    "hi": {"mr", "ne", "kok"},
    "cmn": {"yue", "hak", "ja"},
    "bn": {"as", "bpy"},
    "my": {"shn"},
    "el": {"grc"},
}

#: Letters that only one language of a script has.
_TELLTALE = (
    ("uk", frozenset("іїєґІЇЄҐ")),
    ("fa", frozenset("پچژگ")),
)

_NAMES = {
    "english": "en-us",
    "en": "en-us",
    "american": "en-us",
    "british": "en-gb",
    "scottish": "en-gb-scotland",
    "russian": "ru",
    "русский": "ru",
    "ukrainian": "uk",
    "українська": "uk",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "français": "fr",
    "spanish": "es",
    "español": "es",
    "italian": "it",
    "italiano": "it",
    "portuguese": "pt",
    "português": "pt",
    "brazilian": "pt-br",
    "dutch": "nl",
    "polish": "pl",
    "polski": "pl",
    "swedish": "sv",
    "norwegian": "nb",
    "no": "nb",
    "nn": "nb",
    "danish": "da",
    "finnish": "fi",
    "turkish": "tr",
    "greek": "el",
    "hebrew": "he",
    "iw": "he",
    "arabic": "ar",
    "hindi": "hi",
    "japanese": "ja",
    "日本語": "ja",
    "jp": "ja",
    "chinese": "cmn",
    "mandarin": "cmn",
    "中文": "cmn",
    "zh": "cmn",
    "zh-cn": "cmn",
    "zh-tw": "cmn",
    "cantonese": "yue",
    "zh-hk": "yue",
    "korean": "ko",
    "한국어": "ko",
    "czech": "cs",
    "hungarian": "hu",
    "romanian": "ro",
}

_ASIDE = re.compile(r"\[\[.*?\]\]|\([^()]*\)|（[^（）]*）|\[[^\[\]]*\]|\{[^{}]*\}", re.DOTALL)
_BEAT = re.compile(r"beat|pause|silence|пауза|молч|pausa|moment|停顿|間", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_DASHES = re.compile(r"\s*(?:-{2,}|[–—―]+)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Text that is said in one breath, then ``pause`` seconds of silence."""

    text: str
    pause: float = 0.0


def spoken_parts(line: str) -> tuple[Part, ...]:
    """The line without direction, cut at written beats.

    Raises:
        MediaError: It is empty, or it is longer than twenty minutes.
    """
    if len(line) > MOST_CHARACTERS:
        raise MediaError(
            f"The line has {len(line)} characters; at most {MOST_CHARACTERS} can be spoken at once.",
            remedy="Break it into several lines of dialogue.",
        )
    pieces: list[str] = [""]
    end = 0
    for aside in _ASIDE.finditer(line):
        pieces[-1] += line[end : aside.start()] + " "
        end = aside.end()
        if _BEAT.search(aside.group()):
            pieces.append("")
    pieces[-1] += line[end:]
    texts = [text for text in map(_sayable, pieces) if any(map(str.isalnum, text))]
    if not texts and line.strip():
        # "..." and "(beat)" are written on purpose: somebody answers with silence.
        return (Part(text="", pause=SILENCE_SECONDS),)
    if not texts:
        raise MediaError(
            "The line is empty.",
            remedy="Write what is said (... for a silence), put a recording on the node, or mute it.",
        )
    last = len(texts) - 1
    return tuple(
        Part(text=text, pause=BEAT_SECONDS if index < last else 0.0)
        for index, text in enumerate(texts)
    )


def _sayable(text: str) -> str:
    text = _DASHES.sub(", ", text.replace("\\", ""))
    kept = "".join(_letter(character) for character in unicodedata.normalize("NFC", text))
    kept = _SPACE.sub(" ", kept).strip().lstrip("@~>.,;:-").strip()
    if sum(map(str.isalpha, kept)) > 3 and kept.isupper():
        return kept.lower()
    return kept


def _letter(character: str) -> str:
    """A character as eSpeak may have it: no control codes, symbols, markup or emoji."""
    if character in "*_#^[]{}()<>|`~":
        return ""
    if character in "\u200c\u200d":  # joiners shape Persian and Indic words
        return character
    category = unicodedata.category(character)
    if category[0] == "C" or category == "So":
        return " "
    return character


def language_code(language: str) -> str:
    """eSpeak's name of a language given as a code or in words; "" when none was given."""
    plain = language.strip().replace("_", "-").lower()
    return _NAMES.get(plain, plain)


def language_of(text: str, wanted: str = "") -> str:
    """The eSpeak language to say ``text`` in.

    ``wanted`` (the Voice node's) holds unless the text is in a script that language
    is not written in.  Latin text without a wanted language is English.
    """
    wanted = language_code(wanted)
    counts = Counter(filter(None, map(_script, text)))
    if not counts:
        return wanted or "en-us"
    guess = "ja" if counts["ja"] else counts.most_common(1)[0][0]
    root = wanted.split("-")[0]
    if root == guess or root in _ALSO.get(guess, ()):
        return wanted
    for language, letters in _TELLTALE:
        if language in _ALSO.get(guess, ()) and any(letter in letters for letter in text):
            return language
    return guess


def _script(character: str) -> str:
    if not character.isalpha() or character < "\u0370":
        return ""
    return _SCRIPTS.get(unicodedata.name(character, "").split(" ")[0].split("-")[0], "")
