"""Asking a running host what it is: the script to run there, and running it by ssh."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import HostError
from crossbuild.host.described.host_file import read_host_file
from crossbuild.host.host_request import HostRequest
from crossbuild.system.documents import parse_json
from crossbuild.system.ssh import ssh_command

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_FOUND, _SSH_FAILED = 127, 255
_BY_HAND = (
    "On the host itself: python3 capture.py > host.json, with what `crossbuild host capture` prints as capture.py."
)


def capture_script() -> str:
    """Return the source of a program that needs only Python 3.8 or newer, and prints a host file."""
    return Path(__file__).with_name("script.py").read_text(encoding="utf-8")


def capture_by_ssh(
    destination: str, *, python: str = "python3", headers: bool = False, environ: Mapping[str, str]
) -> str:
    """Run the script with the command ``python`` at ``destination``, what ssh calls so, and return the host file.

    ``headers``: with the texts of its C headers. Raises HostError if ssh is missing or fails, if the script does, or
    if what it printed does not describe a host that can be built for.
    """
    try:
        ssh = ssh_command(destination, environ)
    except HostError as error:
        error.fix = f"{error.fix} {_BY_HAND}".strip()
        raise
    # The script goes in as standard input, so that nothing is written on the host.
    command = f"{python} - --headers" if headers else f"{python} -"
    done = subprocess.run(
        [*ssh, command],
        input=capture_script().encode(),
        env=dict(environ),
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode:
        raise HostError(
            f"{destination} could not be captured: `ssh {destination} {command}` ended with status {done.returncode}.",
            why=said,
            fix=_remedy(done.returncode, destination, python),
        )
    return _checked(done.stdout, destination, said)


def _remedy(status: int, destination: str, python: str) -> str:
    if status == _SSH_FAILED:
        return f"See that `ssh {destination} true` works. {_BY_HAND}"
    if status == _NOT_FOUND:
        return f"There is no {python} for that user: name the Python to be built for with --python /path/to/python3."
    return "Name another Python of the host with --python; it has to be CPython 3.8 or newer on Linux."


def _checked(output: bytes, destination: str, said: str) -> str:
    try:
        text = output.decode()
        document = parse_json(text)
    except ValueError:
        document = text = ""
    if not isinstance(document, dict):
        raise HostError(
            f"{destination} did not answer with one JSON document.",
            why=said or output[:200].decode(errors="replace"),
            fix="Let its shell print nothing when no terminal is there (see ~/.bashrc on it).",
        )
    # Parsed only to check that it describes a host; the text is returned as it came.
    where = Path(destination)
    read_host_file(document, path=where, name=destination, sysroot=None, request=HostRequest())
    return text
