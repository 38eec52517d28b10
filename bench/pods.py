#!/usr/bin/env python3
"""How fast pods of two containers come up, beside podman by itself. See docs/benchmarks.md.

Needs root, for the lab. Build first: cargo build --release
"""

import itertools
import subprocess

from bench import Bench, parser
from fleet import IMAGE, Fleet
from measure import Contender, show

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


class Pods(Bench):
    """The measures, and what each promises."""

    def raise_hosts(self, size: int) -> None:
        self.fleet.down()
        self.fleet = Fleet(self.bowline, self.work, size)
        self.fleet.up()
        self.fleet.pull()

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
            Contender("bowline apply", self.apply(path), {}, self.from_nothing, after),
            Contender("podman kube play", play, {}, self.from_nothing, after),
        ]
        series = self.measure(contenders)
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
        subprocess.run(self.apply(path), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        argv = [*self.fleet.warm(), self.fleet.hosts[host], f"sh {SCRIPT} 1"]

        def changed() -> None:
            path.write_text(pod("bench", next(rounds), host))

        contenders = [
            Contender("bowline apply", self.apply(path), {}, changed),
            Contender("typed on the host", argv),
        ]
        series = self.measure(contenders)
        ours, bare = series.values()
        show("One changed pod of two containers on one host", series, bare.name)
        self.promise("bowline apply - typed on the host, in s", ours.median - bare.median, 0.4)
        self.from_nothing()


def main() -> int:
    parsed = parser(__doc__.splitlines()[0]).parse_args()
    bench = Pods(parsed, HOSTS)
    try:
        return bench.take({"many": bench.many, "one": bench.one}, parsed.only)
    finally:
        bench.fleet.down()


if __name__ == "__main__":
    raise SystemExit(main())
