#!/usr/bin/env python3
"""How fast bowline reaches, observes and changes 20 hosts, beside OpenSSH, ansible and pyinfra. See docs/benchmarks.md.

Needs root, for the lab. Build first: cargo build --release
"""

import argparse
import json
import platform
import shlex
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench import Bench, parser
from fleet import IMAGE
from measure import Contender, Series, show
from peers import Peers

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


class FirstLight(Bench):
    """The measures, and what each promises."""

    def __init__(self, parsed: argparse.Namespace) -> None:
        super().__init__(parsed, HOSTS)
        self.peers = Peers(self.work)

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

    def manifest(self, replicas: int) -> Path:
        path = self.work / f"bench-{replicas}.yaml"
        path.write_text(DEPLOYMENT.substitute(replicas=replicas, image=IMAGE))
        return path

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
        subprocess.run(self.apply(self.manifest(replicas), "--quiet"), check=True, stdout=subprocess.DEVNULL)
        self.fleet.expect_pods(LOOKED_AT)
        plan = self.argv("plan", "--detailed-exitcode", "-f", str(self.manifest(replicas)))
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
            contender("bowline apply", self.apply(self.manifest(replicas))),
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
        argv = self.apply(self.manifest(replicas), "--quiet", "--trace", str(trace))
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


def main() -> int:
    arguments = parser(__doc__.splitlines()[0])
    arguments.add_argument("--keep", action="store_true", help="leave the hosts up for the next run")
    parsed = arguments.parse_args()
    bench = FirstLight(parsed)
    measures = {"version": bench.version, "a": bench.reach, "b": bench.look, "c": bench.change}
    try:
        bench.prepare()
        return bench.take(measures, parsed.only)
    finally:
        if not parsed.keep:
            bench.fleet.down()


if __name__ == "__main__":
    raise SystemExit(main())
