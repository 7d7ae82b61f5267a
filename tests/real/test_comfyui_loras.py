"""What training relies on, at a real ComfyUI: MOVIE_DIRECTOR_COMFYUI=http://127.0.0.1:8188 make test.

No model is loaded, so nothing is learned: a LoRA is sent, found, handed out and taken into use.
"""

from __future__ import annotations

import os
import pathlib
import uuid
from collections.abc import Iterator

import pytest
from movie_director.core.address import parse_address
from movie_director.core.errors import InputError
from movie_director.executors._comfyui.object_info_at import fetch_object_info
from movie_director.executors._comfyui.outputs import OutputFile
from movie_director.executors._comfyui.server import Server
from movie_director.executors._comfyui.training import FOLDER
from movie_director.executors._safetensors import check_lora

from tests.servers.comfyui_worker import PNG, lora

URL = os.environ.get("MOVIE_DIRECTOR_COMFYUI", "")

pytestmark = [
    pytest.mark.skipif(not URL, reason="MOVIE_DIRECTOR_COMFYUI names no server"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(parse_address(URL))
    yield made
    made.close()


def test_a_lora_that_is_sent_is_found_and_handed_out_at_once(
    server: Server, tmp_path: pathlib.Path
) -> None:
    name = f"md_test_{uuid.uuid4().hex}.safetensors"
    path = tmp_path / "lora.safetensors"
    path.write_bytes(lora())
    assert name not in server.loras()
    for _ in range(2):  # the same file again is the same file
        sent = server.upload(path, name, subfolder=FOLDER, folder="output")
        assert sent == f"{FOLDER}/{name}"
    assert name in server.loras()
    found = OutputFile(
        node="save", name=name, subfolder=FOLDER, folder="output", suffix=".safetensors"
    )
    back = server.fetch(found, tmp_path / "back.safetensors").path
    assert back.read_bytes() == path.read_bytes()
    assert check_lora(back) == 2


def test_a_lora_that_was_sent_may_be_named_in_a_prompt(
    server: Server, tmp_path: pathlib.Path
) -> None:
    name = f"md_test_{uuid.uuid4().hex}.safetensors"

    def said() -> str:
        """Why the prompt is not taken: it has no model, and perhaps not this LoRA."""
        nodes = {
            "lora": {
                "class_type": "LoraLoaderModelOnly",
                "inputs": {"lora_name": name, "strength_model": 1.0},
                "_meta": {"title": "LoRA"},
            },
            "show": {
                "class_type": "PreviewAny", "inputs": {"source": ["lora", 0]},
                "_meta": {"title": "Show"},
            },
        }  # fmt: skip
        with pytest.raises(InputError) as caught:
            server.submit(str(uuid.uuid4()), nodes, "somebody", where="")
        return caught.value.what

    assert name in said()
    path = tmp_path / "lora.safetensors"
    path.write_bytes(lora())
    server.upload(path, name, subfolder=FOLDER, folder="output")
    assert name not in said()


def test_pictures_in_a_folder_of_their_own_may_be_named_in_a_prompt(
    server: Server, tmp_path: pathlib.Path
) -> None:
    if "LoadImageDataSetFromFolder" not in fetch_object_info(URL):
        pytest.skip("that server is too old to train: so says the workflow")
    folder = f"movie-director/lora_{uuid.uuid4().hex[:24]}"
    path = tmp_path / "it.png"
    path.write_bytes(PNG)
    assert server.upload(path, "it.png", subfolder=folder) == f"{folder}/it.png"
    nodes = {
        "pictures": {
            "class_type": "LoadImageDataSetFromFolder", "inputs": {"folder": folder},
            "_meta": {"title": "Pictures"},
        },
        "show": {
            "class_type": "PreviewImage", "inputs": {"images": ["pictures", 0]},
            "_meta": {"title": "Show"},
        },
    }  # fmt: skip
    prompt = str(uuid.uuid4())
    server.submit(prompt, nodes, "somebody", where="")
    server.stop(prompt)
