"""The editor's format becomes the prompt that the editor itself would post."""

from __future__ import annotations

import copy
import datetime
from typing import Any

import pytest
from movie_director.core.errors import InputError
from movie_director.executors._comfyui.convert import MissingNodes, convert_file

from tests.comfyui_data import node_classes, recorded, template, template_names

RECORDED = recorded("0.33/frontend_prompts")
MORE = recorded("0.33/more_frontend_prompts")
#: Templates that need custom nodes, and which.
NEED_MORE = {
    "template_rob_realistic_2k_images_quick_variations": {"AILab_QwenVL", "ImageRemoveAlpha+"},
    "templates_mjm_looped_restyler": {"GetImageSizeAndCount"},
    "templates_rob_realistic_2k_images_quick_variations.app": {
        "AILab_QwenVL",
        "ImageRemoveAlpha+",
    },
}


def essence(prompt: Any) -> Any:
    """What a server reads: classes and inputs, less the editor's own preview."""
    return {
        id: (
            node["class_type"],
            {name: value for name, value in node["inputs"].items() if name != "video-preview"},
        )
        for id, node in prompt.items()
    }


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_template_becomes_what_the_frontend_made_of_it(name: str) -> None:
    made = convert_file(template(name), node_classes())
    assert essence(made) == essence(RECORDED[name])
    assert all(node["_meta"]["title"] for node in made.values())


def test_all_other_templates_become_what_the_frontend_makes_of_them() -> None:
    made = {name: essence(convert_file(template(name), node_classes())) for name in MORE}
    assert {name for name in MORE if made[name] != essence(MORE[name])} == set()
    assert len(MORE) > 400


def test_an_older_servers_node_classes_give_what_the_frontend_makes_with_them() -> None:
    wanted = recorded("0.8/frontend_prompts")
    made = {name: essence(convert_file(template(name), node_classes("0.8"))) for name in wanted}
    assert {name for name in wanted if made[name] != essence(wanted[name])} == set()
    assert len(wanted) > 100


@pytest.mark.parametrize("kind", ["s_none", "s_combo", "g"])
def test_made_up_graphs_become_what_the_frontend_makes_of_them(kind: str) -> None:
    cases = {
        name: case
        for name, case in recorded("0.33/frontend_made_up").items()
        if name.startswith(f"{kind}_")
    }
    made = {name: essence(convert_file(file, node_classes())) for name, (file, _) in cases.items()}
    assert {name for name in made if made[name] != essence(cases[name][1])} == set()
    assert len(cases) > 10


def test_titles_are_the_frontends() -> None:
    name = "audio_ace_step1_5_xl_base"
    made = convert_file(template(name), node_classes())
    assert {id: node["_meta"] for id, node in made.items()} == {
        id: node["_meta"] for id, node in RECORDED[name].items()
    }


def test_every_template_is_converted_or_says_which_nodes_are_missing() -> None:
    refused = {}
    for name in template_names():
        try:
            convert_file(template(name), node_classes())
        except MissingNodes as error:
            refused[name] = set(error.missing.values())
    assert refused == NEED_MORE


def test_missing_nodes_are_named_with_where_they_sit() -> None:
    with pytest.raises(MissingNodes) as caught:
        convert_file(template("templates_mjm_looped_restyler"), node_classes())
    assert caught.value.missing == {"89:87": "GetImageSizeAndCount"}
    assert "GetImageSizeAndCount (node 89:87)" in caught.value.what


@pytest.mark.parametrize("name", sorted(RECORDED)[::9])
def test_converting_changes_nothing_in_the_file_and_gives_the_same_again(name: str) -> None:
    file = template(name)
    before = copy.deepcopy(file)
    first = convert_file(file, node_classes())
    assert file == before
    first_again = copy.deepcopy(first)
    assert convert_file(file, node_classes()) == first_again
    for node in first.values():
        node["inputs"].clear()
    assert file == before
    assert convert_file(file, node_classes()) == first_again


def node(id: int, type: str, **given: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "mode": 0, "inputs": [], "outputs": [], **given}


def file(*nodes: dict[str, Any], links: list[Any] | None = None, **given: Any) -> dict[str, Any]:
    return {"version": 0.4, "nodes": list(nodes), "links": links or [], **given}


def made(*nodes: dict[str, Any], links: list[Any] | None = None, **given: Any) -> Any:
    return essence(convert_file(file(*nodes, links=links, **given), node_classes()))


def test_values_left_out_are_the_servers_defaults() -> None:
    assert made(node(1, "EmptyLatentImage", widgets_values=[768])) == {
        "1": ("EmptyLatentImage", {"width": 768, "height": 512, "batch_size": 1})
    }


def test_values_by_name_are_taken_by_name() -> None:
    by_name = {"height": 256, "width": 128, "unknown": 1}
    assert made(node(1, "EmptyLatentImage", widgets_values=by_name)) == {
        "1": ("EmptyLatentImage", {"width": 128, "height": 256, "batch_size": 1})
    }


def test_a_choice_in_braces_is_the_first_and_comments_go() -> None:
    text = "a {red|green} {cat|{big|small} dog} // aside\nand \\{this\\}"
    ((_, inputs),) = made(node(1, "CLIPTextEncode", widgets_values=[text])).values()
    assert inputs == {"text": "a red cat \nand {this}"}


def test_the_date_is_put_into_a_files_name_only_when_it_is_given() -> None:
    saved = file(node(1, "SaveImage", widgets_values=["%date:yyyy-MM-dd%/a"]))
    without = convert_file(saved, node_classes())
    assert without["1"]["inputs"] == {"filename_prefix": "%date:yyyy-MM-dd%/a"}
    when = datetime.datetime(2026, 3, 4, 5, 6, 7)
    assert convert_file(saved, node_classes(), when)["1"]["inputs"] == {
        "filename_prefix": "2026-03-04/a"
    }


def test_a_files_name_may_hold_another_nodes_value() -> None:
    prompt = made(
        node(1, "EmptyLatentImage", widgets_values=[768]),
        node(2, "SaveImage", widgets_values=["w%EmptyLatentImage.width%_%Nothing.here%"]),
    )
    assert prompt["2"][1] == {"filename_prefix": "w768_%Nothing.here%"}


def test_a_link_without_a_node_is_left_out() -> None:
    saved = node(
        2,
        "SaveImage",
        inputs=[{"name": "images", "type": "IMAGE", "link": 7}],
        widgets_values=["x"],
    )
    assert made(saved, links=[[7, 1, 0, 2, 0, "IMAGE"]]) == {
        "2": ("SaveImage", {"filename_prefix": "x"})
    }


def test_a_subgraph_inside_itself_is_refused() -> None:
    inner = {"id": "s", "name": "Spiral", "nodes": [node(2, "s")], "links": []}
    with pytest.raises(InputError, match="'Spiral' of the workflow contains itself"):
        made(node(1, "s"), definitions={"subgraphs": [inner]})


def test_subgraphs_that_multiply_beyond_reason_are_refused() -> None:
    graphs = [
        {
            "id": f"s{level}",
            "name": f"level {level}",
            "nodes": [node(100 * level + n, f"s{level + 1}") for n in range(10)],
            "links": [],
        }
        for level in range(12)
    ] + [{"id": "s12", "name": "last", "nodes": [node(9999, "Note")], "links": []}]
    with pytest.raises(InputError, match="more than 20000 nodes"):
        made(node(1, "s0"), definitions={"subgraphs": graphs})


def test_reroutes_in_a_circle_are_refused() -> None:
    def reroute(id: int, link: int, out: int) -> dict[str, Any]:
        return node(
            id,
            "Reroute",
            inputs=[{"name": "", "type": "*", "link": link}],
            outputs=[{"name": "", "type": "*", "links": [out]}],
        )

    save = node(3, "SaveImage", inputs=[{"name": "images", "type": "IMAGE", "link": 3}])
    links = [[1, 2, 0, 1, 0, "*"], [2, 1, 0, 2, 0, "*"], [3, 2, 0, 3, 0, "*"]]
    with pytest.raises(InputError, match="leads back to where it begins"):
        made(reroute(1, 1, 2), reroute(2, 2, 1), save, links=links)


@pytest.mark.parametrize("length", [2, 3000])
def test_a_long_chain_of_reroutes_is_followed_to_its_end(length: int) -> None:
    nodes = [node(1, "EmptyImage", outputs=[{"name": "IMAGE", "type": "IMAGE", "links": [1]}])]
    links = []
    for at in range(1, length):
        inputs = [{"name": "", "type": "*", "link": at}]
        nodes.append(node(at + 1, "Reroute", inputs=inputs))
        links.append([at, at, 0, at + 1, 0, "*"])
    nodes.append(
        node(
            length + 1,
            "PreviewImage",
            inputs=[{"name": "images", "type": "IMAGE", "link": length}],
        )
    )
    links.append([length, length, 0, length + 1, 0, "*"])
    prompt = made(*nodes, links=links)
    assert prompt[str(length + 1)] == ("PreviewImage", {"images": ["1", 0]})


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ([], "no list of nodes"),
        ({"nodes": {}}, "no list of nodes"),
        ({"nodes": [3]}, "no list of objects"),
        ({"nodes": [{"type": "A"}]}, "its id is"),
        ({"nodes": [{"id": True, "type": "A"}]}, "its id is"),
        ({"nodes": [{"id": 1}]}, "has no type"),
        ({"nodes": [node(1, "A"), node(1, "A")]}, "share an id"),
        ({"nodes": [node(1, "A")], "links": [[1]]}, "link of the workflow is malformed"),
        ({"nodes": [node(1, "A")], "links": [[1, 1, {}, 1, 0]]}, "link of the workflow is"),
        ({"nodes": [node(1, "A", inputs=3)]}, "inputs of node 1 are no list"),
        ({"nodes": [], "definitions": {"subgraphs": [{"nodes": []}]}}, "has no id"),
        (
            {"nodes": [], "definitions": {"subgraphs": [{"id": "a", "nodes": []}] * 2}},
            "not distinct",
        ),
    ],
)
def test_a_malformed_file_is_refused_with_the_part_that_is_wrong(broken: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        convert_file(broken, node_classes())
    assert said in caught.value.what
