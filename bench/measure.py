"""Runs contenders in turn, several times, and keeps what each run cost."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Contender:
    """A command that does the work under measurement."""

    name: str
    argv: list[str]
    env: dict[str, str] = field(default_factory=dict)
    # Brings everything to where each run starts from; not measured.
    before: Callable[[], None] = lambda: None
    # Fails when the run has not done its work; not measured.
    after: Callable[[], None] = lambda: None


@dataclass
class Cost:
    """What one run cost."""

    wall: float
    # Of the contender's own processes, not of the hosts.
    cpu: float
    # Of the largest process, in MB.
    memory: float


@dataclass
class Series:
    """All runs of one contender."""

    name: str
    costs: list[Cost] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(cost.wall for cost in self.costs)

    @property
    def peak(self) -> float:
        return max(cost.memory for cost in self.costs)

    def row(self, reference: float) -> str:
        walls = [cost.wall for cost in self.costs]
        cpu = statistics.median(cost.cpu for cost in self.costs)
        return (
            f"{self.name:<34} {self.median:8.3f} {min(walls):8.3f} {max(walls):8.3f} "
            f"{self.median / reference:7.2f} {cpu:8.2f} {self.peak:8.1f}"
        )


HEAD = (
    f"{'':<34} {'median s':>8} {'min s':>8} {'max s':>8} {'ratio':>7} {'cpu s':>8} {'peak MB':>8}"
)


class Failed(Exception):
    """A contender did not do its work, so its time means nothing."""


def interleaved(contenders: list[Contender], runs: int, log: Path) -> dict[str, Series]:
    """Runs A B C, A B C, ...: what disturbs the machine for a while disturbs all of them."""
    series = {contender.name: Series(contender.name) for contender in contenders}
    for number in range(runs):
        for contender in contenders:
            contender.before()
            cost = run(contender, log)
            contender.after()
            series[contender.name].costs.append(cost)
            print(f"  run {number + 1}: {contender.name}: {cost.wall:.3f} s", flush=True)
    return series


def run(contender: Contender, log: Path) -> Cost:
    """Runs a contender once; its words go to `log`."""
    with log.open("wb") as out:
        started = time.monotonic()
        child = subprocess.Popen(
            contender.argv,
            env={**os.environ, **contender.env},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        # The usage of the child and of every descendant that was waited for; the memory is the largest one's.
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        said = log.read_text(errors="replace")[-2000:]
        raise Failed(f"{contender.name} ended with exit code {child.returncode}:\n{said}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def show(title: str, series: dict[str, Series], reference: str) -> None:
    """Prints a table; ratios are to the median of `reference`."""
    print(f"\n{title} (ratio to: {reference})\n{HEAD}")
    for one in series.values():
        print(one.row(series[reference].median))
    print(flush=True)
