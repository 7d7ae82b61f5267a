"""A real Gradio app in a process of its own, with no model behind it (``gradio_apps/toy.py``)."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request
from typing import Any

from .relay import Relay

TOY = pathlib.Path(__file__).parent / "gradio_apps" / "toy.py"


class GradioApp:
    """``kind`` as the toy knows it; ``python`` has the Gradio; ``folder`` is the app's own."""

    def __init__(self, python: str, kind: str, folder: pathlib.Path, result: pathlib.Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True)
        self._settled: dict[str, Any] = {"seconds": 0.1, "fault": "", "queue": 8}
        self.set(result=str(result))
        quiet = {
            "GRADIO_ANALYTICS_ENABLED": "False",
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
        own = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        self._said = (folder / "said.txt").open("wb")
        self.process = subprocess.Popen(
            [python, str(TOY), kind, str(folder)],
            env={**own, **quiet, "GRADIO_TEMP_DIR": str(folder / "temp")},
            cwd=folder,
            stdout=self._said,
            stderr=subprocess.STDOUT,
        )
        self.url = ""

    def __enter__(self) -> GradioApp:
        ends = time.monotonic() + 240.0  # it loads for seconds, on a busy machine for a minute
        while not (self.url and self._answers()):
            assert time.monotonic() < ends, (self._folder / "said.txt").read_text()
            assert self.process.poll() is None, (self._folder / "said.txt").read_text()
            time.sleep(0.05)
            with contextlib.suppress(FileNotFoundError):
                self.url = f"http://127.0.0.1:{(self._folder / 'port').read_text()}"
        return self

    def __exit__(self, *why: object) -> None:
        self.signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(timeout=10)
        self._said.close()

    def set(self, **changes: Any) -> None:
        """Settle how it works from now on."""
        self._settled |= changes
        (self._folder / "control.part").write_text(json.dumps(self._settled))
        (self._folder / "control.part").replace(self._folder / "control.json")

    def signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self._lines("requests.jsonl")

    @property
    def work(self) -> list[dict[str, Any]]:
        return self._lines("work.jsonl")

    def began(self, number: int = 1) -> bool:
        """Whether so many pieces of work were begun."""
        return sum("began" in each for each in self.work) >= number

    def ended(self, number: int = 1) -> bool:
        return sum("ended" in each for each in self.work) >= number

    def _lines(self, name: str) -> list[dict[str, Any]]:
        with contextlib.suppress(FileNotFoundError):
            return [json.loads(line) for line in (self._folder / name).read_text().splitlines()]
        return []

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/config", timeout=5.0) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


class GradioPlace:
    """A real app at an address that stays, whatever becomes of its process.

    Called as the scripted servers are: ``close`` kills it, ``open`` starts it again, knowing nothing.
    ``asked_for`` is what was asked of it in all its lives.
    """

    def __init__(self, python: str, kind: str, folder: pathlib.Path, result: str) -> None:
        self._python, self._kind, self._folder, self._result = python, kind, folder, result
        self._lives: list[GradioApp] = []
        self.relay = Relay()
        self.open()

    @property
    def url(self) -> str:
        return self.relay.url

    @property
    def app(self) -> GradioApp:
        return self._lives[-1]

    @property
    def asked_for(self) -> list[Any]:
        return [each for life in self._lives for each in life.work if "began" in each]

    def open(self) -> None:
        folder = self._folder / str(len(self._lives))
        app = GradioApp(self._python, self._kind, folder, pathlib.Path(self._result))
        self._lives.append(app)
        app.__enter__()
        self.relay.open(int(app.url.rpartition(":")[2]))

    def close(self) -> None:
        self.relay.close()
        self.app.__exit__()

    def freeze(self) -> None:
        self.app.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.app.signal(signal.SIGCONT)
