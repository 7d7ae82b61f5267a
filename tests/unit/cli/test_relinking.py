"""Edit lists written elsewhere."""

from __future__ import annotations

import json
import pathlib

from movie_director.cli.relinking import relinked
from movie_director.core.jsonable import readable


def test_relative_links_are_meant_from_the_new_folder_and_others_stay() -> None:
    old, new = pathlib.Path("/films/train"), pathlib.Path("/films/out/cuts")
    links = ["scene%201/clip_t001.mp4", "file:///else/where.wav", "https://example.org/a.mp4"]
    text = readable({"clips": [{"media": {"target_url": link}, "name": link} for link in links]})
    moved = json.loads(relinked(text, old, new))
    assert [clip["media"]["target_url"] for clip in moved["clips"]] == [
        "../../train/scene%201/clip_t001.mp4",
        *links[1:],
    ]
    assert [clip["name"] for clip in moved["clips"]] == links


def test_in_the_same_folder_nothing_changes() -> None:
    folder = pathlib.Path("/films/train")
    text = readable({"media": {"target_url": "scene_01/clip_t001.mp4"}, "rate": 24.0})
    assert relinked(text, folder, folder) == text
