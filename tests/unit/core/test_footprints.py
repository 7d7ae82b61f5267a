"""The footprint database: complete, consistent, strictly read, quick to load."""

from __future__ import annotations

import itertools
import os
import pathlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from movie_director.core import footprints as reading
from movie_director.core.errors import InputError
from movie_director.core.footprint import BITS, PRECISIONS, Work
from movie_director.core.footprints import (
    FOLDER,
    known_footprints,
    load_footprints,
    own_footprints_path,
)
from movie_director.core.step import ModelId

GIB = 2**30
FOOTPRINTS = load_footprints()

SMALL = """\
schema: movie-director/footprints@1
sources:
  here: {where: "a test", read: "2026-11-24"}
families:
  toy:
    title: Toy
    kind: video
    frames_per_latent: 4
    memory: {base_bytes: 100, bytes_per_megapixel_frame: 1000, decode_bytes_per_megapixel: 3000, source: here}
    seconds: {per_megapixel_frame: 0.5, per_megapixel_frame_squared: 0.25, source: here}
models:
  - {id: toy/fp16, family: toy, role: diffusion, bytes: 2000, size: exact, parameters: 1000, files: [toy.safetensors], source: here}
  - {id: toy/q4, family: toy, role: diffusion, bytes: 612, size: exact, parameters: 1000, files: [toy-Q4.gguf], source: here}
  - {id: toy-encoder/fp16, family: toy, role: text encoder, bytes: 9000, size: exact, parameters: 4500, source: here}
  - {id: toy-vae/fp32, family: toy, role: vae, bytes: 400, size: exact, parameters: 100, load: unpickled, source: here}
"""


def written(folder: pathlib.Path, text: str = SMALL, name: str = "toy.yaml") -> pathlib.Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


# --- what is shipped ----------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("sd1.5", "sdxl-base", "flux1-dev", "flux1-schnell", "qwen-image", "wan2.1-t2v-1.3b"),
        *("wan2.2-ti2v-5b", "wan2.2-t2v-14b-high", "wan2.2-i2v-14b-low", "ltx-video-2b-0.9.5"),
        *("hunyuan-video-t2v-720p", "wan2.1-causvid-14b-lora", "t5-xxl", "umt5-xxl", "clip-l"),
        *("flux1-ae", "wan2.1-vae", "sd1.5-controlnet", "lora-sdxl-rank32", "stable-audio-open"),
        *("ace-step-v1", "audioldm2", "musicgen-small", "musicgen-medium", "musicgen-large"),
        *("rvc-v2-voice", "kokoro-82m", "llm-7b", "llm-8b", "llm-14b", "llm-32b", "llm-70b"),
    ],
)
def test_every_kind_of_model_a_film_needs_is_known(name: str) -> None:
    assert FOOTPRINTS.precisions(name)


@pytest.mark.parametrize(
    "name", ["flux1-dev", "flux1-schnell", "wan2.2-t2v-14b-high", "qwen-image"]
)
def test_large_models_are_known_in_every_precision_of_the_ladder(name: str) -> None:
    assert {"fp16", "fp8", "q8", "q5", "q4"} <= FOOTPRINTS.precisions(name).keys()


@pytest.mark.parametrize(
    "file",
    [
        "wan2.1_text2video_1.3B_mbf16.safetensors",
        "wan2.1_text2video_14B_quanto_mbf16_int8.safetensors",
        "wan2.2_image2video_14B_high_quanto_mbf16_int8.safetensors",
        "wan2.2_text2video_14B_low_quanto_mbf16_int8.safetensors",
        "wan2.2_text2video_5B_quanto_mbf16_int8.safetensors",
        "Wan14BT2VFusioniX_quanto_bf16_int8.safetensors",
        "models_t5_umt5-xxl-enc-quanto_int8.safetensors",
        "ltxv_0.9.8_13B_distilled_quanto_bf16_int8.safetensors",
        "hunyuan_video_720_quanto_int8.safetensors",
        "qwen_image_edit_plus_20B_quanto_bf16_int8.safetensors",
        "flux1-dev_quanto_bf16_int8.safetensors",
        "ZImageTurbo_quanto_bf16_int8.safetensors",
        "ace_step_v1_5_transformer_quanto_bf16_int8.safetensors",
    ],
)
def test_what_wan2gp_loads_is_known_by_its_names(file: str) -> None:
    assert FOOTPRINTS.by_file(file) is not None


def test_every_figure_has_a_source_and_a_day() -> None:
    sources = {model.source for model in FOOTPRINTS.models.values()}
    sources |= {family.memory.source for family in FOOTPRINTS.families.values()}
    sources |= {family.speed.source for family in FOOTPRINTS.families.values() if family.speed}
    assert all(len(source.where) > 20 for source in sources)
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", source.read) for source in sources)


def test_no_size_lies_far_from_its_parameters_without_a_reason() -> None:
    far = [
        model.id
        for model in FOOTPRINTS.models.values()
        if not model.why
        and not 0.75 <= model.bytes / (model.parameters * BITS[model.precision] / 8) <= 1.25
    ]
    assert far == []


def test_the_less_exact_of_two_precisions_is_smaller() -> None:
    wrong = [
        (name, first, then)
        for name in {model.name for model in FOOTPRINTS.models.values()}
        for known in [[p for p in FOOTPRINTS.precisions(name) if p not in {"q8", "int8"}]]
        for first, then in itertools.pairwise(known)
        if FOOTPRINTS.bytes_of(ModelId(f"{name}/{first}"))
        <= FOOTPRINTS.bytes_of(ModelId(f"{name}/{then}"))
    ]
    assert wrong == []


def test_a_reported_time_of_wan_is_met_within_a_quarter() -> None:
    """About four minutes on an RTX 4090 for five seconds at 480p of the 1.3B, fifty steps.

    https://instasd.com/post/wan2-1-performance-testing-across-gpus, read 2026-11-24.
    """
    clip = {"width": 832, "height": 480, "frames": 81, "steps": 50, "passes": 2}
    assert FOOTPRINTS.seconds("wan-1.3b", **clip) == pytest.approx(240, rel=0.25)


def test_a_model_is_found_by_its_file_in_any_folder() -> None:
    for name in (
        "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
        "wan/WAN2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
        "wan\\wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
    ):
        found = FOOTPRINTS.by_file(name)
        assert found is not None
        assert found.id == "wan2.2-i2v-14b-high/fp8"
    assert FOOTPRINTS.by_file("unheard_of.safetensors") is None


def test_it_loads_in_less_than_fifty_milliseconds() -> None:
    load_footprints()
    took = []
    for _ in range(5):
        load_footprints.cache_clear()
        began = time.perf_counter()
        load_footprints()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.05


# --- the arithmetic ---------------------------------------------------------------


@pytest.fixture
def toy(tmp_path: pathlib.Path) -> reading.Footprints:
    return load_footprints(written(tmp_path))


def test_work_is_a_base_and_a_share_for_each_megapixel_and_latent_frame(toy) -> None:
    assert toy.work_bytes("toy", width=1000, height=2000, frames=9) == 100 + 2 * 3 * 1000
    assert toy.work_bytes("toy", width=1000, height=1000, frames=1) == 100 + 3000  # decoding
    assert toy.work_bytes("toy", width=1000, height=2000, frames=9, precision="fp32") == 12_100


def test_tiles_bound_what_decoding_takes(toy) -> None:
    whole = toy.work("toy", width=4000, height=4000)
    tiled = toy.work("toy", width=4000, height=4000, tiled=True)
    assert whole == Work(sampling_bytes=16_100, decoding_bytes=48_100)
    assert tiled == Work(sampling_bytes=16_100, decoding_bytes=100 + round(3000 * 0.262144))


def test_seconds_grow_with_the_square_of_what_is_looked_at(toy) -> None:
    assert toy.seconds("toy", width=1000, height=1000, frames=5, steps=3) == 3 * (
        0.5 * 2 + 0.25 * 4
    )
    assert toy.seconds("toy", width=1000, height=1000, passes=2) == 1.5


def test_a_service_that_swaps_holds_its_largest_phase(toy) -> None:
    models = {ModelId("toy/fp16"), ModelId("toy-encoder/fp16"), ModelId("toy-vae/fp32")}
    kept, beside = toy.swapped(models, Work(sampling_bytes=500, decoding_bytes=3100))
    assert (kept, beside) == ({"toy/fp16"}, 9000 - 2000)
    kept, beside = toy.swapped(
        models - {"toy-encoder/fp16"}, Work(sampling_bytes=500, decoding_bytes=9)
    )
    assert (kept, beside) == ({"toy/fp16"}, 500)


def test_pickled_weights_take_twice_as_long_to_load(toy) -> None:
    assert toy.load_seconds([ModelId("toy/fp16")], 1000.0) == 2.0
    assert toy.load_seconds([ModelId("toy-vae/fp32")], 1000.0) == 0.8


@given(st.sampled_from(sorted(FOOTPRINTS.models)))
def test_a_precision_that_is_there_is_the_one_that_is_given(model) -> None:
    known = FOOTPRINTS.models[model]
    assert FOOTPRINTS.at([known.name], known.precision) == {model}


def test_a_precision_that_is_missing_gives_the_next_less_exact_else_the_least(toy) -> None:
    assert toy.at(["toy", "toy-vae"], "fp8") == {"toy/q4", "toy-vae/fp32"}
    assert toy.at(["toy"], "fp32") == {"toy/fp16"}
    with pytest.raises(KeyError):
        toy.at(["nothing"], "fp16")


@given(
    family=st.sampled_from(sorted(FOOTPRINTS.families)),
    width=st.integers(64, 4096),
    height=st.integers(64, 4096),
    frames=st.integers(1, 500),
    more=st.integers(0, 400),
)
def test_more_of_anything_never_takes_less(family, width, height, frames, more) -> None:
    one = {"width": width, "height": height, "frames": frames}
    two = {"width": width + more, "height": height + more, "frames": frames + more}
    assert FOOTPRINTS.work_bytes(family, **one) <= FOOTPRINTS.work_bytes(family, **two)
    assert FOOTPRINTS.seconds(family, **one) <= FOOTPRINTS.seconds(family, **two)
    assert FOOTPRINTS.work_bytes(family, **one, tiled=True) <= FOOTPRINTS.work_bytes(family, **one)


@given(st.sampled_from(sorted(FOOTPRINTS.models)), st.sampled_from(PRECISIONS))
def test_some_model_of_every_name_answers_to_every_precision(model, precision) -> None:
    name = FOOTPRINTS.models[model].name
    (found,) = FOOTPRINTS.at([name], precision)
    assert FOOTPRINTS.models[found].name == name


# --- reading ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        ("footprints@1", "footprints@9", "'toy.yaml', key schema: must be"),
        ("sources:\n", "surces:\n", "key sources: is missing"),
        ("kind: video", "kind: song", "key families.toy.kind: must be one of"),
        (
            "base_bytes: 100",
            "base_bytes: -1",
            "key families.toy.memory.base_bytes: must be a whole",
        ),
        ("base_bytes: 100, ", "", "key families.toy.memory.base_bytes: is missing"),
        (
            "frame: 0.5",
            "frame: fast",
            "key families.toy.seconds.per_megapixel_frame: must be a num",
        ),
        ('read: "2026-11-24"', 'read: "today"', "key sources.here.read: must be a day"),
        ("bytes: 2000", "bytes: 2600", "key models.toy/fp16.bytes: lies +30% from"),
        ("bytes: 2000", 'bytes: "2000"', "key models.toy/fp16.bytes: must be a whole number"),
        ("role: vae", "role: vane", "key models.toy-vae/fp32.role: must be one of"),
        ("id: toy/q4", "id: Toy/q4", "key models.Toy/q4.id: must be name/precision"),
        ("id: toy/q4", "id: toy/q3", "must be name/precision"),
        ("id: toy/q4", "id: toy/fp16, why: a test", "'toy/fp16' is used already in toy.yaml"),
        ("toy-Q4.gguf", "TOY.safetensors", "'toy.safetensors' is used already"),
        ("family: toy, role: vae", "family: joy, role: vae", "there is no family 'joy'"),
        ("load: unpickled", "lode: unpickled", "key models.toy-vae/fp32.lode: is unknown"),
        ("load: unpickled", "source: there", "lies"),
        ("files: [toy.safetensors]", "files: toy.safetensors", "files: must be a list of texts"),
        ("models:\n", "models: 7\nother:\n", "key other: is unknown"),
    ],
)
def test_a_slip_is_refused_with_file_and_key(tmp_path, was, is_, said) -> None:
    assert was in SMALL
    text = SMALL.replace(was, is_, 1)
    if said == "lies":  # a key twice is the YAML reader's to refuse
        said = "toy.yaml"
    with pytest.raises(InputError, match=re.escape(said)):
        load_footprints(written(tmp_path, text))


def test_a_file_that_is_no_table_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"key \(all\): must be a table"):
        load_footprints(written(tmp_path, "- 1\n"))


def test_an_empty_folder_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match="no footprint files"):
        load_footprints(tmp_path)


def test_what_was_read_is_kept_and_a_change_is_seen(tmp_path, monkeypatch) -> None:
    folder = written(tmp_path)
    first = load_footprints(folder)
    load_footprints.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_yaml", None)  # not needed again
        assert load_footprints(folder) == first
    load_footprints.cache_clear()
    written(folder, SMALL.replace("bytes: 2000", "bytes: 2001"))
    assert load_footprints(folder).bytes_of(ModelId("toy/fp16")) == 2001
    (kept,) = (folder / "__pycache__").iterdir()
    kept.write_text("{", encoding="utf-8")
    load_footprints.cache_clear()
    assert load_footprints(folder).bytes_of(ModelId("toy/fp16")) == 2001


def test_a_folder_that_cannot_be_written_is_read_all_the_same(tmp_path) -> None:
    folder = written(tmp_path)
    (folder / "__pycache__").write_text("in the way", encoding="utf-8")
    assert load_footprints(folder).families.keys() == {"toy"}


# --- a user's own ----------------------------------------------------------------------

OWN = """\
schema: movie-director/footprints@1
sources:
  mine: {where: "nvidia-smi on my card", read: "2026-11-24"}
models:
  - id: my-film-look/fp16
    family: wan-14b
    role: lora
    bytes: 300000000
    size: exact
    parameters: 150000000
    files: [my_film_look.safetensors, ae.safetensors]
    source: mine
bytes:
  flux1-dev/fp8: 12345678901
"""


def test_a_users_own_file_adds_and_corrects(tmp_path: pathlib.Path) -> None:
    known = known_footprints(written(tmp_path, OWN, "footprints.yaml") / "footprints.yaml")
    assert known.bytes_of(ModelId("flux1-dev/fp8")) == 12_345_678_901
    assert known.bytes_of(ModelId("my-film-look/fp16")) == 300_000_000
    found = known.by_file("ae.safetensors")
    assert found is not None
    assert found.id == "my-film-look/fp16"  # the user's word goes first
    assert known.models.keys() == {*FOOTPRINTS.models, "my-film-look/fp16"}


def test_a_change_of_it_is_seen_at_once(tmp_path: pathlib.Path) -> None:
    path = written(tmp_path, OWN, "footprints.yaml") / "footprints.yaml"
    assert known_footprints(path) is known_footprints(path)
    path.write_text(OWN.replace("12345678901", "7"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert known_footprints(path).bytes_of(ModelId("flux1-dev/fp8")) == 7


def test_it_may_give_the_size_of_a_model_that_nobody_else_knows(tmp_path: pathlib.Path) -> None:
    mine = OWN.replace("flux1-dev/fp8", "my_checkpoint.safetensors")
    path = written(tmp_path, mine, "footprints.yaml") / "footprints.yaml"
    assert known_footprints(path).sizes[ModelId("my_checkpoint.safetensors")] == 12345678901


def test_without_one_what_is_shipped_counts(tmp_path: pathlib.Path) -> None:
    assert known_footprints(tmp_path / "nothing.yaml") is load_footprints()
    assert own_footprints_path().parts[-2:] == ("movie-director", "footprints.yaml")


@pytest.mark.parametrize(
    ("was", "is_", "said"),
    [
        ("flux1-dev/fp8", "7", "key bytes: must go by the models' names"),
        ("12345678901", "-1", "key bytes.flux1-dev/fp8: must be a whole number"),
        ("family: wan-14b", "family: nobody", "there is no family 'nobody'"),
        ("bytes:\n", "byte:\n", "key byte: is unknown"),
        ("bytes: 300000000", "bytes: 900000000", "lies +200% from"),
    ],
)
def test_a_slip_in_it_is_refused_with_its_key(tmp_path, was, is_, said) -> None:
    path = written(tmp_path, OWN.replace(was, is_, 1), "footprints.yaml") / "footprints.yaml"
    with pytest.raises(InputError, match=re.escape(said)):
        known_footprints(path)


def test_the_shipped_files_are_those_that_are_loaded() -> None:
    assert FOLDER.is_dir()
    assert len(FOOTPRINTS.models) > 350
