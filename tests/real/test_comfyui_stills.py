"""A still, and the clip that begins with it, by a real ComfyUI without any model."""

from __future__ import annotations

import os
import pathlib

import av
import numpy as np
import pytest
from movie_director import api
from movie_director.core.graph import Graph, Link, Node
from movie_director.core.step import Fidelity, StepId
from movie_director.core.workflow_library import own_workflows_folder
from movie_director.executors._animatic.picture import write_still

URL = os.environ.get("MOVIE_DIRECTOR_COMFYUI", "")
#: The reference is dark, so a still made from it is light.
STILL = """
schema: movie-director/workflow@1
version: 1
title: Somebody's picture, its light and dark exchanged
kind: character_variation
tier: baseline
quality: final
base:
  nodes:
    '1': {class_type: LoadImage, inputs: {image: x.png}}
    '2': {class_type: ImageInvert, inputs: {image: ['1', 0]}}
    '3': {class_type: SaveImage, inputs: {images: ['2', 0], filename_prefix: movie_director/still}}
    '4': {class_type: PreviewAny, inputs: {source: ''}}
inputs:
  prompt: {at: '4.source'}
  reference_1: {at: '1.image', required: true}
outputs:
  picture: {node: '3', media: image}
"""
CLIP = """
schema: movie-director/workflow@1
version: 1
title: A picture that stands
kind: image_to_video
quality: final
base:
  nodes:
    '1': {class_type: LoadImage, inputs: {image: x.png}}
    '2': {class_type: RepeatImageBatch, inputs: {image: ['1', 0], amount: 12}}
    '3': {class_type: CreateVideo, inputs: {images: ['2', 0], fps: 24.0}}
    '4':
      class_type: SaveVideo
      inputs: {video: ['3', 0], filename_prefix: movie_director/clip, format: auto, codec: auto}
inputs:
  start_image: {at: '1.image', required: true}
  frames: {at: '2.amount', default: 24, minimum: 1, maximum: 4096}
  fps: {at: '3.fps', default: 24, minimum: 1, maximum: 120}
outputs:
  clip: {node: '4', media: video}
"""

pytestmark = [
    pytest.mark.skipif(not URL, reason="MOVIE_DIRECTOR_COMFYUI names no server"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


def film(root: pathlib.Path) -> Graph:
    write_still(np.full((180, 320, 3), 40, np.uint8), root / "anna.png")
    small = {"resolution": "custom", "width": 320, "height": 180, "fps": 24.0, "quality": "final"}
    anna = {"name": "Anna", "images": ("anna.png",), "tier": "baseline"}
    nodes = (
        Node(id="project", type="project", params={"title": "Still", **small}),
        Node(id="anna", type="character", params=anna),
        Node(id="one", type="shot", params={"action": "She waits.", "duration": 1.0}),
        Node(id="film", type="sequence", params={}),
        Node(id="out", type="output"),
    )
    ends = [
        ("project.project", "out.project"), ("anna.character", "one.characters"),
        ("one.shot", "film.shots"), ("film.sequence", "out.sequence"),
    ]  # fmt: skip
    links = tuple(
        Link(source=tuple(a.split(".")), target=tuple(b.split(".")))  # type: ignore[arg-type]
        for a, b in ends
    )
    return Graph(nodes=nodes, links=links)


def test_the_clip_shows_what_the_still_shows_and_that_comes_from_the_reference(
    only_at, tmp_path
) -> None:
    own = own_workflows_folder()
    own.mkdir(parents=True)
    (own / "inverted.yaml").write_text(STILL, "utf-8")
    (own / "standing.yaml").write_text(CLIP, "utf-8")
    only_at(URL)
    result = api.evaluate(film(tmp_path), tmp_path / "film", base=tmp_path)
    assert result.ok, result.errors
    still, clip = (result.artifacts[StepId(f"one:{kind}")] for kind in ("still", "clip"))
    assert (still.fidelity, clip.fidelity) == (Fidelity.FULL, Fidelity.FULL)
    with av.open(str(clip.path)) as file:
        shown = [frame.to_ndarray(format="rgb24")[60:120, 60:260] for frame in file.decode(video=0)]
    assert len(shown) == 24
    assert all(abs(float(each.mean()) - 215) < 4 for each in shown)
