"""Runs one ``…-config`` script of a sysroot on this machine, and puts the sysroot before the paths in its answer.

Run as a program: SYSROOT INTERPRETER SCRIPT [ARGUMENT]… Imports nothing but the standard library; any Python >= 3.8.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

_PATH = re.compile(
    r"""
    -(?:Wl,--?(?:rpath|R)[,=]|R)\S*         # is for the machine that the answer will run on: stays as it is
    | (?<![^\s'"=,:;(])                     # begins a word
      (?P<option> -[A-Za-z] | -i[a-z]+ )?
      (?P<path> /[^\s'",:;)]+ )
    """,
    re.VERBOSE,
)


def with_sysroot(answer: str, sysroot: str) -> str:
    """Return ``answer`` with ``sysroot`` before every absolute path in it that exists there, run paths excepted."""

    def replaced(match: re.Match[str]) -> str:
        path = match["path"]
        if not (path and os.path.lexists(sysroot + path)):
            return match[0]
        return (match["option"] or "") + sysroot + path

    return _PATH.sub(replaced, answer)


def main(arguments: list[str]) -> int:
    """Run the script and print its answer; return its exit status."""
    sysroot, *command = arguments
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    except FileNotFoundError:
        sys.stderr.write(f"crossbuild: {command[1]} needs {command[0]}, which is not on this machine\n")
        return 127
    sys.stdout.buffer.write(os.fsencode(with_sysroot(os.fsdecode(done.stdout), sysroot)))
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
