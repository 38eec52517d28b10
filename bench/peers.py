"""The tools that bowline is measured against: installed here, set up to do the same work as fast as they can."""

import subprocess
import sys
from pathlib import Path

from fleet import IMAGE, Fleet

# The package ansible 12 is ansible-core 2.19 with the collections; only containers.podman is used.
PACKAGES = ["ansible-core>=2.19,<2.20", "ansible>=12,<13", "pyinfra>=3.5,<4"]

FORKS = 50

# One pod and one container at a time on a host, all hosts at once: the order in which bowline works too.
PLAYBOOK = """
- hosts: all
  gather_facts: false
  strategy: free
  tasks:
    - containers.podman.podman_network:
        name: bench
        subnet: 10.200.0.0/24
        disable_dns: true
{tasks}
"""

POD = """
    - containers.podman.podman_pod:
        name: bench-{number}
        network: ["bench:ip=10.200.0.{address}"]
        share: net,ipc,uts
        state: created
    - containers.podman.podman_container:
        name: bench-{number}_main
        pod: bench-{number}
        image: {image}
        command: [sleep, "86400"]
        pull: never
        restart_policy: always
        log_driver: k8s-file
        state: started
"""


class Peers:
    """A virtual environment with ansible and pyinfra, and their files."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.bin = work / "venv" / "bin"
        self.control = work / "ansible-control"

    def install(self) -> None:
        """Installs what is not there yet."""
        if not (self.bin / "pyinfra").exists():
            subprocess.run([sys.executable, "-m", "venv", self.bin.parent], check=True)
            subprocess.run([self.bin / "pip", "install", "--quiet", *PACKAGES], check=True)

    def versions(self) -> str:
        """What is measured, for the record."""
        listed = subprocess.run(
            [self.bin / "pip", "list", "--format", "freeze"],
            check=True,
            capture_output=True,
            text=True,
        )
        wanted = ("ansible-core==", "pyinfra==")
        return ", ".join(line for line in listed.stdout.splitlines() if line.startswith(wanted))

    def write(self, fleet: Fleet, pods_each: int) -> None:
        """Writes the peers' inventories and the playbook."""
        hosts = "".join(f"{address}\n" for address in fleet.hosts.values())
        settings = (
            f"[all:vars]\nansible_user=root\nansible_ssh_private_key_file={fleet.key}\n"
            "ansible_python_interpreter=/usr/bin/python3\n"
        )
        (self.work / "ansible.ini").write_text(hosts + settings)
        data = {
            "ssh_user": "root",
            "ssh_key": str(fleet.key),
            "ssh_known_hosts_file": str(fleet.known_hosts),
            "ssh_strict_host_key_checking": "yes",
        }
        hosts = [(address, data) for address in fleet.hosts.values()]
        (self.work / "pyinfra_hosts.py").write_text(f"hosts = {hosts!r}\n")
        pods = (POD.format(number=n, address=n + 10, image=IMAGE) for n in range(pods_each))
        (self.work / "pods.yml").write_text(PLAYBOOK.format(tasks="".join(pods)))

    def ansible_env(self, fleet: Fleet, *ssh_options: str) -> dict[str, str]:
        """The settings of ansible: pipelining, forks, and the given options of OpenSSH."""
        options = ["-F", "/dev/null", "-o", f"UserKnownHostsFile={fleet.known_hosts}"]
        options += ["-o", "IdentitiesOnly=yes", *ssh_options]
        return {
            "ANSIBLE_PIPELINING": "True",
            "ANSIBLE_FORKS": str(FORKS),
            "ANSIBLE_SSH_ARGS": " ".join(options),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.control),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(self.work / "ansible-home"),
            "LC_ALL": "C.UTF-8",
        }

    def ansible_raw(self) -> list[str]:
        """The argv of `true` on all hosts by ansible."""
        return [str(self.bin / "ansible"), "all", "-i", str(self.work / "ansible.ini"), "-m", "raw", "-a", "true"]

    def ansible_pods(self) -> list[str]:
        """The argv of the playbook."""
        playbook = str(self.work / "pods.yml")
        return [str(self.bin / "ansible-playbook"), "-i", str(self.work / "ansible.ini"), playbook]

    def pyinfra_true(self) -> list[str]:
        """The argv of `true` on all hosts by pyinfra."""
        hosts = str(self.work / "pyinfra_hosts.py")
        return [str(self.bin / "pyinfra"), "--parallel", str(FORKS), "-y", hosts, "exec", "--", "true"]

    def hang_up(self) -> None:
        """Ends the connections that ansible keeps, so that each run starts cold."""
        for socket in self.control.glob("*"):
            argv = ["ssh", "-F", "/dev/null", "-o", f"ControlPath={socket}", "-O", "exit", "any"]
            subprocess.run(argv, check=False, capture_output=True)
