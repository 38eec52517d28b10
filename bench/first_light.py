#!/usr/bin/env python3
"""How fast bowline reaches, observes and changes 20 hosts, beside OpenSSH, ansible and pyinfra. See docs/benchmarks.md.

Needs root, for the lab. Build first: cargo build --release
"""

import argparse
import json
import platform
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from fleet import IMAGE, Fleet
from measure import Contender, Series, interleaved, show
from peers import Peers

ROOT = Path(__file__).resolve().parent.parent
HOSTS = 20
LOOKED_AT = 10
APPLIED = 3
SCRIPT = "/root/bench.sh"

DEPLOYMENT = Template("""apiVersion: apps/v1
kind: Deployment
metadata: {name: bench}
spec:
  replicas: $replicas
  selector: {matchLabels: {app: bench}}
  template:
    metadata: {labels: {app: bench}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: main, image: $image, command: [sleep, "86400"]}
""")


class Bench:
    """The measures, and what each promises."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.bowline: Path = arguments.bowline
        self.work: Path = arguments.work
        self.runs: int = arguments.runs
        self.fleet = Fleet(self.bowline, self.work, HOSTS)
        self.peers = Peers(self.work)
        self.state = self.work / "state"
        self.kept = True

    def prepare(self) -> None:
        """Raises the hosts and installs the peers."""
        self.fleet.up()
        self.fleet.pull()
        self.peers.install()
        self.peers.write(self.fleet, APPLIED)
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        cpus = subprocess.check_output(["nproc"], text=True).strip()
        ssh = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr.strip()
        print(f"{now}, {cpus} CPUs for everything, Linux {platform.release()}")
        print(f"{self.peers.versions()}, {ssh}", flush=True)

    def argv(self, *words: str) -> list[str]:
        """The argv of a bowline command on these hosts."""
        common = ["--inventory", str(self.fleet.inventory), "--state", str(self.state / "state.redb")]
        return [str(self.bowline), *words, *common, "--no-input"]

    def manifest(self, replicas: int) -> str:
        path = self.work / f"bench-{replicas}.yaml"
        path.write_text(DEPLOYMENT.substitute(replicas=replicas, image=IMAGE))
        return str(path)

    def apply(self, replicas: int, *words: str) -> list[str]:
        return self.argv("apply", "--auto-approve", "-f", self.manifest(replicas), *words)

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

    def memory(self, series: Series) -> None:
        self.promise(f"peak memory of {series.name} in MB", series.peak, 60)

    def version(self) -> None:
        """How long the program takes to start."""
        series = self.measure([Contender("bowline --version", [str(self.bowline), "--version"])])
        show("Starting", series, "bowline --version")
        self.promise("bowline --version in ms", series["bowline --version"].median * 1000, 10)

    def reach(self) -> None:
        """(a) `true` on all hosts over new connections."""
        cold = self.peers.ansible_env(self.fleet, "-o", "ControlMaster=no")
        ssh = self.fleet.in_parallel(self.fleet.ssh(), "true")
        contenders = [
            Contender("bowline inventory ping", self.argv("inventory", "ping")),
            Contender("OpenSSH in parallel", ssh),
            Contender("ansible raw", self.peers.ansible_raw(), cold),
            Contender("pyinfra exec", self.peers.pyinfra_true(), {"LC_ALL": "C.UTF-8"}),
        ]
        series = self.measure(contenders)
        ours, *others = series.values()
        fastest = min(others, key=lambda one: one.median)
        show(f"(a) `true` on {HOSTS} hosts", series, fastest.name)
        self.promise(f"(a) bowline / {fastest.name}", ours.median / fastest.median, 0.4)
        self.memory(ours)

    def look(self) -> None:
        """(b) `plan` with nothing to do."""
        replicas = HOSTS * LOOKED_AT
        self.from_nothing()
        subprocess.run(self.apply(replicas, "--quiet"), check=True, stdout=subprocess.DEVNULL)
        self.fleet.expect_pods(LOOKED_AT)
        plan = self.argv("plan", "--detailed-exitcode", "-f", self.manifest(replicas))
        ps = self.fleet.in_parallel(self.fleet.ssh(), "podman ps -a --format json")
        series = self.measure([Contender("bowline plan", plan), Contender("podman ps over OpenSSH", ps)])
        ours, reference = series.values()
        show(f"(b) nothing to do for {replicas} pods on {HOSTS} hosts", series, reference.name)
        self.promise(f"(b) bowline / {reference.name}", ours.median / reference.median, 1.5)
        self.memory(ours)
        self.from_nothing()

    def change(self) -> None:
        """(c) pods on hosts that have the image and nothing else."""
        replicas = HOSTS * APPLIED
        self.put_script(replicas)
        script = self.fleet.in_parallel(self.fleet.warm(), f"sh {SCRIPT}")
        kept = self.peers.ansible_env(
            self.fleet, "-o", "ControlMaster=auto", "-o", "ControlPersist=60s"
        )

        def after() -> None:
            self.fleet.expect_pods(APPLIED)

        def contender(name: str, argv: list[str], env: dict[str, str] | None = None) -> Contender:
            return Contender(name, argv, env or {}, self.nothing_kept, after)

        contenders = [
            contender("bowline apply", self.apply(replicas)),
            contender("the same commands, on the hosts", script),
            contender("ansible containers.podman", self.peers.ansible_pods(), kept),
        ]
        series = self.measure(contenders)
        ours, commands, ansible = series.values()
        show(f"(c) {replicas} pods on {HOSTS} hosts", series, commands.name)
        self.promise(f"(c) bowline / {commands.name}", ours.median / commands.median, 1.2)
        self.promise("(c) bowline / ansible containers.podman", ours.median / ansible.median, 0.2)
        self.memory(ours)
        self.from_nothing()

    def nothing_kept(self) -> None:
        self.peers.hang_up()
        self.from_nothing()

    def put_script(self, replicas: int) -> None:
        """Takes the podman commands that bowline runs from its trace, and puts them on the hosts as a script each."""
        self.from_nothing()
        trace = self.work / "trace.jsonl"
        argv = self.apply(replicas, "--quiet", "--trace", str(trace))
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
        lines = [json.loads(line) for line in trace.read_text().splitlines()]
        # Those that bring the network and the image are a line of shell each, with podman in it.
        ours = [line for line in lines if line["mutating"] and "podman" in " ".join(line["argv"])]
        scripts = {
            name: "set -e\n"
            + "".join(f"{shlex.join(line['argv'])}\n" for line in ours if line["host"] == name)
            for name in self.fleet.hosts
        }
        self.fleet.put(scripts, SCRIPT)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bowline", type=Path, default=ROOT / "target/release/bowline")
    parser.add_argument("--work", type=Path, default=ROOT / "target/bench", help="kept between runs")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="version,a,b,c", help="a comma list of: version, a, b, c")
    parser.add_argument("--keep", action="store_true", help="leave the hosts up for the next run")
    parsed = parser.parse_args()
    parsed.bowline, parsed.work = parsed.bowline.resolve(), parsed.work.resolve()
    parsed.work.mkdir(parents=True, exist_ok=True)
    return parsed


def main() -> int:
    parsed = arguments()
    bench = Bench(parsed)
    measures: dict[str, Callable[[], None]] = {
        "version": bench.version,
        "a": bench.reach,
        "b": bench.look,
        "c": bench.change,
    }
    try:
        bench.prepare()
        for name in parsed.only.split(","):
            measures[name]()
    finally:
        if not parsed.keep:
            bench.fleet.down()
    return 0 if bench.kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
