"""How long the executors of the chaos suite wait: long beside the faults, short beside a person."""

from __future__ import annotations

from movie_director.core.patience import Operation, Patience

PATIENCE = Patience(
    seconds=dict.fromkeys(Operation, 5.0), connect=2.0, attempts=2, first_pause=0.01
)
