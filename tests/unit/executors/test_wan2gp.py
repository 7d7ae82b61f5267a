"""Wan2GP through its MCP server; a scripted one, on a real socket."""

from __future__ import annotations

import os
import pathlib
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import av
import numpy as np
import pytest
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import Digest
from movie_director.core.errors import Incompatible, InputError, OutOfMemory, StepFailed
from movie_director.core.executor import (
    Accepted,
    CancelFlag,
    Cancelled,
    Event,
    Failed,
    Finished,
    Lost,
    Progressed,
    Running,
    Setup,
    Ticket,
    Unknown,
)
from movie_director.core.plan import plan
from movie_director.core.run import Run
from movie_director.core.step import AMBIENCE, CLIP, MUSIC, SOUND, SPEECH, Device, Placed
from movie_director.core.store import Store
from movie_director.executors._animatic.picture import write_still
from movie_director.executors._animatic.picture.footage import filled
from movie_director.executors._service import bearing
from movie_director.executors._service.letter import Letter, read_letter, write_letter
from movie_director.executors._wan2gp import desk, following
from movie_director.executors._wan2gp.profiles import (
    FILE,
    load_profiles,
    own_profiles_path,
    profiles,
)
from movie_director.executors._wan2gp.settings import frames_of, picture_size
from movie_director.executors.wan2gp import COMMAND, Wan2GP

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent.parent))
import served
from fakes import finish, program
from servers import misbehaving as bad
from servers.sounds import mp4, wav
from servers.wan2gp import TOOLS, Wan2GPServer, page


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Wan2GPServer]:
    monkeypatch.setattr(following, "POLL_S", 0.02)
    monkeypatch.setattr(following, "BUSY_S", 0.05)
    monkeypatch.setattr(desk, "GATHER_S", 0.02)
    with Wan2GPServer() as running:
        yield running


@pytest.fixture
def wan2gp() -> Iterator[Wan2GP]:
    made = Wan2GP(Setup(cores=1, memory_bytes=2**30), served.QUICK)
    yield made
    made.close()


# --- finding it -------------------------------------------------------------------------------


def test_it_is_known_by_what_its_mcp_server_calls_itself(wan2gp, server) -> None:
    service = served.found(wan2gp, server.url)
    assert service.name == "Wan2GP (WanGP)"
    assert service.capabilities == {CLIP, SPEECH, SOUND, AMBIENCE, MUSIC}
    assert "t2v_1.3B" in service.models
    wan2gp.health(service)


@pytest.mark.parametrize("title", ["WanGP", "Wan2GP v12 by DeepBeepMeep"])
def test_its_page_alone_is_answered_with_the_command_that_starts_it_right(wan2gp, title) -> None:
    with page(title) as server, pytest.raises(Incompatible) as caught:
        wan2gp.identify(server.url)
    assert COMMAND in caught.value.remedy
    assert "python wgp.py --mcp --mcp-transport streamable-http" in COMMAND
    assert "--mcp-host 127.0.0.1 --mcp-port 7866" in COMMAND


def test_a_version_without_downloads_is_told_to_be_updated(wan2gp) -> None:
    with Wan2GPServer(tools=TOOLS[:-2]) as old, pytest.raises(Incompatible) as caught:
        wan2gp.identify(old.url)
    assert "git pull" in caught.value.remedy


def test_other_servers_are_not_taken_for_it(wan2gp) -> None:
    with page("Stable Audio") as other:
        assert wan2gp.identify(other.url) is None
    with bad.Misbehaving() as other:
        other.on("*", bad.says({"jsonrpc": "2.0", "id": 1, "result": {}}))
        assert wan2gp.identify(other.url) is None
        other.on("*", bad.deep(100_000))
        assert wan2gp.identify(other.url) is None


# --- what is asked ----------------------------------------------------------------------------


def test_a_draft_is_made_by_the_distilled_profile(wan2gp, server, tmp_path) -> None:
    said = served.do(wan2gp, server.url, served.clip(), tmp_path)
    assert isinstance(said[-1], Finished)
    (asked,) = server.submitted
    assert {name: asked[name] for name in (
        "model_type", "num_inference_steps", "guidance_scale", "sample_solver", "flow_shift",
        "multi_prompts_gen_type", "video_length", "seed", "resolution",
    )} == {
        "model_type": "t2v_1.3B", "num_inference_steps": 8, "guidance_scale": 1,
        "sample_solver": "causvid", "flow_shift": 2, "multi_prompts_gen_type": "FG",
        "video_length": 17, "seed": 7, "resolution": "160x96",
    }  # fmt: skip
    assert asked["settings_version"] == 2.74
    assert "CausVid" in asked["activated_loras"][0]


@pytest.mark.parametrize(
    ("fps", "motion", "asked", "facts"),
    [
        (24.0, True, "rife4", (63, 64.0)), (32.0, True, "rife2", (32, 32.0)),
        (16.0, True, None, (16, 16.0)), (24.0, False, None, (17, 16.0)),
    ],
)  # fmt: skip
def test_a_clip_to_be_conformed_is_handed_on_as_made_with_the_frames_it_lacks(
    wan2gp, server, tmp_path, fps, motion, asked, facts
) -> None:
    step = served.clip(fps=fps, duration=1.0, conform={"motion": motion})
    made = served.produced(served.do(wan2gp, server.url, step, tmp_path))
    assert server.submitted[0].get("temporal_upsampling") == asked
    assert (made.facts["frames"], made.facts["fps"]) == facts
    assert (made.facts["width"], made.facts["height"], made.facts["as_made"]) == (64, 48, True)


def test_a_clip_gets_the_films_own_size_rate_and_length(wan2gp, server, tmp_path) -> None:
    made = served.produced(served.do(wan2gp, server.url, served.clip(), tmp_path))
    assert {name: made.facts[name] for name in ("frames", "fps", "width", "height")} == {
        "frames": 12, "fps": 12.0, "width": 160, "height": 90,
    }  # fmt: skip
    with av.open(str(made.path)) as file:
        assert sum(1 for _ in file.decode(video=0)) == 12
    assert made.recipe["service"] == "Wan2GP (WanGP) by DeepBeepMeep"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "sent.json"]


def test_shots_of_one_quality_are_made_with_the_same_locked_settings(
    wan2gp, server, tmp_path
) -> None:
    shots = [served.clip(seed=n, action=f"Act {n}.", duration=1.0 + n) for n in range(3)]
    made = [
        served.produced(served.do(wan2gp, server.url, shot, tmp_path / str(n)))
        for n, shot in enumerate(shots)
    ]
    assert len({one.recipe["locked"] for one in made}) == 1
    assert len({one.recipe["seed"] for one in made}) == 3
    other = served.do(wan2gp, server.url, shots[0], tmp_path / "final", quality="final")
    assert served.produced(other).recipe["locked"] != made[0].recipe["locked"]


@pytest.mark.parametrize(
    ("quality", "model", "steps"),
    [("draft", "t2v_1.3B", 8), ("standard", "ti2v_2_2", 30), ("final", "t2v_2_2", 30)],
)
def test_each_quality_has_its_model(wan2gp, server, tmp_path, quality, model, steps) -> None:
    served.do(wan2gp, server.url, served.clip(), tmp_path, quality=quality)
    (asked,) = server.submitted
    assert (asked["model_type"], asked["num_inference_steps"]) == (model, steps)


def test_a_shot_begins_with_the_last_frame_of_the_one_before(wan2gp, server, tmp_path) -> None:
    before = tmp_path / "before.mp4"
    before.write_bytes(mp4(frames=5))
    ref, made = served.artifact("before:clip", before, seconds=1.0)
    shot = served.clip(image={"clip": ref, "frame": "last"})
    said = served.do(wan2gp, server.url, shot, tmp_path / "t", made=made, quality="final")
    assert isinstance(said[-1], Finished)
    (asked,) = server.submitted
    assert asked["model_type"] == "i2v_2_2"
    assert asked["image_prompt_type"] == "S"
    assert server.uploads[asked["image_start"]].startswith(b"\x89PNG")


def test_a_shot_begins_with_the_still_that_was_made_for_it(wan2gp, server, tmp_path) -> None:
    still = tmp_path / "still.png"
    write_still(np.full((48, 64, 3), 90, np.uint8), still)
    ref, made = served.artifact("shot:still", still)
    shot = served.clip(image={"still": ref})
    said = served.do(wan2gp, server.url, shot, tmp_path / "t", made=made, quality="final")
    assert isinstance(said[-1], Finished)
    (asked,) = server.submitted
    assert (asked["model_type"], asked["image_prompt_type"]) == ("i2v_2_2", "S")
    (tmp_path / "sent.png").write_bytes(server.uploads[asked["image_start"]])
    sent = filled(str(tmp_path / "sent.png"), 64, 48).astype(int)
    assert abs(sent - 90).max() <= 2


LONG = {"quality": "final", "seconds": 11.0}


def test_a_shot_longer_than_a_models_clips_is_made_in_parts(wan2gp, server, tmp_path) -> None:
    said = served.do(wan2gp, server.url, served.clip(duration=11.0), tmp_path, **LONG)
    made = served.produced(said)
    asked = server.submitted
    assert [each["model_type"] for each in asked] == ["t2v_2_2", "i2v_2_2", "i2v_2_2"]
    assert [each["video_length"] for each in asked] == [61, 61, 61]
    assert [server.uploads[each["image_start"]][:4] for each in asked[1:]] == [b"\x89PNG"] * 2
    assert made.recipe["parts"] == 3
    assert made.facts["frames"] == 132
    with av.open(str(made.path)) as file:
        grey = [frame.to_ndarray(format="gray").mean() for frame in file.decode(video=0)]
    # The scripted server's clips grow brighter: each part begins dark again, and none is held.
    assert [i for i in range(1, 132) if grey[i] < grey[i - 1] - 20] == [46, 91]
    shares = [event.fraction for event in said if isinstance(event, Progressed)]
    assert shares == sorted(shares)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "clip.mp4",
        "sent.json",
        "start.png",
    ]


def test_a_long_shot_needs_the_model_that_goes_on(wan2gp, server) -> None:
    server.available = {"t2v_2_2"}
    service = served.found(wan2gp, server.url)
    assert wan2gp.offer(served.want(CLIP, **LONG)) == ()
    option = wan2gp.offer(served.want(CLIP, quality="final"))[0]
    why = wan2gp.refuse(served.clip(duration=11.0), option, service)
    assert why == "it makes at most 5.06 s of a shot"


class Crash(BaseException):
    """The end of a process in the middle of its work."""


def test_a_long_shot_that_was_broken_off_goes_on_with_its_part(wan2gp, server, tmp_path) -> None:
    work, service = served.clip(duration=11.0), served.found(wan2gp, server.url)
    ticket = served.ticket(work, tmp_path / "t")
    placed = Placed(step=work, option=wan2gp.offer(served.want(CLIP, **LONG))[0], service=service)

    def until_the_second_part(event: Event) -> None:
        if len(server.submitted) == 2 and isinstance(event, Progressed):
            raise Crash

    with pytest.raises(Crash):
        wan2gp.run(placed, ticket, until_the_second_part, CancelFlag())
    said: list[Event] = []
    assert wan2gp.reattach(ticket, said.append, CancelFlag()) == Running()
    assert isinstance(said[-1], Finished), said[-1]
    assert len(server.submitted) == 3
    assert served.produced(said).facts["frames"] == 132


def test_a_long_shot_whose_first_part_is_gone_is_begun_anew(wan2gp, server, tmp_path) -> None:
    paper = crashed(server, served.clip(duration=11.0), tmp_path / "t", part=1)
    assert wan2gp.reattach(paper, lambda event: None, CancelFlag()) == Unknown()


def test_music_sound_and_an_imitated_voice_go_the_same_way(wan2gp, server, tmp_path) -> None:
    recording = tmp_path / "anna.wav"
    recording.write_bytes(wav(1.0))
    voice = {"recording": FileRef(path=recording, content=Digest("5")), "language": ""}
    works = [served.music(), served.sound(), served.speech(voice=voice)]
    for number, work in enumerate(works):
        said = served.do(wan2gp, server.url, work, tmp_path / str(number))
        assert isinstance(said[-1], Finished), said[-1]
    score, effect, line = server.submitted
    assert (score["model_type"], score["prompt"]) == ("ace_step_v1_5", "[Instrumental]")
    assert "a slow waltz" in score["alt_prompt"]
    assert (effect["model_type"], effect["duration_seconds"]) == ("stable_audio3_small_sfx", 1.0)
    assert (line["prompt"], line["audio_prompt_type"]) == ("Is anybody there?", "A")
    assert server.uploads[line["audio_guide"]] == recording.read_bytes()


@pytest.mark.parametrize(
    ("work", "why"),
    [
        (served.clip(media="x"), "your own file is used as it is"),
        (served.clip(duration=30.0), "it makes at most 5.06 s of a shot"),
        (served.speech(), "it imitates a recording, and the Voice has none"),
        (served.sound(seconds=500.0), "it makes at most 120 s at once"),
    ],
)  # fmt: skip
def test_it_says_why_it_cannot(wan2gp, server, work, why) -> None:
    service = served.found(wan2gp, server.url)
    option = wan2gp.offer(served.want(work.kind))[0]
    assert wan2gp.refuse(work, option, service) == why


def test_a_model_that_is_not_on_its_disk_is_not_asked_for(wan2gp, server) -> None:
    server.available = {"ti2v_2_2"}
    service = served.found(wan2gp, server.url)
    assert service.capabilities == {CLIP}
    options = wan2gp.offer(served.want(CLIP))
    assert [wan2gp.refuse(served.clip(), option, service) for option in options] == [
        "its model 't2v_1.3B' is not downloaded; use it once on Wan2GP's own page", None,
    ]  # fmt: skip


def test_what_it_lacks_for_a_wish_is_the_model_that_would_make_it_best(wan2gp, server) -> None:
    server.available = {"t2v_1.3B"}
    service = served.found(wan2gp, server.url)
    final = served.want(CLIP, quality="final")
    (lack,) = wan2gp.lacks(final, served.clip(), service)
    assert lack.what == f"Wan2GP at {server.url} has not downloaded its model 't2v_2_2'."
    assert "Wan2GP's own page" in lack.fixes[0]
    assert wan2gp.lacks(served.want(CLIP), served.clip(), service) == ()
    # A voice that it has nothing to imitate for lacks no model.
    assert wan2gp.lacks(served.want(SPEECH), served.speech(), service) == ()


def test_a_model_that_was_downloaded_meanwhile_is_noticed(wan2gp, server, monkeypatch) -> None:
    monkeypatch.setattr("movie_director.executors.wan2gp._LOOK_AGAIN_S", 0.0)
    server.available = {"ti2v_2_2"}
    service = served.found(wan2gp, server.url)
    option = wan2gp.offer(served.want(CLIP))[0]
    assert "not downloaded" in str(wan2gp.refuse(served.clip(), option, service))
    server.available.add("t2v_1.3B")
    wan2gp.health(service)
    assert wan2gp.refuse(served.clip(), option, service) is None


def test_another_service_or_a_named_profile_is_respected(wan2gp) -> None:
    assert wan2gp.offer(served.want(CLIP, backend={"service": "comfyui"})) == ()
    named = wan2gp.offer(served.want(CLIP, backend={"service": "wan2gp", "template": "wan-5b"}))
    assert [option.workflow for option in named] == ["wan-5b"]
    assert wan2gp.offer(served.want(CLIP, seconds=100.0)) == ()


def test_what_is_asked_comes_first_and_simpler_profiles_after_it(wan2gp) -> None:
    want = served.want(CLIP, quality="final", backend={"service": "wan2gp"})
    ways = [(o.workflow, o.fidelity.name, o.note, o.allowed) for o in wan2gp.offer(want)]
    assert ways == [
        ("wan-14b-text", "FULL", "", True),
        ("wan-14b-start", "FULL", "", True),
        ("wan-5b", "LOWER_QUALITY", "standard quality instead of final", True),
        ("wan-1.3b-causvid", "LOWER_QUALITY", "draft quality instead of final", True),
        ("wan-5b-fastwan", "LOWER_QUALITY", "draft quality instead of final", True),
    ]
    strict = replace(want, backend={"service": "wan2gp", "allow_downgrade": False})
    assert [option.allowed for option in wan2gp.offer(strict)] == [True, True, False, False, False]
    draft = replace(want, backend={"quality": "draft"})
    assert {option.fidelity.name for option in wan2gp.offer(draft)} == {"FULL"}


def test_when_its_memory_ran_out_the_next_simpler_profile_is_taken(
    wan2gp, server, tmp_path
) -> None:
    server.available = {"t2v_2_2", "ti2v_2_2", "t2v_1.3B"}
    service = served.found(wan2gp, server.url)
    want = served.want(CLIP, quality="final", backend={"service": "wan2gp"})
    clip = replace(served.clip(), options=wan2gp.offer(want))
    server.outcome = {"success": False, "errors": [{"message": "CUDA out of memory. Tried"}]}
    store = Store(tmp_path / "film")
    planned = plan(
        program([clip]), devices=[Device(id=service.device, budget_bytes=8 * 2**30)],
        services=[service], refuse=wan2gp.refuse, find=store.find,
    )  # fmt: skip
    assert [each.option.workflow for each in planned.to_do] == ["wan-14b-text"]
    run = Run(planned, {"wan2gp": wan2gp}, store)
    run.start()
    finish(run)
    models = [each["model_type"] for each in server.submitted]
    assert run.close()
    assert models == [
        "t2v_2_2", "t2v_2_2", "ti2v_2_2", "ti2v_2_2", "t2v_1.3B", "t2v_1.3B", "ti2v_2_2",
        "ti2v_2_2",
    ]  # fmt: skip


# --- while it works ---------------------------------------------------------------------------


def test_progress_tells_steps_and_never_falls(wan2gp, server, tmp_path) -> None:
    server.falls = True
    said = served.do(wan2gp, server.url, served.clip(), tmp_path)
    told = [event for event in said if isinstance(event, Progressed)]
    assert [each.fraction for each in told] == sorted(each.fraction for each in told)
    assert any("step" in each.note and "of 8" in each.note for each in told)
    assert told[-1].fraction == 1.0


def test_a_busy_server_is_waited_for(wan2gp, server, tmp_path) -> None:
    server.busy = 3
    said = served.do(wan2gp, server.url, served.clip(), tmp_path)
    assert isinstance(said[-1], Finished)
    notes = [event.note for event in said if isinstance(event, Progressed)]
    assert notes.count("waiting: Wan2GP works on something else") == 3
    assert len(server.submitted) == 1


def test_waiting_for_a_busy_server_can_be_given_up(wan2gp, server, tmp_path) -> None:
    server.busy = 10**6
    cancel = CancelFlag()
    served.when(lambda: server.busy < 10**6, cancel.set)
    assert isinstance(
        served.do(wan2gp, server.url, served.clip(), tmp_path, cancel=cancel)[-1], Cancelled
    )
    assert server.submitted == []


def test_given_up_it_is_watched_until_it_has_stopped(wan2gp, server, tmp_path) -> None:
    server.seconds, server.stops_after = 60.0, 0.4
    cancel = CancelFlag()
    served.when(lambda: server.running == 1, cancel.set)
    said = served.do(wan2gp, server.url, served.clip(), tmp_path, cancel=cancel)
    assert isinstance(said[-1], Cancelled)
    assert len(server.cancels) == 1
    assert server.running == 0


def test_only_what_is_ours_is_given_up(wan2gp, server, tmp_path) -> None:
    server.seconds = 60.0
    theirs = server.wangp_generate({"model_type": "t2v_2_2", "num_inference_steps": 4}, False, 1)
    cancel = CancelFlag()
    served.when(lambda: len(server.asked) > 12, cancel.set)
    said = served.do(wan2gp, server.url, served.clip(), tmp_path, cancel=cancel)
    assert isinstance(said[-1], Cancelled)
    assert server.cancels == []
    assert not server.wangp_get_job(theirs["job_id"])["done"]


def test_answers_as_text_alone_are_understood(wan2gp, server, tmp_path) -> None:
    server.structured = False
    assert isinstance(served.do(wan2gp, server.url, served.clip(), tmp_path)[-1], Finished)


def test_a_download_that_breaks_off_is_asked_for_anew(wan2gp, server, tmp_path) -> None:
    server.broken_downloads = 2
    assert isinstance(served.do(wan2gp, server.url, served.clip(), tmp_path)[-1], Finished)


@pytest.mark.parametrize("tool", ["wangp_get_job", "wangp_create_gallery_download"])
@pytest.mark.parametrize("manner", [bad.answer(b"", 500), bad.answer(b"<html>"), bad.says({})])
def test_work_is_not_given_up_for_an_answer_that_cannot_be_used(
    wan2gp, server, tmp_path, monkeypatch, tool, manner
) -> None:
    monkeypatch.setattr(bearing, "AGAIN_S", 0.01)
    spoiled: list[bad.Request] = []

    def twice(request: bad.Request, line: bad.Line) -> None:
        spoil = tool.encode() in request.body and len(spoiled) < 2
        if spoil:
            spoiled.append(request)
        (manner if spoil else server._mcp)(request, line)

    server.on("/mcp/", twice)
    assert isinstance(served.do(wan2gp, server.url, served.clip(), tmp_path)[-1], Finished)
    assert (len(spoiled), len(server.submitted)) == (2, 1)


def test_a_server_that_only_answers_nonsense_is_given_up(
    wan2gp, server, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(following, "SILENCE_S", 0.3)

    def nonsense(request: bad.Request, line: bad.Line) -> None:
        broken = b"wangp_get_job" in request.body
        (bad.answer(b"<html>") if broken else server._mcp)(request, line)

    server.on("/mcp/", nonsense)
    last = served.do(wan2gp, server.url, served.clip(), tmp_path)[-1]
    assert isinstance(last, Failed)
    assert "not JSON" in last.error.what


# --- what goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "kind", "what"),
    [
        ({"success": False, "errors": [{"message": "CUDA out of memory. Tried"}]}, OutOfMemory,
         "ran out of the card's memory"),
        ({"success": False, "errors": [{"message": "bad LoRA"}]}, StepFailed, "bad LoRA"),
        ({"success": True, "gallery_items": []}, StepFailed, "ended without a file"),
        ({"success": False, "cancelled": True}, StepFailed, "told by somebody else to stop"),
        ({"success": True, "gallery_items": "nonsense"}, StepFailed, "ended without a file"),
    ],
)  # fmt: skip
def test_an_end_without_a_good_file_is_a_failure_that_says_why(
    wan2gp, server, tmp_path, outcome, kind, what
) -> None:
    server.outcome = outcome
    last = served.do(wan2gp, server.url, served.clip(), tmp_path)[-1]
    assert isinstance(last, Failed)
    assert type(last.error) is kind
    assert what in last.error.what
    assert last.error.remedy
    assert last.error.where == "node"


@pytest.mark.parametrize("link", ["http://example.org/x", "//example.org/x", "\\\\host\\x", "x"])
def test_a_link_that_leads_elsewhere_is_not_followed(wan2gp, server, tmp_path, link) -> None:
    server.link = link
    last = served.do(wan2gp, server.url, served.clip(), tmp_path)[-1]
    assert isinstance(last, Failed)
    assert "does not lead to itself" in last.error.what


@pytest.mark.parametrize("body", [b"<html>busy</html>", b"", b"\0\0\0\x18ftypmp42" + b"x" * 99])
def test_what_is_no_clip_is_refused_and_deleted(wan2gp, server, tmp_path, body) -> None:
    server.body = body
    last = served.do(wan2gp, server.url, served.clip(), tmp_path)[-1]
    assert isinstance(last, Failed)
    assert not (tmp_path / "made").exists()


def test_a_server_that_was_started_again_is_lost(wan2gp, server, tmp_path) -> None:
    server.seconds = 60.0
    served.when(lambda: server.running == 1, server.forget)
    last = served.do(wan2gp, server.url, served.clip(), tmp_path)[-1]
    assert isinstance(last, Lost)
    assert "started again" in last.error.what


def test_a_server_that_dies_is_lost_within_two_seconds(wan2gp, server, tmp_path) -> None:
    server.seconds = 60.0
    died: list[float] = []

    def die() -> None:
        died.append(time.monotonic())
        server.close()

    served.when(lambda: server.running == 1, die)
    last = served.do(wan2gp, server.url, served.clip(), tmp_path)[-1]
    assert isinstance(last, Lost)
    assert time.monotonic() - died[0] < 2.0


def test_a_frozen_server_is_lost_after_a_while_and_not_at_once(
    wan2gp, server, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(following, "SILENCE_S", 3.0)
    server.seconds = 60.0
    froze: list[float] = []

    def freeze() -> None:
        froze.append(time.monotonic())
        server.freeze()

    served.when(lambda: server.running == 1, freeze)
    last = served.do(wan2gp, server.url, served.clip(), tmp_path)[-1]
    assert isinstance(last, Lost)
    assert 2.0 < time.monotonic() - froze[0] < 6.5


def test_a_server_started_again_before_its_file_was_fetched_is_lost_and_not_refusing(
    wan2gp, server, tmp_path
) -> None:
    other = server._other

    def forgets(request: Any, line: Any) -> None:
        server.forget()
        other(request, line)

    server.on("*", forgets)
    last = served.do(wan2gp, server.url, served.sound(), tmp_path)[-1]
    assert isinstance(last, Lost)
    assert "was started again" in last.error.what


# --- after a crash ----------------------------------------------------------------------------


def crashed(server: Wan2GPServer, work: Any, folder: pathlib.Path, part: int = 0) -> Ticket:
    """What a run leaves that ended while its job went on: the job there, a note here."""
    settings = {**server.wangp_get_default_settings("t2v_1.3B"), "video_length": 17}
    job = server.wangp_generate(settings, False, 1)["job_id"]
    paper = served.ticket(work, folder)
    letter = Letter(
        address=server.url, job=job, kind=work.kind, node=work.node, inputs=work.inputs,
        recipe={"seed": 7, "profile": "wan-14b-text", "part": part},
    )  # fmt: skip
    write_letter(folder, letter)
    return paper


def test_work_that_goes_on_is_followed_by_the_next_run(wan2gp, server, tmp_path) -> None:
    paper = crashed(server, served.clip(), tmp_path / "t")
    said: list[Event] = []
    assert wan2gp.reattach(paper, said.append, CancelFlag()) == Running()
    assert isinstance(said[-1], Finished)
    assert served.produced(said).recipe["seed"] == 7
    assert len(server.submitted) == 1
    assert Accepted(step=paper.step) not in said


def test_work_that_a_restarted_server_forgot_may_be_sent_again(wan2gp, server, tmp_path) -> None:
    paper = crashed(server, served.clip(), tmp_path / "t")
    server.forget()
    assert wan2gp.reattach(paper, lambda event: None, CancelFlag()) == Unknown()


def test_nobody_knows_what_a_server_has_that_does_not_answer(wan2gp, server, tmp_path) -> None:
    paper, said = crashed(server, served.clip(), tmp_path / "t"), list[Event]()
    server.close()
    assert wan2gp.reattach(paper, said.append, CancelFlag()) == Running()
    assert [type(event) for event in said] == [Lost]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"form": 1}', '{"form": 9}'])
def test_a_broken_note_is_as_none(wan2gp, tmp_path, text) -> None:
    (tmp_path / "sent.json").write_text(text)
    paper = served.ticket(served.clip(), tmp_path)
    assert wan2gp.reattach(paper, lambda event: None, CancelFlag()) == Unknown()


def test_a_note_keeps_references_as_references(tmp_path) -> None:
    ref, _ = served.artifact("before:clip", tmp_path / "x")
    file = FileRef(path=tmp_path / "y", content=Digest("5"))
    letter = Letter(
        address="http://127.0.0.1:1", job="j", kind=CLIP, node=served.NodeId("n"),
        inputs={"image": {"clip": ref}, "images": [file], "fps": 12.0}, recipe={},
    )  # fmt: skip
    write_letter(tmp_path, letter)
    assert read_letter(tmp_path) == letter


# --- profiles and arithmetic ------------------------------------------------------------------


def test_the_shipped_profiles_cover_what_it_is_asked_for() -> None:
    shots = [each for each in profiles().values() if each.kind == CLIP]
    for quality in ("draft", "standard", "final"):
        starts = {each.start for each in shots if quality in each.qualities}
        assert "either" in starts or {"yes", "no"} <= starts
    assert {each.kind for each in profiles().values()} == {CLIP, SPEECH, SOUND, AMBIENCE, MUSIC}


def test_own_profiles_come_first_and_replace_ours(wan2gp, server, tmp_path) -> None:
    path = own_profiles_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "schema: movie-director/wan2gp@1\nprofiles:\n"
        "  - {id: mine, kind: clip, quality: [draft], model: t2v_2_2, fps: 16, frames: 41, step: 4,"
        " pixels: 100000, pace: 1, settings: {num_inference_steps: 4}}\n"
        "  - {id: ace-step, kind: music, model: ace_step_v1_5, pace: 1, longest: 20, settings: {}}\n"
    )
    assert next(iter(profiles())) == "mine"
    assert profiles()["ace-step"].longest == 20
    assert isinstance(served.do(wan2gp, server.url, served.clip(), tmp_path)[-1], Finished)
    (asked,) = server.submitted
    assert (asked["model_type"], asked["num_inference_steps"]) == ("t2v_2_2", 4)
    path.write_text("schema: movie-director/wan2gp@1\nprofiles: [{id: x}]\n")
    os.utime(path, ns=(1, 1))
    with pytest.raises(InputError, match=r"wan2gp\.yaml"):
        wan2gp.offer(served.want(CLIP))


def test_a_profile_that_went_away_is_refused_in_words(wan2gp, server) -> None:
    service = served.found(wan2gp, server.url)
    option = replace(wan2gp.offer(served.want(CLIP))[0], workflow="gone")
    assert wan2gp.refuse(served.clip(), option, service) == "there is no profile 'gone' any more"


@pytest.mark.parametrize(
    "change",
    ["schema: other", "profiles: [{id: x}]", "profiles: [7]", "profiles: [{id: x, no: 1}]"],
)
def test_a_broken_profile_is_named(tmp_path, change) -> None:
    path = tmp_path / "own.yaml"
    schema = "" if "schema" in change else "schema: movie-director/wan2gp@1\n"
    path.write_text(schema + change)
    with pytest.raises(InputError, match=r"own\.yaml"):
        load_profiles(path)
    assert load_profiles(FILE)


@pytest.mark.parametrize(
    ("seconds", "frames"), [(0.0, 1), (0.01, 1), (1.0, 17), (1.01, 17), (1.1, 21), (60.0, 81)]
)
def test_a_model_makes_four_frames_and_one_more(seconds, frames) -> None:
    assert frames_of(profiles()["wan-1.3b-causvid"], seconds) == frames


@pytest.mark.parametrize(
    ("film", "size"),
    [((1280, 720), (848, 480)), ((1920, 1080), (848, 480)), ((720, 1280), (480, 848)),
     ((320, 180), (320, 176)), ((16, 4), (16, 16))],
)  # fmt: skip
def test_a_picture_has_the_films_shape_on_the_models_grid(film, size) -> None:
    assert picture_size(399_360, *film) == size
