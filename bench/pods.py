#!/usr/bin/env python3
"""How fast pods of two containers come up, beside podman by itself. See docs/benchmarks.md.

Needs root, for the lab. Build first: cargo build --release
"""

import argparse
import itertools
import shutil
import subprocess
from pathlib import Path

from fleet import IMAGE, Fleet
from measure import Contender, interleaved, show

ROOT = Path(__file__).resolve().parent.parent
HOSTS = 20
PODS = 3
SCRIPT = "/root/bench.sh"
MANIFEST = "/root/bench.yaml"

CONTAINERS = f"""terminationGracePeriodSeconds: 0
containers:
- {{name: main, image: "{IMAGE}", command: [sleep, "86400"], env: [{{name: ROUND, value: "$round"}}]}}
- {{name: side, image: "{IMAGE}", command: [sleep, "86400"]}}
"""


def indented(text: str, by: int) -> str:
    return "".join(" " * by + line for line in text.splitlines(keepends=True))


def deployment(replicas: int) -> str:
    return f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: bench}}
spec:
  replicas: {replicas}
  selector: {{matchLabels: {{app: bench}}}}
  template:
    metadata: {{labels: {{app: bench}}}}
    spec:
{indented(CONTAINERS.replace("$round", "0"), 6)}"""


def pod(name: str, number: int, node: str = "") -> str:
    chosen = f"  nodeName: {node}\n" if node else ""
    return f"""apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: bench}}}}
spec:
{chosen}{indented(CONTAINERS.replace("$round", str(number)), 2)}"""


class Bench:
    """The measures, and what each promises."""

    def __init__(self, parsed: argparse.Namespace) -> None:
        self.bowline: Path = parsed.bowline
        self.work: Path = parsed.work
        self.runs: int = parsed.runs
        self.fleet = Fleet(self.bowline, self.work, HOSTS)
        self.state = self.work / "state"
        self.kept = True

    def raise_hosts(self, size: int) -> None:
        self.fleet.down()
        self.fleet = Fleet(self.bowline, self.work, size)
        self.fleet.up()
        self.fleet.pull()

    def apply(self, manifest: str) -> list[str]:
        common = ["--inventory", str(self.fleet.inventory), "--state", str(self.state / "state.redb")]
        return [str(self.bowline), "apply", "--auto-approve", "-f", manifest, *common, "--no-input"]

    def from_nothing(self) -> None:
        """No pod on any host, and nothing remembered."""
        self.fleet.clean()
        shutil.rmtree(self.state, ignore_errors=True)

    def promise(self, what: str, value: float, limit: float) -> None:
        kept = value <= limit
        self.kept &= kept
        print(f"{'ok  ' if kept else 'MISS'} {what}: {value:.2f}, at most {limit:g}", flush=True)

    def many(self) -> None:
        """60 pods of two containers on 20 hosts, against `kube play` of the same pods."""
        self.raise_hosts(HOSTS)
        path = self.work / "bench.yaml"
        path.write_text(deployment(HOSTS * PODS))
        played = "---\n".join(pod(f"bench-{number}", 0) for number in range(PODS))
        self.fleet.put({name: played for name in self.fleet.hosts}, MANIFEST)
        play = self.fleet.in_parallel(self.fleet.warm(), f"podman kube play {MANIFEST}")

        def after() -> None:
            self.fleet.expect_pods(PODS * 2)

        contenders = [
            Contender("bowline apply", self.apply(str(path)), {}, self.from_nothing, after),
            Contender("podman kube play", play, {}, self.from_nothing, after),
        ]
        series = interleaved(contenders, self.runs, self.work / "last.log")
        ours, podman = series.values()
        show(f"{HOSTS * PODS} pods of two containers on {HOSTS} hosts", series, podman.name)
        self.promise("bowline apply / podman kube play", ours.median / podman.median, 1.2)
        self.from_nothing()

    def one(self) -> None:
        """One pod that has changed, on a fleet of one host, against what a person would type there."""
        self.raise_hosts(1)
        host = next(iter(self.fleet.hosts))
        path = self.work / "one.yaml"
        rounds = itertools.count(1)
        typed = f"""set -e
podman pod rm --force --time 0 --ignore typed >/dev/null
podman pod create --name typed >/dev/null
podman run --detach --pod typed --name typed-main --env ROUND=$1 {IMAGE} sleep 86400 >/dev/null
podman run --detach --pod typed --name typed-side {IMAGE} sleep 86400 >/dev/null
"""
        self.from_nothing()
        self.fleet.put({host: typed}, SCRIPT)
        path.write_text(pod("bench", 0, host))
        subprocess.run(self.apply(str(path)), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        argv = [*self.fleet.warm(), self.fleet.hosts[host], f"sh {SCRIPT} 1"]

        def changed() -> None:
            path.write_text(pod("bench", next(rounds), host))

        contenders = [
            Contender("bowline apply", self.apply(str(path)), {}, changed),
            Contender("typed on the host", argv),
        ]
        series = interleaved(contenders, self.runs, self.work / "last.log")
        ours, bare = series.values()
        show("One changed pod of two containers on one host", series, bare.name)
        self.promise("bowline apply - typed on the host, in s", ours.median - bare.median, 0.4)
        self.from_nothing()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bowline", type=Path, default=ROOT / "target/release/bowline")
    parser.add_argument("--work", type=Path, default=ROOT / "target/bench", help="kept between runs")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="many,one", help="a comma list of: many, one")
    parsed = parser.parse_args()
    parsed.bowline, parsed.work = parsed.bowline.resolve(), parsed.work.resolve()
    parsed.work.mkdir(parents=True, exist_ok=True)
    return parsed


def main() -> int:
    parsed = arguments()
    bench = Bench(parsed)
    measures = {"many": bench.many, "one": bench.one}
    try:
        for name in parsed.only.split(","):
            measures[name]()
    finally:
        bench.fleet.down()
    return 0 if bench.kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
