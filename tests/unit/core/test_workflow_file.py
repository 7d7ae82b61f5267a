"""Workflow files: what they say, and how a wrong one is told with file, key and line."""

from __future__ import annotations

import pathlib

import pytest
from movie_director.core.errors import InputError
from movie_director.core.workflow import Change, Graph, Input, Model, Output, Pin, Precision
from movie_director.core.workflow_file import read_workflow

from tests.workflow_files import SMALL, small, written


def test_a_workflow_is_read_whole(tmp_path: pathlib.Path) -> None:
    found = small(tmp_path)
    assert (found.id, found.version, found.kind, found.quality) == (
        "small", 1, "text_to_image", "draft",
    )  # fmt: skip
    assert found.media == "image"
    assert found.outputs == (Output(name="picture", node="8", media="image"),)
    assert found.precisions == (
        Precision(
            name="fp8",
            models=(
                Model(
                    id="small/fp8",
                    file="small.safetensors",
                    folder="checkpoints",
                    pins=(Pin(node="1", input="ckpt_name"),),
                ),
            ),
        ),
    )
    assert found.input("image") == Input(
        name="image",
        type="image",
        pins=(Pin(node="3", input="image"),),
        absent=Change(
            drop=frozenset({"3", "4"}),
            link={Pin(node="6", input="latent_image"): ("5", 0)},
            set={Pin(node="6", input="denoise"): 1.0},
        ),
    )
    assert isinstance(found.base, Graph)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Small\n", "", "key title (line 1): 'title' is missing"),
        ("title: Small", "titel: Small\ntitle: x", "key titel (line 3): there is no key 'titel'"),
        ("kind: text_to_image", "kind: text_to_imag", "key kind (line 4)"),
        ("version: 1", "version: one", "key version (line 2): expected a whole number"),
        ("quality: draft", "quality: [draft]", "key quality (line 5): expected a text, found a"),
        ("at: 2.text", "at: 22.text", "key inputs.prompt.at (line 26): there is no node '22'"),
        ("at: 2.text", "at: text", "'text' is no node and input"),
        ("default: 7", "default: seven", "key inputs.seed.default (line 27)"),
        ("default: 7", "default: -1", "a whole number from 0"),
        ("width, default: 512", "width, default: 500", "in steps of 16 pixels"),
        ("minimum: 64, maximum: 1024", "minimum: 2048, maximum: 1024", "above the maximum"),
        ("required: true", "required: true, default: x", "needs no default"),
        ("seed: {at: 6.seed", "seed: {type: int, at: 6.seed", "is of type seed in every"),
        ("['4', 0], seed", "['44', 0], seed", "input 'latent_image': there is no node '44'"),
        ("{samples: ['6', 0]", "{samples: ['8', 0]", "form a circle"),
        ("node: '8'", "node: '88'", "key outputs.picture.node (line 38): there is no node '88'"),
        ("media: image", "media: video", "gives image; none of these does"),
        ("small.safetensors", "../../etc/passwd", "'../../etc/passwd' is no name of a file"),
        ("small.safetensors", "C:\\\\x.safetensors", "is no name of a file"),
        ("id: small/fp8", "id: Small", "'Small' is no id such as"),
        ("needs: 0.8.0", "needs: new", "key needs (line 8)"),
        ("'5.0'", "'5'", "such as 57:8.0"),
        ("precision: fp8", "precision: fp9", "Did you mean 'fp8'?"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_key_and_line(
    tmp_path: pathlib.Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(InputError) as caught:
        small(tmp_path, (old, new))
    assert "small.yaml" in caught.value.what
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("base: {graph: ../secret.json}", "is no name of a file in the same folder"),
        ("base: {graph: /etc/passwd}", "is no name of a file in the same folder"),
        ("base: {graph: absent.json}", "could not be read"),
        ("base: {graph: deep.json}", "holds no JSON"),
        ("base: {graph: list.json}", "expected nodes with class_type"),
        ("base: {template: x, package: new}", "is no version"),
        ("base: {template: x, graph: y, package: 0.1.50}", "exactly one of"),
        ("base: {nodes: {'1': {inputs: {}}}}", "node '1' has no class_type"),
        ("base: {nodes: {'1': 3}}", "node '1' has no class_type"),
    ],
)
def test_a_base_that_cannot_be_used_is_refused(
    tmp_path: pathlib.Path, base: str, said: str
) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "list.json").write_text("[1]")
    head, rest = SMALL.split("base:\n")
    text = head + base + "\n" + rest[rest.index("models:") :]
    with pytest.raises(InputError, match=r"small\.yaml") as caught:
        read_workflow(written(tmp_path, text))
    assert said in caught.value.what


def test_an_alias_bomb_is_refused(tmp_path: pathlib.Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(InputError, match="holds more than 50000 values"):
        read_workflow(written(tmp_path, "\n".join(lines) + "\n" + SMALL))


def test_a_deep_file_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InputError, match="nested more than 24 deep"):
        read_workflow(written(tmp_path, SMALL + "deep: " + "[" * 40 + "]" * 40 + "\n"))


def test_a_name_that_is_no_id_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(InputError, match="cannot be a workflow's"):
        read_workflow(written(tmp_path, name="Mine und deins.yaml"))
