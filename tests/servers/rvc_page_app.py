"""A real Gradio 3 page with the RVC page's functions and no model behind it: ``PORT`` to listen on.

Lines come back as they were; a voice is "learned" in as many moments as it has epochs.
"""

from __future__ import annotations

import pathlib
import sys
import time
import wave
from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

WEIGHTS = pathlib.Path("assets/weights")
SAME: dict[str, Any] = {"__type__": "update"}
NO, YES = "否", "是"
#: What the page holds for everybody: the voice it has loaded, and the training that goes on.
held: dict[str, Any] = {"voice": "", "training": None}


def voices() -> dict[str, Any]:
    return {"choices": sorted(path.name for path in WEIGHTS.glob("*.pth")), **SAME}


def change_voice(name: str, one: float, other: float) -> tuple[dict[str, Any], ...]:
    (WEIGHTS / name).stat()
    held["voice"] = name
    index = pathlib.Path("logs") / name[:-4] / "added.index"
    found = {"value": str(index) if index.exists() else "", **SAME}
    return {"maximum": 3, **SAME}, {"value": one, **SAME}, {"value": other, **SAME}, found, found


def convert(speaker: int, sound: str, *settings: Any) -> tuple[str, Any]:
    if not held["voice"]:
        return "失败 no voice", None
    with wave.open(sound) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return f"成功 {held['voice']}", (file.getframerate(), samples)


def train(*asked: Any) -> Iterator[tuple[Any, ...]]:
    name, folder, epochs = asked[0], asked[3], asked[8]
    if held["training"] is not None:
        yield "等待中", SAME, SAME, SAME
        return
    mine = held["training"] = {"stopped": False}
    said = f"✓ 数据切分 {len([*pathlib.Path(folder).iterdir()])}\n✓ 特征提取"
    try:
        yield "正在启动", SAME, SAME, SAME
        for epoch in range(1, int(epochs) + 1):
            if mine["stopped"]:
                break
            time.sleep(0.02)
            yield f"{said}\nINFO:====> 轮次：{epoch} [00:00]", SAME, SAME, voices()
        if not mine["stopped"]:
            (WEIGHTS / f"{name}.pth").write_bytes(b"learned")
            logs = pathlib.Path("logs") / name
            logs.mkdir(parents=True, exist_ok=True)
            (logs / "added.index").write_bytes(b"index")
    finally:
        held["training"] = None
    yield f"{said}\n✓ 模型训练\n✓ 索引训练", SAME, SAME, voices()


def stop() -> tuple[Any, ...]:
    if held["training"]:
        held["training"]["stopped"] = True
    return "已停止", SAME, SAME


def page() -> Any:
    with gr.Blocks() as made:
        voice, renew = gr.Dropdown(choices=[]), gr.Button("renew")
        renew.click(voices, [], voice, api_name="infer_refresh")
        line = [
            gr.Slider(0, 9, 0), gr.Audio(type="filepath"), gr.Number(0),
            gr.Radio(["pm", "rmvpe"], value="rmvpe"), gr.Textbox(), gr.Slider(0, 1, 0.75),
            gr.Slider(0, 48000, 0), gr.Slider(0, 1, 0.25), gr.Slider(0, 0.5, 0.33),
        ]  # fmt: skip
        other, second = gr.Slider(0, 0.5, 0.33), gr.Textbox()
        gr.Button("convert").click(
            convert, line, [gr.Textbox(), gr.Audio()], api_name="infer_convert"
        )
        voice.change(
            change_voice, [voice, line[8], other], [line[0], line[8], other, line[4], second],
            api_name="infer_change_voice",
        )  # fmt: skip
        settings = [
            gr.Textbox("mi-test"), gr.Radio(["40k", "48k"], value="40k"),
            gr.Radio([True, False], value=True), gr.Textbox(""), gr.Slider(0, 4, 0),
            gr.Slider(0, 8, 4), gr.Radio(["pm", "rmvpe"], value="rmvpe"), gr.Slider(1, 50, 5),
            gr.Slider(2, 1000, 20), gr.Slider(1, 40, 8), gr.Radio([YES, NO], value=NO),
            gr.Textbox("G.pth"), gr.Textbox("D.pth"), gr.Textbox("0"),
            gr.Radio([YES, NO], value=NO), gr.Radio([YES, NO], value=NO),
            gr.Radio(["v1", "v2"], value="v2"), gr.Textbox("0-0"),
        ]  # fmt: skip
        begin, end, told = gr.Button("train"), gr.Button("stop"), gr.Textbox()
        begin.click(train, settings, [told, begin, end, voice], api_name="train_start_all")
        end.click(stop, [], [told, begin, end], queue=False)
    return made


if __name__ == "__main__":
    WEIGHTS.mkdir(parents=True, exist_ok=True)
    page().queue(concurrency_count=511).launch(
        server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True, inbrowser=False
    )
