"""What the sidebar draws of a plan and of the memory, on a layout that only takes notes."""

from __future__ import annotations

import dataclasses

import pytest

pytestmark = [pytest.mark.blender, pytest.mark.timeout(120)]
bpy = pytest.importorskip("bpy")

from movie_director.core.allocation import allocations  # noqa: E402
from movie_director.core.budget import Reading  # noqa: E402
from movie_director.core.change import Change  # noqa: E402
from movie_director.core.errors import StepFailed  # noqa: E402
from movie_director.core.explain import told  # noqa: E402
from movie_director.core.graph import Graph, Link, Node  # noqa: E402
from movie_director.core.progress import Pacing  # noqa: E402
from movie_director.core.schedule import begin  # noqa: E402
from movie_director.core.state import NodeState  # noqa: E402
from movie_director.core.step import (  # noqa: E402
    CLIP,
    Device,
    DeviceId,
    Option,
    Placed,
    Service,
    ServiceId,
    Stage,
)

from tests.blender.layouts import Notes  # noqa: E402
from tests.unit.core.films import planned_film  # noqa: E402

GIB = 2**30


def test_a_plan_says_why_it_is_cut_and_how_long_it_takes(blender):
    from movie_director.md_nodes import panels, session

    planned, layout = planned_film(60, 1), Notes()
    panels._draw_plan(layout, planned, told(planned), session._making(planned))
    said = " ".join(layout.said)
    assert "60 of 60 steps to do" in said
    assert "Cut here: " in said
    assert "Unloads " in said
    assert "Waste: " in said


def test_the_memory_shows_who_holds_what_and_what_the_driver_sees(blender):
    from movie_director.md_nodes import panels

    planned, layout = planned_film(6, 1), Notes()
    state, _ = begin(planned.stages, {})
    card = Reading(
        card="GPU-0", name="RTX 0", total_bytes=32 * GIB, free_bytes=12 * GIB, told_by="driver"
    )
    panels._draw_memory(layout, allocations(planned, state, planned.to_do[:1], [card]))
    assert layout.said[0].startswith("gpu0: ")
    assert layout.said[0].endswith(" of 24.0 GiB")
    assert any("comfy0 works in " in line for line in layout.said)
    assert layout.said[-1] == "In use on the card: 20.0 GiB of 32.0 GiB"


COMFY = "http://127.0.0.1:8188"


@pytest.fixture
def served(blender, tmp_path):
    """A film of two shots, planned for a ComfyUI and a Wan2GP that nobody started."""
    from movie_director.md_nodes import session, write_tree

    film = Graph(
        nodes=(
            Node(id="by", type="backend"),
            Node(id="one", type="shot", params={"action": "A cup.", "duration": 0.5}),
            Node(id="two", type="shot", params={"action": "A table.", "duration": 0.5}),
            Node(id="film", type="sequence", params={"ambience": False}),
            Node(id="out", type="output", params={"storyboard": False}),
        ),
        links=(
            Link(source=("by", "backend"), target=("one", "backend")),
            Link(source=("by", "backend"), target=("two", "backend")),
            Link(source=("one", "shot"), target=("film", "shots")),
            Link(source=("two", "shot"), target=("film", "shots")),
            Link(source=("film", "sequence"), target=("out", "sequence")),
        ),
    )
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "film.blend"))
    found = session.prepare(write_tree(film, "Film"))
    service = Service(
        id=ServiceId("comfyui@127.0.0.1:8188"), executor="comfyui", device=DeviceId("gpu"),
        name="ComfyUI", address=COMFY,
    )  # fmt: skip
    option = Option(executor="comfyui", workflow="wan22_i2v", precision="fp8", seconds=200.0)
    clips = [step for step in found.plan.steps.values() if step.kind == CLIP]
    placed = tuple(
        Placed(
            step=step, option=option, service=service,
            reason="fp8 instead of fp16, 14 GiB less; not wan2gp: it takes longer",
        )
        for step in clips
    )  # fmt: skip
    stage = Stage(device=service.device, service=service.id, steps=placed)
    card = Device(id=service.device, budget_bytes=24 * GIB)
    found.plan = dataclasses.replace(
        found.plan, stages=(stage,), services={service.id: service, **found.plan.services},
        devices={card.id: card, **found.plan.devices},
    )  # fmt: skip
    found.making = session._making(found.plan)
    found.pacing = Pacing(found.plan, {("comfyui", "clip"): 1.5})
    yield found
    session.close()


def makings(found, node: str):
    """Who makes what is to be made of a node."""
    from movie_director.md_nodes import making

    return [found.making[id] for id in making.steps_for(found, node)]


def test_the_plan_and_the_run_say_who_makes_what_and_who_was_passed_over(served):
    from movie_director.md_nodes import panels, session

    layout = Notes()
    panels._draw_plan(layout, served.plan, served.told, served.making)
    assert "2 × ComfyUI, wan22_i2v, fp8" in layout.said
    assert "Not wan2gp: it takes longer" in layout.said
    (id,) = served.board.by_node["one"]
    served.board.apply(Change(step=id, node="one", state=NodeState.COOKING, fraction=0.5))
    served.run = session.studio().run(served.plan, served.store)
    layout = Notes()
    panels._draw_run(layout, served)
    label = layout.said.index(served.plan.steps[id].label)
    assert layout.said[label + 1] == "ComfyUI, wan22_i2v, fp8"
    assert layout.said[-1] == "Not wan2gp: it takes longer"


def test_a_shot_says_on_itself_who_makes_it_why_and_who_was_passed_over(served):
    from movie_director.md_nodes import making

    layout = Notes()
    making.draw_ways(layout, makings(served, "one"), 320.0)
    assert layout.said == [
        "ComfyUI, wan22_i2v, fp8",
        "fp8 instead of fp16, 14 GiB less",
        "Not wan2gp: it takes longer",
    ]


def test_a_backend_says_who_makes_the_shots_it_is_linked_to(served):
    from movie_director.md_nodes import making

    layout = Notes()
    making.draw_ways(layout, makings(served, "by"), 240.0)
    assert layout.said[0] == "2 × ComfyUI, wan22_i2v, fp8"
    assert layout.said[-1] == "Not wan2gp: it takes longer"


def test_the_sidebar_says_all_of_it_with_how_long_it_takes_and_what_went_wrong(served):
    from movie_director.md_nodes import making

    (id,) = served.board.by_node["one"]
    layout = Notes()
    making.draw_made_by(layout, served, "one")
    assert layout.said == [
        served.plan.steps[id].label,
        "ComfyUI",
        COMFY,
        "wan22_i2v, fp8",
        "fp8 instead of fp16, 14 GiB less",
        "Not wan2gp: it takes longer",
        "About 5 min 0 s to go",
    ]
    failed = StepFailed("It ran out of steam.", remedy="Add coal.")
    served.board.apply(Change(step=id, node="one", state=NodeState.FAILED, error=failed))
    layout = Notes()
    making.draw_made_by(layout, served, "one")
    assert layout.said[-2:] == ["It ran out of steam.", "Add coal."]


def test_what_a_draft_is_made_by_goes_without_saying_on_the_node(served):
    from movie_director.md_nodes import making, session
    from movie_director.md_nodes.where import tree_with

    layout, drafted = Notes(), session.prepare(tree_with(served.film))
    making.draw_ways(layout, makings(drafted, "one"), 240.0)
    assert layout.said == []
    making.draw_made_by(layout, drafted, "one")
    assert layout.said[1] == "animatic"
