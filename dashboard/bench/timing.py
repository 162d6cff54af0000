"""How a thing is timed: a warm-up, then several runs, the median in milliseconds."""

from __future__ import annotations

import gc
import resource
import statistics
import sys
import time
from collections.abc import Callable


def median_ms(action: Callable[[], object], runs: int, warm_up: int = 1) -> float:
    """The median duration of `runs` calls after `warm_up` calls that do not count, in milliseconds."""
    for _ in range(warm_up):
        action()
    taken = []
    for _ in range(runs):
        gc.collect()
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def peak_memory_mb() -> float:
    """The largest resident size this process has had, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2
