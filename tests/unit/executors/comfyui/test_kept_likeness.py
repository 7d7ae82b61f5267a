"""Who keeps somebody's looks gets the work, however quick and idle the others are, and the reason says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from movie_director.core import service_file
from movie_director.core.graph import Graph
from movie_director.core.plan import Plan
from movie_director.core.step import CLIP, STILL, Fidelity, Kind, Placed

from tests.servers.comfyui import ComfyServer
from tests.servers.comfyui_worker import Card
from tests.servers.wan2gp import Wan2GPServer
from tests.still_films import GIB, PICTURES, VIDEOS, Opened, files_of, film, ultimate
from tests.unit.executors.comfyui.test_planned import classes, sizes

BEGUN, FROM_WORDS = files_of("image_to_video"), files_of("text_to_video")
ONLY_WORDS = {file: size for file, size in FROM_WORDS.items() if file not in BEGUN} | {
    file: size for file, size in FROM_WORDS.items() if "vae" in file or "umt5" in file
}


@contextmanager
def comfy(files: dict[str, int], *, busy: int = 0) -> Iterator[ComfyServer]:
    """A ComfyUI with these files on a card that takes them all, and so many prompts of others."""
    with ComfyServer("0.33.0", card=Card(budget_bytes=80 * GIB, sizes=sizes())) as server:
        server.classes = classes(files)
        if busy:
            server.foreign(60.0, busy)
        yield server


def planned(studio: Opened, root: Path, graph: Graph, *servers: Any) -> Plan:
    for server in servers:
        service_file.change(lambda known, url=server.url: known.with_place(url))
    with studio() as made:
        made.finder.start()
        made.refresh(5.0)
        store = made.store(graph, root / "results")
        plan = made.plan(made.compile(graph, root, node="one"), store)
        store.close()
    for server in servers:
        service_file.change(lambda known, url=server.url: known.without(url))
    return plan


def of(plan: Plan, kind: Kind) -> Placed:
    (found,) = (each for each in plan.to_do if each.step.kind == kind)
    return found


def test_the_clip_goes_to_who_begins_with_the_still_though_others_wait_there(
    studio: Opened, tmp_path: Path
) -> None:
    with comfy(PICTURES | BEGUN, busy=3) as keeps, comfy(ONLY_WORDS) as quick:
        plan = planned(studio, tmp_path, film(tmp_path), keeps, quick)
    clip = of(plan, CLIP)
    assert (clip.service.address, clip.option.fidelity) == (keeps.url, Fidelity.FULL)
    assert clip.reason.startswith(
        "the best way there is: it begins with the still, so that all look as in that"
    )
    passed_over = [each for each in clip.reason.split("; ") if each.startswith("not ")]
    (why,) = (each for each in passed_over if "words alone" in each)
    assert why.endswith("it makes clips from words alone, and nobody would look as in the still")
    assert quick.url.removeprefix("http://") in why


def test_wan2gp_from_words_is_passed_over_for_a_comfyui_that_begins_with_the_still(
    studio: Opened, tmp_path: Path
) -> None:
    with comfy(PICTURES | BEGUN, busy=3) as keeps, Wan2GPServer() as words:
        words.available = {"t2v_2_2", "t2v_1.3B"}
        plan = planned(studio, tmp_path, film(tmp_path), keeps, words)
    clip = of(plan, CLIP)
    assert clip.service.address == keeps.url
    assert "it makes clips from words alone, and nobody would look as in the still" in clip.reason


def test_wan2gp_that_begins_with_the_still_is_taken_before_a_comfyui_that_cannot(
    studio: Opened, tmp_path: Path
) -> None:
    with comfy(PICTURES | ONLY_WORDS) as words, Wan2GPServer() as keeps:
        plan = planned(studio, tmp_path, film(tmp_path), keeps, words)
    still, clip = of(plan, STILL), of(plan, CLIP)
    assert (still.service.address, clip.service.address) == (words.url, keeps.url)
    assert still.reason.startswith(
        "the best way there is: it is made from your pictures of who and where"
    )


def test_while_it_is_away_the_clip_is_stood_in_for_and_not_made_of_somebody_else(
    studio: Opened, tmp_path: Path
) -> None:
    with comfy(PICTURES | ONLY_WORDS) as words:
        plan = planned(studio, tmp_path, film(tmp_path), words)
    clip = of(plan, CLIP)
    assert (clip.service.executor, clip.option.fidelity) == ("animatic", Fidelity.STAND_IN)
    assert "nobody would look as in the still" in clip.reason


def test_where_nobody_makes_the_still_the_reason_says_that_the_clip_is_from_words(
    studio: Opened, tmp_path: Path
) -> None:
    with comfy(VIDEOS) as server:
        plan = planned(studio, tmp_path, film(tmp_path), server)
    clip = of(plan, CLIP)
    assert clip.service.address == server.url
    assert "from words alone, since nothing here makes its still" in clip.reason


LEARNS = {file: size for file, size in PICTURES.items() if "z_image" in file} | files_of(
    "lora_training"
)
ENHANCED = {file: size for file, size in PICTURES.items() if "z_image" not in file}


def test_the_still_goes_to_who_takes_the_learned_likeness(studio: Opened, tmp_path: Path) -> None:
    with comfy(PICTURES | LEARNS, busy=3) as keeps, comfy(ENHANCED) as quick:
        plan = planned(studio, tmp_path, ultimate(tmp_path), keeps, quick)
    still = of(plan, STILL)
    assert (still.service.address, still.option.workflow) == (keeps.url, "character_lora_z_image")
    assert ": it is made with what was learned of who is seen; not " in still.reason
    assert f"not comfyui@{quick.url.removeprefix('http://')}: there it would be tier enhanced " in (
        still.reason
    )
