"""Headings as they are written in many languages."""

from __future__ import annotations

import pytest
from movie_director.screenplay import Kind, read
from movie_director.screenplay.headings import parse_heading


@pytest.mark.parametrize(
    ("line", "setting", "place", "time"),
    [
        ("INT. HOUSE - KITCHEN - NIGHT", "INT", "HOUSE - KITCHEN", "night"),
        ("int. house - day", "INT", "house", "day"),
        ("INT HOUSE - DAY", "INT", "HOUSE", "day"),
        ("EXT./INT. CAR (MOVING) – DAY", "INT/EXT", "CAR (MOVING)", "day"),
        ("I/E CAR - CONTINUOUS", "INT/EXT", "CAR", "inherit"),
        ("EST. CITY - DAWN", "EXT", "CITY", "dawn"),
        ("EXT. WOODS, DUSK", "EXT", "WOODS", "dusk"),
        ("INT. HOUSE. LATER", "INT", "HOUSE", "inherit"),
        ("INT. NIGHT CLUB", "INT", "NIGHT CLUB", ""),
        ("EXT. ROOF - LATE NIGHT - FLASHBACK", "EXT", "ROOF", "night"),
        ("ИНТ. КВАРТИРА - НОЧЬ", "INT", "КВАРТИРА", "night"),
        ("НАТ. ЛЕС. УТРО", "EXT", "ЛЕС", "day"),
        ("ЭКСТ. КРЫША - ЗАКАТ", "EXT", "КРЫША", "dusk"),
        ("ИНТ./НАТ. МАШИНА. НОЧЬ", "INT/EXT", "МАШИНА", "night"),
        ("INTÉRIEUR CAFÉ - JOUR", "INT", "CAFÉ", "day"),
        ("EXTÉRIEUR RUE – NUIT", "EXT", "RUE", "night"),
        ("INNEN/AUSSEN. AUTO - NACHT", "INT/EXT", "AUTO", "night"),
        ("AUSSEN. WALD - MORGENDÄMMERUNG", "EXT", "WALD", "dawn"),
        ("INTERIOR CASA - NOCHE", "INT", "CASA", "night"),
        ("ESTERNO STRADA - GIORNO", "EXT", "STRADA", "day"),
        ("INT。咖啡馆－夜", "INT", "咖啡馆", "night"),
        ("内景 咖啡馆 夜", "INT", "咖啡馆", "night"),
        ("外景 街道 - 日", "EXT", "街道", "day"),
        ("屋内 - 昼", "INT", "", "day"),
    ],
)
def test_a_heading_says_inside_or_outside_where_and_when(
    line: str, setting: str, place: str, time: str
) -> None:
    assert read(f"{line}\n\nx\n").elements[0].kind is Kind.HEADING
    found = parse_heading(line)
    assert (found.setting, found.place, found.time) == (setting, place, time)


@pytest.mark.parametrize(
    "line",
    ["Interior designers argue.", "Est-ce que tu viens ?", "Aus dem Haus.", "Internal affairs.", "Extra! Extra!", "Внутри тихо.", "Натура берёт своё."],
)  # fmt: skip
def test_prose_that_begins_alike_is_no_heading(line: str) -> None:
    assert read(f"{line}\n\nx\n").elements[0].kind is Kind.ACTION
