# SPDX-License-Identifier: GPL-3.0-or-later
"""Toy Gradio apps with the endpoints, labels and outputs of real ones; no model behind them.

Run by an interpreter that has Gradio, 3 or later: ``toy.py KIND FOLDER``.  In the folder lie
``control.json`` (``seconds`` that work takes, ``fault``, ``result``: the file that is given back; "#" in
its name is the number after "op " in what was asked, of 40) and what is written here: ``port``, ``requests.jsonl`` and ``work.jsonl``.
"""

from __future__ import annotations

import json
import pathlib
import re
import socket
import sys
import time
from typing import Any

import fastapi
import gradio as gr
import uvicorn

KIND, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
STOPPED = [False]


def control() -> dict[str, Any]:
    value: dict[str, Any] = json.loads((FOLDER / "control.json").read_text())
    return value


def note(file: str, **what: Any) -> None:
    with (FOLDER / file).open("a") as opened:
        opened.write(json.dumps(what) + "\n")


def work(*asked: Any, progress: Any = None) -> str | None:
    """As real ones do: a plain function that works for a while and gives a file."""
    note(
        "work.jsonl",
        began=[each if isinstance(each, str | int | float) else None for each in asked],
    )
    settled = control()
    steps = max(1, round(settled["seconds"] / 0.05))
    for step in range(steps):
        time.sleep(0.05)
        if progress is not None:
            progress((step, steps), desc="generating")
        if STOPPED[0]:
            STOPPED[0] = False
            note("work.jsonl", ended="stopped")
            raise gr.Error("Interrupted.")
    note("work.jsonl", ended="done")
    if settled["fault"] == "error":
        raise gr.Error("The prompt is too strange.")
    if settled["fault"] == "exception":
        raise RuntimeError("CUDA error: device-side assert triggered")
    if settled["fault"] == "null":
        return None
    number = re.search(r"op (\d+)", str(asked))
    return settled["result"].replace("#", str(int(number[1]) % 40) if number else "0")


def audioldm2() -> gr.Blocks:
    def text2audio(text, duration, guidance_scale, random_seed, n_candidates):
        return work(text, duration, guidance_scale, random_seed, n_candidates)

    with gr.Blocks() as page:
        inputs = [
            gr.Textbox(value="wind chimes", max_lines=1, label="Input your text here."),
            gr.Slider(5, 15, value=10, step=2.5, label="Duration (seconds)"),
            gr.Slider(0, 6, value=3.5, step=0.5, label="Guidance scale"),
            gr.Number(value=45, label="Change this value"),
            gr.Slider(1, 3, value=3, step=1, label="Automatic quality control."),
        ]
        output = gr.Video(label="Output")
        gr.Button("Submit").click(
            text2audio, inputs=inputs, outputs=[output], api_name="text2audio"
        )
    return page


def musicgen() -> gr.Blocks:
    def predict_full(
        model, model_path, decoder, text, melody, duration, topk, topp, temperature, cfg_coef,
        progress=gr.Progress(),  # noqa: B008 - as Gradio wants it
    ):  # fmt: skip
        STOPPED[0] = False
        made = work(model, model_path, decoder, text, melody, duration, progress=progress)
        return None, made, None, None

    def interrupt():
        note("work.jsonl", interrupted=True)
        STOPPED[0] = True

    models = ["facebook/musicgen-melody", "facebook/musicgen-stereo-melody"]
    with gr.Blocks() as page:
        text = gr.Text(label="Input Text")
        melody = gr.Audio(type="numpy", label="File")
        submit = gr.Button("Submit")
        gr.Button("Interrupt").click(fn=interrupt, queue=False)
        model = gr.Radio(models, label="Model", value=models[1])
        model_path = gr.Text(label="Model Path (custom models)")
        decoder = gr.Radio(["Default", "MultiBand_Diffusion"], label="Decoder", value="Default")
        duration = gr.Slider(minimum=1, maximum=120, value=10, label="Duration")
        topk = gr.Number(label="Top-k", value=250)
        topp = gr.Number(label="Top-p", value=0)
        temperature = gr.Number(label="Temperature", value=1.0)
        cfg = gr.Number(label="Classifier Free Guidance", value=3.0)
        outputs = [
            gr.Video(label="Generated Music"),
            gr.Audio(label="Generated Music (wav)", type="filepath"),
            gr.Video(label="MultiBand Diffusion Decoder"),
            gr.Audio(label="MultiBand Diffusion Decoder (wav)", type="filepath"),
        ]
        inputs = [model, model_path, decoder, text, melody, duration, topk, topp, temperature, cfg]
        submit.click(predict_full, inputs=inputs, outputs=outputs)
    return page


def stable_audio() -> gr.Blocks:
    def generate_cond(*asked):
        return work(*asked), []

    with gr.Blocks() as page:
        inputs = [
            gr.Textbox(show_label=False, placeholder="Prompt"),
            gr.Textbox(show_label=False, placeholder="Negative prompt"),
            gr.Slider(minimum=0, maximum=512, step=1, value=0, label="Seconds start"),
            gr.Slider(minimum=0, maximum=512, step=1, value=47, label="Seconds total"),
            gr.Slider(minimum=0.0, maximum=25.0, step=0.1, value=7.0, label="CFG scale"),
            gr.Slider(minimum=1, maximum=500, step=1, value=100, label="Steps"),
            gr.Slider(minimum=0, maximum=100, step=1, value=0, label="Spec Preview Every"),
            gr.Textbox(label="Seed (set to -1 for random seed)", value="-1"),
            gr.Dropdown(["dpmpp-3m-sde", "k-heun"], label="Sampler type", value="dpmpp-3m-sde"),
            gr.Dropdown(["wav", "flac"], label="File format", value="flac"),
            gr.Dropdown(["verbose", "output.wav"], label="File naming", value="verbose"),
            gr.Checkbox(label="Cut to seconds total", value=False),
            gr.Audio(label="Init audio"),
        ]
        outputs = [gr.Audio(label="Output audio"), gr.Gallery(label="Output spectrogram")]
        gr.Button("Generate").click(
            generate_cond, inputs=inputs, outputs=outputs, api_name="generate"
        )
    return page


def applio() -> gr.Blocks:
    """Only what ``convert`` has in common with the real page: places, kinds and choices."""

    def enforce_terms(terms_accepted, *args):
        if not terms_accepted:
            return "You must agree to the Terms of Use to proceed.", None
        try:
            line = pathlib.Path(args[5])
            note("work.jsonl", line=line.is_file(), model=pathlib.Path(args[7]).is_file())
            made = work(*args, line.read_bytes()[-64:].decode("latin-1"))
        except Exception:
            return "An error occurred during audio conversion.", None
        return f"File {line.name} inferred successfully.", made

    def sliders(*names):
        return [gr.Slider(minimum=0, maximum=1, value=0.5, label=name) for name in names]

    def boxes(*names):
        return [gr.Checkbox(label=name, value=False) for name in names]

    with gr.Blocks() as page:
        free = {"allow_custom_value": True}
        inputs = [
            gr.Checkbox(label="I agree to the terms of use", value=False),
            gr.Slider(minimum=-24, maximum=24, step=1, value=0, label="Tonhöhe"),
            *sliders("Search Feature Ratio", "Volume Envelope"),
            gr.Slider(minimum=0, maximum=0.5, value=0.5, label="Protect"),
            gr.Radio(["crepe", "rmvpe", "fcpe"], value="rmvpe", label="Pitch extraction"),
            gr.Dropdown([], label="Select Audio", **free),
            gr.Textbox(label="Output Path", value=str(FOLDER / "output.wav")),
            gr.Dropdown([], label="Voice Model", **free),
            gr.Dropdown([], label="Index File", **free),
            *boxes("Split Audio", "Autotune"),
            *sliders("Autotune Strength"),
            *boxes("Proposed Pitch"),
            gr.Slider(minimum=50, maximum=1200, value=155, label="Proposed Pitch Threshold"),
            *boxes("Clean Audio"),
            *sliders("Clean Strength"),
            gr.Radio(["WAV", "MP3", "FLAC"], value="MP3", label="Export Format"),
            gr.Radio(["contentvec", "spin"], value="contentvec", label="Embedder Model"),
            gr.Dropdown([], label="Select Custom Embedder", **free),
            *boxes("Formant Shifting"),
            *sliders("Quefrency", "Timbre"),
            *boxes(*(f"Effect {number}" for number in range(11))),
            *sliders(*(f"Amount {number}" for number in range(25))),
            gr.Dropdown([0], value=0, label="Speaker ID"),
        ]
        outputs = [gr.Textbox(label="Output Information"), gr.Audio(label="Export Audio")]
        gr.Button("Convert").click(enforce_terms, inputs=inputs, outputs=outputs)
    return page


class Seen:
    """The app, with all that is asked of it written down."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = {key.decode().lower(): value.decode() for key, value in scope["headers"]}
            note("requests.jsonl", path=scope["path"], headers=headers)
        await self.app(scope, receive, send)


def main() -> None:
    page = {
        "audioldm2": audioldm2, "musicgen": musicgen, "stable_audio": stable_audio, "applio": applio,
    }[KIND]()  # fmt: skip
    page.queue(max_size=control()["queue"])
    app = gr.mount_gradio_app(fastapi.FastAPI(), page, path="/")
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(Seen(app), log_level="warning"))
    (FOLDER / "port.part").write_text(str(taken.getsockname()[1]))
    (FOLDER / "port.part").replace(FOLDER / "port")
    server.run(sockets=[taken])


if __name__ == "__main__":
    main()
