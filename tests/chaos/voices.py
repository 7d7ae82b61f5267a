"""Voice conversion and the learning of voices: rvc-python, and the RVC page by its own page."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

from movie_director.core.compile import Files
from movie_director.core.compile.lowering import FileRef
from movie_director.core.digest import file_digest
from movie_director.core.step import VOICE_CONVERSION, VOICE_TRAINING, StepId
from movie_director.executors.rvc_page import RvcPage
from movie_director.executors.rvc_python import RvcPython

from tests import served
from tests.chaos import faults
from tests.chaos.entry import Entry, Fault, Work, length, mark, marks_in
from tests.chaos.patience import PATIENCE
from tests.chaos.rest import COMMON, SETUP
from tests.servers.rvc_page import RvcPageServer
from tests.servers.rvc_python import RvcServer
from tests.servers.sounds import wav

WEIGHTS = b"weights"
#: What somebody else sets between our line and its answer.
OTHER_PITCH = {"f0up_key": 99}


@functools.cache
def _spoken(seconds: float) -> bytes:
    return wav(seconds, 48_000)


def spoken(number: int) -> bytes:
    """The line of one operation: how long it is and what stands behind its samples tell which."""
    said = mark(number).encode().ljust(16, b"\0")
    return _spoken(length(number)) + b"note" + len(said).to_bytes(4, "little") + said


def line(number: int, folder: Path, backend: str = "rvc") -> Work:
    """A line to be taken over into the voice of everybody's tests."""
    path, model = folder / "line.wav", folder / "anna.pth"
    path.write_bytes(spoken(number))
    model.write_bytes(WEIGHTS)
    voice = {
        "model": FileRef(path=model, content=file_digest(model)), "index": None,
        "index_rate": 0.75, "pitch": 0.0,
    }  # fmt: skip
    seconds = length(number)
    facts = {"seconds": seconds, "marks": [[0.0, "_"]], "words": [], "language": "en"}
    ref, made = served.artifact(StepId(f"line_{number}:speech"), path, **facts)
    step = served.step(VOICE_CONVERSION, {"speech": ref, "voice": voice})
    return Work(step=step, made=made, seconds=seconds, backend={"service": backend})


def _lesson(number: int, folder: Path) -> Work:
    """A voice to be learned, from recordings that no other operation has."""
    recordings = folder / "recordings"
    recordings.mkdir()
    (recordings / "0.wav").write_bytes(_take())
    (recordings / "1.wav").write_bytes(wav(9.0, 16_000, bursts=20, pitch=150.0 + number))
    inputs = {"recordings": Files(folder)("recordings/"), "epochs": 2 + number % 3}
    step = served.step(VOICE_TRAINING, inputs, ".zip")
    return Work(step=step, backend={"service": "rvc"})


@functools.cache
def _take() -> bytes:
    return wav(9.0, 16_000, bursts=20)


def _learned(server: RvcPageServer) -> list[str]:
    """By the folder that the recordings lay in: each operation has its own."""
    return [mark(int(Path(data[3]).parent.parent.name)) for data, _ in server.trained]


def _heard(server: RvcServer | RvcPageServer) -> list[str]:
    return marks_in([each[-64:].decode("latin-1") for each in server.lines])


def _rvc_forgets(server: RvcServer) -> None:
    server.models, server.loaded = {"somebody": ["somebody.pth"]}, ""


def _rvc_calm(server: RvcServer) -> None:
    server.meddling = {}


def _rvc_tidy(server: RvcServer) -> None:
    server.asked.clear()
    server.lines[:] = [each[-64:] for each in server.lines]


def _page_tidy(server: RvcPageServer) -> None:
    server.asked.clear()
    server.converted.clear()
    server.forget_sounds()
    server.lines[:] = [each[-64:] for each in server.lines]


def _page_calm(server: RvcPageServer) -> None:
    server.fails, server.trains = "", True


_PAGE = Entry(
    executor="rvc_page",
    share=0.07,
    makes=lambda: RvcPage(SETUP, PATIENCE),
    server=lambda folder: RvcPageServer(),
    work=line,
    given=_heard,
    faults=(
        *COMMON,
        Fault(
            name="work failed", does=faults.made(fails="失败 CUDA out of memory"),
            ends=faults.MAY_FAIL,
        ),
    ),
    bound="it keeps nothing: a line whose sound was lost is taken over again",
    ways=lambda server: {
        "/api/infer_refresh": server._refresh, "/api/infer_change_voice": server._change,
        "/api/infer_convert": server._convert, "*": server._file,
    },
    forget=lambda server: server.forget(),
    calm=_page_calm,
    tidy=_page_tidy,
)  # fmt: skip
ENTRIES = (
    Entry(
        executor="rvc_python",
        share=0.1,
        makes=lambda: RvcPython(SETUP, PATIENCE),
        server=lambda folder: RvcServer(),
        work=line,
        given=_heard,
        faults=(*COMMON, Fault(name="meddling", does=faults.made(meddling=OTHER_PITCH), ends=faults.MAY_FAIL)),
        bound="it keeps nothing: a line whose sound was lost is taken over again",
        ways=lambda server: {
            "/convert": server._convert, "/params": server._params, "*": server._models,
            "/upload_model": server._upload,
        },
        forget=_rvc_forgets,
        calm=_rvc_calm,
        tidy=_rvc_tidy,
    ),
    _PAGE,
    replace(
        _PAGE,
        variant="training",
        share=0.02,
        least=4,
        work=_lesson,
        given=_learned,
        faults=(
            *COMMON,
            Fault(name="not learned", does=faults.made(trains=False), ends=faults.MAY_FAIL),
        ),
        bound="a training is known by our session while the page lives; one it forgot begins anew",
        ways=lambda server: {
            "/api/infer_refresh": server._refresh, "/api/train_start_all": server._train,
            "*": server._file,
        },
    ),
)  # fmt: skip
