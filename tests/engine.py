"""What stands in for Docker where cibuildwheel calls it: everything "in the container" runs on this machine as it is.

The few absolute paths that cibuildwheel uses in a container are below ``STAND_IN_ROOT`` here, both ways. Nothing else
is isolated, and no image is involved.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from typing import IO

ROOT = os.environ.get("STAND_IN_ROOT", "")
_PATHS = rb"project|output|opt/python|tmp/cibuildwheel|constraints\.txt|cibuildwheel-ca-bundle\.pem"
_INSIDE = re.compile(rb"(?<![\w./-])/(?:" + _PATHS + rb")(?![\w-])")
_VERSION = '{"Client": {"ApiVersion": "1.44"}, "Server": {"ApiVersion": "1.44"}}'


def inwards(text: bytes) -> bytes:
    return _INSIDE.sub(lambda found: ROOT.encode() + found[0], text)


def environ() -> dict[str, str]:
    """Return the variables of the container: none of those that tell cibuildwheel and crossbuild what to do."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CIBW_", "CROSSBUILD_HOST"))}


def start() -> int:
    """Let a shell run what is said on standard input."""
    with subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ()) as shell:
        assert shell.stdin
        assert shell.stdout
        listener = threading.Thread(target=_feed, args=(shell.stdin,), daemon=True)
        listener.start()
        for line in shell.stdout:
            sys.stdout.buffer.write(line.replace(ROOT.encode(), b""))
            sys.stdout.buffer.flush()
    return shell.returncode


def _feed(into: IO[bytes]) -> None:
    # Without a buffer, since its lock would keep the interpreter from ending while this waits.
    with os.fdopen(sys.stdin.fileno(), "rb", buffering=0) as said:
        for line in said:
            into.write(inwards(line))
            into.flush()
    into.close()


def main(command: str, *arguments: str) -> int:
    if command == "start":
        return start()
    if command == "exec":
        inside = [inwards(word.encode()).decode() for word in arguments[2:]]
        return subprocess.call(inside, env=environ())
    if command == "cp":
        source = arguments[0].partition(":")[2]
        shutil.copytree(f"{ROOT}{source}", arguments[1], dirs_exist_ok=True)
    elif command == "version":
        sys.stdout.write(_VERSION)
    elif command not in {"--version", "create", "rm"}:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
