#!/usr/bin/env python3
"""What `kubernetes-validate --strict` says of every document of a folder, as JSON lines.

The outside judge of tests/corpus. It knows the structure of each kind (fields, types, what is required) by the schemas
that Kubernetes publishes, and none of the API server's further rules. Put into an environment of its own under
target/judge on the first run.

    python3 bench/judge.py FOLDER

Each line: {"path", "line", "api_version", "kind", "verdict", "message"}. `line` is where the object begins, from one. A
verdict is `accepted`, `refused`, `unknown` (a kind without a schema) or `unreadable` (not YAML, for the whole file).
"""

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = "kubernetes-validate==1.37.0"
ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / "target" / "judge"
SUFFIXES = {".yaml", ".yml", ".json"}


def in_environment() -> None:
    """Goes on in the environment that has the package, which is made if it is not there."""
    python = ENVIRONMENT / "bin" / "python"
    if Path(sys.prefix) == ENVIRONMENT:
        return
    if not (ENVIRONMENT / "ready").exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True, stdout=sys.stderr)
        (ENVIRONMENT / "ready").touch()
    os.execv(python, [python, *sys.argv])


def objects(text: str) -> Iterator[tuple[int, object]]:
    """Every object of a file, those of lists one by one, with the line on which it begins."""
    import yaml
    from kubernetes_validate.utils import construct_value

    # As kubernetes-validate reads it itself; a loader of C would read otherwise.
    yaml.SafeLoader.add_constructor("tag:yaml.org,2002:value", construct_value)
    loader = yaml.SafeLoader(text)
    while loader.check_node():
        yield from expanded(loader, loader.get_node())


def expanded(loader, node) -> Iterator[tuple[int, object]]:
    value = loader.construct_document(node)
    if not value:
        return
    if isinstance(value, dict) and value.get("kind") == "List":
        for key, items in node.value:
            if key.value == "items" and isinstance(items.value, list):
                for item in items.value:
                    yield from expanded(loader, item)
        return
    yield node.start_mark.line + 1, value


def verdict(value: object) -> tuple[str, str]:
    """The verdict on one object, and the reason."""
    import kubernetes_validate as judge

    if not isinstance(value, dict) or not all(isinstance(value.get(k), str) for k in ("apiVersion", "kind")):
        return "unknown", "apiVersion and kind are missing"
    try:
        judge.validate(value, judge.latest_version(), strict=True)
    except judge.ValidationError as error:
        at = ".".join(str(step) for step in error.path)
        return "refused", f"{at}: {error.message}"[:300]
    except (judge.SchemaNotFoundError, judge.InvalidSchemaError) as error:
        return "unknown", error.message
    except Exception as error:  # As its own command has it: whatever else is a failure to validate.
        return "refused", f"could not be validated: {error}"[:300]
    return "accepted", ""


def say(path: str, line: int, value: object, judged: tuple[str, str]) -> None:
    head = value if isinstance(value, dict) else {}
    record = {"path": path, "line": line, "api_version": str(head.get("apiVersion", "")), "kind": str(head.get("kind", ""))}
    print(json.dumps(record | {"verdict": judged[0], "message": judged[1]}))


def main() -> None:
    in_environment()
    from kubernetes_validate import utils

    # The schemas are read once, not once an object.
    utils.schema_contents = cache(utils.schema_contents)
    utils.latest_version = cache(utils.latest_version)
    utils.all_versions = cache(utils.all_versions)
    folder = Path(sys.argv[1])
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix in SUFFIXES):
        name = path.relative_to(folder).as_posix()
        line = 0
        try:
            for line, value in objects(path.read_text()):
                say(name, line, value, verdict(value))
        except Exception as error:
            say(name, line, None, ("unreadable", str(error).replace("\n", " ")[:300]))


if __name__ == "__main__":
    main()
