# SPDX-License-Identifier: GPL-3.0-or-later
"""LoRAs that the film learned, for a shot: which the workflow can use, and by what name.

Where the server does not have one, because another learned it, it is sent there: into
``output/loras``, which is one of the folders a server loads LoRAs from.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...core.errors import ServiceRefused, StepFailed, Unauthorised
from ...core.executor import CancelFlag, Ticket
from ...core.footprints import known_footprints
from ...core.step import Artifact, ArtifactRef, Placed, StepId, references
from ...core.workflow import Workflow
from .fitting import lora_names
from .station import Station
from .training import FOLDER

__all__ = ["family_of", "loaded"]


def family_of(workflow: Workflow) -> str:
    """The kind of model a LoRA for this workflow must be made for; "" when it is not known."""
    known = known_footprints()
    ids = [model.id for each in workflow.precisions for model in each.models]
    found = [known.models[id] for id in ids if id in known.models]
    main = [each for each in found if each.role in ("diffusion", "checkpoint")]
    return main[0].family if main else ""


def loaded(
    work: Placed, ticket: Ticket, workflow: Workflow, station: Station, cancel: CancelFlag
) -> Mapping[StepId, str]:
    """The server's names of the LoRAs that were learned for this shot and that the workflow can use.

    Raises:
        StepFailed: the workflow needs one, and there is none; or the server cannot be given it.
        ServiceError: it does not answer.
        Stopped: it was cancelled.
    """
    takes = workflow.input("loras")
    if takes is None:
        return {}
    refs = [each.get("lora") for each in work.step.inputs["figures"]]
    learned = [ref for ref in references(refs) if isinstance(ref, ArtifactRef)]
    found = {ref.step: ticket.inputs[ref.step] for ref in learned}
    fitting = {id: each for id, each in found.items() if _fits(each, workflow)}
    if takes.required and learned and not fitting and not lora_names(work.step.inputs):
        raise StepFailed(
            f"The workflow '{workflow.id}' needs a LoRA, and nobody in the shot was learned.",
            remedy="Evaluate again while a ComfyUI runs that can train one.",
            where=work.step.node,
        )
    names = set(station.server.loras()) if fitting else set()
    return {id: _named(each, names, work, station, cancel) for id, each in fitting.items()}


def _fits(made: Artifact, workflow: Workflow) -> bool:
    """Whether it was learned at all, and for the model that the workflow runs."""
    families = {made.facts.get("family", ""), family_of(workflow)} - {""}
    return bool(made.facts.get("trained")) and len(families) < 2


def _named(
    made: Artifact, names: set[str], work: Placed, station: Station, cancel: CancelFlag
) -> str:
    """Its name on the server, which has it then."""
    name = str(made.facts["lora"])
    if name in names:
        return name
    if not made.facts.get("fetched"):
        where = made.facts.get("server", "another server")
        raise _absent(work, station, f"Copy {name} there from output/loras of {where}")
    try:
        sent = station.server.upload(made.path, name, cancel, subfolder=FOLDER, folder="output")
    except Unauthorised:
        raise
    except ServiceRefused as error:
        raise _absent(work, station, f"Copy '{made.path}' there as {name}") from error
    sent = sent.removeprefix(f"{FOLDER}/")
    if sent not in station.server.loras():
        raise _absent(work, station, f"Copy '{made.path}' there as {name}")
    return sent


def _absent(work: Placed, station: Station, fix: str) -> StepFailed:
    return StepFailed(
        f"{station.server.http.who} does not have the LoRA that was learned, and did not take it.",
        remedy=f"{fix}, into models/loras of its folder.",
        where=work.step.node,
    )
