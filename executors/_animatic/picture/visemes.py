# SPDX-License-Identifier: GPL-3.0-or-later
"""Mouth shapes, and which one a phoneme makes.

The one idea: seven shapes are enough to read speech in a drawing.  Phoneme names come as
IPA or in eSpeak NG's ASCII spelling (Kirshenbaum), with stress and length marks or without.
"""

from __future__ import annotations

REST = "rest"
CLOSED = "closed"  # m b p
OPEN = "open"  # a, as in father
WIDE = "wide"  # e i, and most consonants said through the teeth
ROUND = "round"  # o u w
TEETH = "teeth"  # f v
TONGUE = "tongue"  # l th t d n

VISEMES = (REST, CLOSED, OPEN, WIDE, ROUND, TEETH, TONGUE)

_SILENT = {"", "_", "_:", "_!", "_|", "|", "||", "?", "ʔ", ";", "-"}
_MARKS = "ˈˌ'ː:,%=~^`*!|_-\u0303\u0361\u032f\u02d0\u02d1\u02b2\u02b0 .0123456789"
_FIRST = {
    CLOSED: "mbpɓɱβɸMBP",
    OPEN: "aɑɐæʌɒAaVɶ&hɦħʕ",
    WIDE: "eiɛɪəɜɘEIɨjsSzZʃʒçɕʑy@3ʏkgxɡɣŋcɟNCqɢχQ",
    ROUND: "ouɔʊøœɵwʍɯʉOUWrɹʁRɤ",
    TEETH: "fvʋFv",
    TONGUE: "ltdnθðɬɫɾrDTLlɭʎɲɳʈɖ",
}
_BY_SOUND = {sound: viseme for viseme, sounds in reversed(_FIRST.items()) for sound in sounds}


def viseme_of(phoneme: str) -> str:
    """The mouth shape a phoneme is made with; pauses rest, unknown sounds are "wide"."""
    if phoneme in _SILENT:
        return REST
    letters = [c for c in phoneme if c not in _MARKS]
    if not letters:
        return REST
    for letter in letters:
        viseme = _BY_SOUND.get(letter)
        if viseme is not None:
            return viseme
    return WIDE
