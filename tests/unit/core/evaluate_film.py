"""A process to be killed: evaluates a small film in the folder it is given.

    python evaluate_film.py FOLDER SHOTS SECONDS

Prints the step ids it did, one a line, as they are finished.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))
runpy.run_path(str(ROOT / "tests" / "conftest.py"))


def main(folder: str, shots: str, seconds: str) -> int:
    """0 when the whole film is there."""
    from movie_director.core.plan import plan
    from movie_director.core.run import Run
    from movie_director.core.step import Option
    from movie_director.core.store import Store

    from tests.fakes import FakeExecutor, finish, small_film

    film = small_film(
        {f"s{index}": f"Line {index}" for index in range(int(shots))}, (Option(executor="fake"),)
    )
    fake = FakeExecutor(slots=2, seconds=float(seconds))
    store = Store(Path(folder))
    planned = plan(
        film, devices=fake.devices(), services=fake.services(), refuse=fake.refuse, find=store.find
    )
    run = Run(planned, {"fake": fake}, store)
    run.start()
    finish(run)
    run.close()
    sys.stdout.write("".join(f"{id}\n" for id in fake.done))
    return 0 if run.result.ok else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
