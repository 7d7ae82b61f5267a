"""Whatever graph is drawn, converting it ends, and what comes out holds together."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from movie_director.core.errors import InputError
from movie_director.executors._comfyui.check import check_prompt
from movie_director.executors._comfyui.convert import Prompt, convert_file

from tests.comfyui_data import node_classes

#: Class: inputs that are linked, and outputs.
CLASSES: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "EmptyImage": ({}, ("IMAGE",)),
    "EmptyLatentImage": ({}, ("LATENT",)),
    "CheckpointLoaderSimple": ({}, ("MODEL", "CLIP", "VAE")),
    "CLIPTextEncode": ({"clip": "CLIP"}, ("CONDITIONING",)),
    "KSampler": (
        {
            "model": "MODEL",
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "latent_image": "LATENT",
        },
        ("LATENT",),
    ),
    "VAEDecode": ({"samples": "LATENT", "vae": "VAE"}, ("IMAGE",)),
    "VAEEncode": ({"pixels": "IMAGE", "vae": "VAE"}, ("LATENT",)),
    "ImageScale": ({"image": "IMAGE"}, ("IMAGE",)),
    "ImageInvert": ({"image": "IMAGE"}, ("IMAGE",)),
    "ImageBatch": ({"image1": "IMAGE", "image2": "IMAGE"}, ("IMAGE",)),
    "BatchImagesNode": ({"images.image0": "IMAGE", "images.image1": "IMAGE"}, ("IMAGE",)),
    "LatentUpscale": ({"samples": "LATENT"}, ("LATENT",)),
    "SaveImage": ({"images": "IMAGE"}, ()),
    "Reroute": ({"": "*"}, ("*",)),
}
MODES = (0, 0, 0, 0, 2, 4)


class Graph:
    """One graph being drawn: nodes, links, and the outputs that may be linked from."""

    def __init__(self, draw: Callable[..., Any], counter: Iterator[int]) -> None:
        self.draw = draw
        self.counter = counter
        self.nodes: list[dict[str, Any]] = []
        self.links: list[list[Any]] = []
        self.open: list[tuple[int, int, str]] = []

    def add(self, type: str, inputs: dict[str, str], outputs: tuple[str, ...]) -> None:
        """A node whose inputs are linked to what is open and fits, where there is anything."""
        id = len(self.nodes) + 1
        slots = []
        for at, (name, kind) in enumerate(inputs.items()):
            fitting = [each for each in self.open if kind == "*" or each[2] in (kind, "*")]
            link = None
            if fitting and self.draw(st.booleans() | st.just(True)):
                origin, slot, made = self.draw(st.sampled_from(fitting))
                link = next(self.counter)
                self.links.append([link, origin, slot, id, at, made])
                if kind == "*":
                    outputs = (made,)
            slots.append({"name": name, "type": kind, "link": link})
        for at, kind in enumerate(outputs):
            self.open.append((id, at, kind))
        outs = [
            {"name": kind, "type": kind, "links": [link[0] for link in self.links if link[1:3] == [id, at]]}
            for at, kind in enumerate(outputs)
        ]  # fmt: skip
        mode = self.draw(st.sampled_from(MODES))
        self.nodes.append({"id": id, "type": type, "mode": mode, "inputs": slots, "outputs": outs})

    def open_inputs(self) -> list[tuple[dict[str, Any], int]]:
        return [
            (node, at)
            for node in self.nodes
            for at, slot in enumerate(node["inputs"])
            if slot["link"] is None and slot["name"]
        ]


@st.composite
def workflows(draw: Callable[..., Any]) -> dict[str, Any]:
    """A workflow of up to three definitions inside each other."""
    counter = itertools.count(1)
    known: dict[str, tuple[dict[str, str], tuple[str, ...]]] = dict(CLASSES)
    definitions = []
    for level in range(draw(st.integers(0, 3))):
        graph = drawn(draw, counter, known, 1, 5)
        definition = enclosed(draw, graph, counter, f"graph {level}")
        definitions.append(definition)
        known[definition["id"]] = (
            {each["name"]: each["type"] for each in definition["inputs"]},
            tuple(each["type"] for each in definition["outputs"]),
        )
    root = drawn(draw, counter, known, 2, 12)
    return {
        "version": 0.4,
        "nodes": root.nodes,
        "links": root.links,
        "definitions": {"subgraphs": draw(st.permutations(definitions))},
    }


def drawn(
    draw: Callable[..., Any], counter: Iterator[int], known: Any, least: int, most: int
) -> Graph:
    graph = Graph(draw, counter)
    for type in draw(st.lists(st.sampled_from(sorted(known)), min_size=least, max_size=most)):
        graph.add(type, *known[type])
    return graph


def enclosed(
    draw: Callable[..., Any], graph: Graph, counter: Iterator[int], name: str
) -> dict[str, Any]:
    """The graph as a definition: some open inputs and outputs are its own."""
    inputs, outputs = [], []
    for at, (node, slot) in enumerate(graph.open_inputs()[: draw(st.integers(0, 4))]):
        link = next(counter)
        given = node["inputs"][slot]
        given["link"] = link
        graph.links.append([link, -10, at, node["id"], slot, given["type"]])
        inputs.append({"id": f"i{at}", "name": f"in{at}", "type": given["type"], "linkIds": [link]})
    for at, (id, slot, kind) in enumerate(graph.open[: draw(st.integers(0, 3))]):
        link = next(counter)
        graph.links.append([link, id, slot, -20, at, kind])
        outputs.append({"id": f"o{at}", "name": f"out{at}", "type": kind, "linkIds": [link]})
    keys = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    links = [dict(zip(keys, link, strict=True)) for link in graph.links]
    return {
        "id": name, "name": name, "nodes": graph.nodes, "links": links,
        "inputs": inputs, "outputs": outputs,
    }  # fmt: skip


#: What a graph drawn at random may lack; all else would be a fault of the conversion.
ALLOWED = {"missing_input", "missing_file", "no_output"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(workflows())
def test_any_graph_becomes_a_prompt_that_holds_together(file: dict[str, Any]) -> None:
    before = copy.deepcopy(file)
    prompt = convert_file(file, node_classes())
    assert file == before
    assert convert_file(file, node_classes()) == prompt
    classes = {node["class_type"] for node in prompt.values()}
    assert "Reroute" not in classes
    assert not any(name.startswith("graph") for name in classes)
    assert {each.kind for each in check_prompt(prompt, node_classes())} <= ALLOWED
    for node in prompt.values():
        assert set(node) == {"inputs", "class_type", "_meta"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3) | st.floats(0, 1),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "nodes",
                    "links",
                    "id",
                    "type",
                    "inputs",
                    "outputs",
                    "mode",
                    "widgets_values",
                    "properties",
                    "link",
                    "name",
                    "widget",
                    "linkIds",
                    "definitions",
                    "subgraphs",
                    "origin_id",
                    "target_id",
                    "proxyWidgets",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(workflows(), st.data())
def test_a_file_broken_anywhere_is_converted_or_refused_in_our_words(
    file: dict[str, Any], data: st.DataObject
) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        damage(file, data)
    found = converted(file)
    if isinstance(found, InputError):
        assert found.what
        assert found.remedy
    else:
        assert all(set(node) == {"inputs", "class_type", "_meta"} for node in found.values())


def converted(file: dict[str, Any]) -> Prompt | InputError:
    """The prompt of a file, or why it has none."""
    try:
        return convert_file(file, node_classes())
    except InputError as error:
        return error


def damage(value: Any, data: st.DataObject) -> None:
    """Put something else into a place of the file."""
    for _ in range(30):
        if not isinstance(value, dict | list) or not value:
            return
        keys = sorted(value) if isinstance(value, dict) else range(len(value))
        key = data.draw(st.sampled_from(list(keys)))
        if isinstance(value[key], dict | list) and value[key] and data.draw(st.booleans()):
            value = value[key]
            continue
        value[key] = data.draw(VALUES)
        return


def chain(length: int) -> dict[str, Any]:
    """Inverted images in a row, each through a reroute, every third bypassed."""
    nodes: list[dict[str, Any]] = [{"id": 1, "type": "EmptyImage", "outputs": []}]
    links = []
    for at in range(1, length):
        type = "Reroute" if at % 2 else "ImageInvert"
        name = "" if at % 2 else "image"
        slot = {"name": name, "type": "*" if at % 2 else "IMAGE", "link": at}
        nodes.append({"id": at + 1, "type": type, "mode": 4 * (at % 6 == 2), "inputs": [slot]})
        links.append([at, at, 0, at + 1, 0, "IMAGE"])
    return {"nodes": nodes, "links": links}


def seconds(file: dict[str, Any]) -> float:
    def once() -> float:
        begun = time.process_time()
        convert_file(file, node_classes())
        return time.process_time() - begun

    return min(once() for _ in range(3))


def passed_on(length: int) -> dict[str, Any]:
    """A row of bypassed nodes, each of which somebody looks at."""
    nodes: list[dict[str, Any]] = [{"id": 0, "type": "EmptyImage"}]
    links = []
    for at in range(1, length):
        for id, type, mode, name in (
            (at, "ImageInvert", 4, "image"),
            (-at, "PreviewImage", 0, "images"),
        ):
            slot = {"name": name, "type": "IMAGE", "link": 2 * at + (id < 0)}
            origin = at - 1 if id > 0 else at
            nodes.append({"id": id, "type": type, "mode": mode, "inputs": [slot]})
            links.append([slot["link"], origin, 0, id, 0, "IMAGE"])
    return {"nodes": nodes, "links": links}


@pytest.mark.parametrize("row", [chain, passed_on])
def test_time_grows_with_the_graph_and_not_faster(row: Callable[[int], dict[str, Any]]) -> None:
    """Sixteen times the nodes in less than a hundred times the time; a square would be 256."""
    assert seconds(row(4000)) < 100 * seconds(row(250))


def test_a_file_that_would_become_enormous_is_refused() -> None:
    """A value of a subgraph that stands in many places, each with a copy of it."""
    words = {"id": 1, "type": "CLIPTextEncode", "widgets_values": ["word " * 200_000]}
    graphs = [
        {"id": "leaf", "name": "leaf", "nodes": [words], "links": []},
        {
            "id": "many",
            "name": "many",
            "nodes": [{"id": at, "type": "leaf"} for at in range(100)],
            "links": [],
        },
    ]
    nodes = [{"id": at, "type": "many"} for at in range(20)]
    file = {"nodes": nodes, "links": [], "definitions": {"subgraphs": graphs}}
    with pytest.raises(InputError, match="would be larger than"):
        convert_file(file, node_classes())
