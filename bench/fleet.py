"""The hosts that everything runs on: a lab of its own, reached by plain OpenSSH."""

import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SITE = "bench:48"
IMAGE = "docker.io/library/busybox:1.36"

# Removes all pods, whoever made them, and everything that bowline or a peer set up.
CLEAN = """
podman pod rm --force --all --time 0 >/dev/null
podman network ls --quiet | grep -E '^(bowline-|bench)' | xargs -r podman network rm --force >/dev/null
nft delete table ip bowline 2>/dev/null
ip route flush proto 98
rm -rf /var/lib/bowline
"""


class Fleet:
    """Bare lab hosts, and how to reach them."""

    def __init__(self, bowline: Path, work: Path, size: int) -> None:
        self.bowline, self.size = bowline, size
        self.lab = work / "lab"
        self.sockets = work / "sockets"
        self.sockets.mkdir(parents=True, exist_ok=True)
        self.inventory = self.lab / "inventory.yaml"
        self.key, self.known_hosts = self.lab / "key", self.lab / "known_hosts"
        self.hosts: dict[str, str] = {}

    def up(self) -> None:
        """Raises the hosts, or completes those that stand."""
        self._lab("up", "--nodes", str(self.size), "--bare", "--dir", str(self.lab))
        listed = [line.strip() for line in self.inventory.read_text().splitlines()]
        names = [line.rstrip(":") for line in listed if line.startswith("node-")]
        addresses = [line.split()[1] for line in listed if line.startswith("address:")]
        self.hosts = dict(zip(names, addresses, strict=True))

    def down(self) -> None:
        """Takes the hosts down."""
        self._lab("down")

    def _lab(self, *words: str) -> None:
        argv = [self.bowline, "lab", "--site", SITE, *words]
        subprocess.run(argv, check=True, stderr=subprocess.DEVNULL)

    def ssh(self, *options: str) -> list[str]:
        """OpenSSH with the lab's key, nothing of the user's own settings, and a new connection."""
        common = ["-F", "/dev/null", "-i", str(self.key), "-o", "BatchMode=yes"]
        common += ["-o", "IdentitiesOnly=yes", "-o", f"UserKnownHostsFile={self.known_hosts}"]
        common += ["-o", "LogLevel=ERROR", "-l", "root"]
        return ["ssh", *common, *options]

    def warm(self) -> list[str]:
        """The same over connections that are kept, for what is not to be measured."""
        master = ["-o", "ControlMaster=auto", "-o", "ControlPersist=15m"]
        return self.ssh(*master, "-o", f"ControlPath={self.sockets}/%h")

    def in_parallel(self, ssh: list[str], command: str) -> list[str]:
        """The argv that runs a command on all hosts at once; fails when it fails on one."""
        hosts = " ".join(self.hosts.values())
        line = shlex.join([*ssh, "{}", command])
        return ["sh", "-c", f"printf '%s\\n' {hosts} | xargs -P {self.size} -I{{}} {line}"]

    def everywhere(self, command: str) -> None:
        """Runs a command on all hosts."""
        argv = self.in_parallel(self.warm(), command)
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.stdout}{done.stderr}")

    def put(self, texts: dict[str, str], path: str) -> None:
        """Writes a file on hosts, by name."""

        def write(name: str) -> None:
            argv = [*self.warm(), self.hosts[name], f"cat > {shlex.quote(path)}"]
            subprocess.run(argv, input=texts[name], text=True, check=True)

        with ThreadPoolExecutor(self.size) as pool:
            list(pool.map(write, texts))

    def clean(self) -> None:
        """Leaves no pod and no network on any host."""
        self.everywhere(CLEAN)

    def pull(self) -> None:
        """Brings the image to every host."""
        self.everywhere(f"podman image exists {IMAGE} || podman pull --quiet {IMAGE}")

    def expect_pods(self, each: int) -> None:
        """Fails unless every host runs that many pods."""
        count = "podman ps --noheading --filter name=bench --format x | wc -l"
        self.everywhere(f'running=$({count}); echo "$running containers"; [ "$running" -eq {each} ]')
