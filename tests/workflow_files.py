"""A small workflow file that tests alter: a picture from words, with an optional start image."""

from __future__ import annotations

import pathlib

from movie_director.core.workflow import Workflow
from movie_director.core.workflow_file import read_workflow

SMALL = """\
schema: movie-director/workflow@1
version: 1
title: Small
kind: text_to_image
quality: draft
precision: fp8
licence: Apache-2.0
needs: 0.8.0
base:
  nodes:
    '1': {class_type: CheckpointLoaderSimple, inputs: {ckpt_name: x}}
    '2': {class_type: CLIPTextEncode, inputs: {clip: ['1', 1], text: a}}
    '3': {class_type: LoadImage, inputs: {image: a.png}}
    '4': {class_type: VAEEncode, inputs: {pixels: ['3', 0], vae: ['1', 2]}}
    '5': {class_type: EmptyLatentImage, inputs: {width: 64, height: 64, batch_size: 1}}
    '6':
      class_type: KSampler
      inputs: {model: ['1', 0], positive: ['2', 0], negative: ['2', 0],
               latent_image: ['4', 0], seed: 1, steps: 4, cfg: 1.0, sampler_name: euler,
               scheduler: simple, denoise: 0.5}
    '7': {class_type: VAEDecode, inputs: {samples: ['6', 0], vae: ['1', 2]}}
    '8': {class_type: SaveImage, inputs: {images: ['7', 0], filename_prefix: md}}
models:
  - {id: small/fp8, file: small.safetensors, folder: checkpoints, at: 1.ckpt_name}
inputs:
  prompt: {at: 2.text, required: true, doc: What is seen.}
  seed: {at: 6.seed, default: 7}
  width: {at: 5.width, default: 512, minimum: 64, maximum: 1024, step: 16, unit: pixels}
  height: {at: 5.height, default: 512, minimum: 64, maximum: 1024, step: 16, unit: pixels}
  image:
    at: 3.image
    absent:
      drop: ['3', '4']
      link: {6.latent_image: '5.0'}
      set: {6.denoise: 1.0}
  loras: {at: 6.model}
outputs:
  picture: {node: '8', media: image}
"""


def written(folder: pathlib.Path, text: str = SMALL, name: str = "small.yaml") -> pathlib.Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def small(folder: pathlib.Path, *changes: tuple[str, str]) -> Workflow:
    """The small workflow, with texts in its file replaced."""
    text = SMALL
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return read_workflow(written(folder, text))
