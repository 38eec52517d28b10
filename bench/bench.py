"""What every benchmark on hosts has: its arguments, bowline's own commands, and promises that are kept or not."""

import argparse
import shutil
from collections.abc import Callable
from pathlib import Path

from fleet import Fleet
from measure import Contender, Series, interleaved

ROOT = Path(__file__).resolve().parent.parent


def parser(description: str) -> argparse.ArgumentParser:
    """The arguments of every benchmark."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--bowline", type=Path, default=ROOT / "target/release/bowline")
    parser.add_argument("--work", type=Path, default=ROOT / "target/bench", help="kept between runs")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", metavar="MEASURES", help="a comma list; without it, all of them")
    return parser


class Bench:
    """The hosts, and what was promised."""

    def __init__(self, parsed: argparse.Namespace, hosts: int) -> None:
        self.bowline: Path = parsed.bowline.resolve()
        self.work: Path = parsed.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.runs: int = parsed.runs
        self.fleet = Fleet(self.bowline, self.work, hosts)
        self.state = self.work / "state"
        self.kept = True

    def argv(self, *words: str) -> list[str]:
        """The argv of a bowline command on these hosts."""
        common = ["--inventory", str(self.fleet.inventory), "--state", str(self.state / "state.redb")]
        return [str(self.bowline), *words, *common, "--no-input"]

    def apply(self, manifest: Path, *words: str) -> list[str]:
        return self.argv("apply", "--auto-approve", "-f", str(manifest), *words)

    def from_nothing(self) -> None:
        """No pod on any host, and nothing remembered."""
        self.fleet.clean()
        shutil.rmtree(self.state, ignore_errors=True)

    def measure(self, contenders: list[Contender]) -> dict[str, Series]:
        return interleaved(contenders, self.runs, self.work / "last.log")

    def promise(self, what: str, value: float, limit: float) -> None:
        """Says whether a promise is kept."""
        kept = value <= limit
        self.kept &= kept
        print(f"{'ok  ' if kept else 'MISS'} {what}: {value:.2f}, at most {limit:g}", flush=True)

    def take(self, measures: dict[str, Callable[[], None]], only: str | None) -> int:
        """Takes the measures that are asked for, and returns the exit code."""
        names = only.split(",") if only else list(measures)
        unknown = [name for name in names if name not in measures]
        if unknown:
            raise SystemExit(f"no such measure: {', '.join(unknown)}; there are: {', '.join(measures)}")
        for name in names:
            measures[name]()
        return 0 if self.kept else 1
