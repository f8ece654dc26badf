"""A device tells what it is, once; after that its file is all that builds for it need."""

from __future__ import annotations

import json
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.host.capture.ssh import capture_script
from tests.host.test_samples import facts_on

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

ON_HOST = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


def captured(host: HostRoot, directory: Path) -> Path:
    """Run the script on ``host``, as ``ssh … python3 - < capture.py`` does, and return the file."""
    command = [*host.command, "-"]
    done = subprocess.run(command, input=capture_script(), env=ON_HOST, capture_output=True, text=True, check=True)
    file = directory / "board.json"
    file.write_text(done.stdout)
    return file


def fake_ssh(directory: Path, host: HostRoot) -> Path:
    """Return a directory with an ssh whose only destination is ``host``."""
    ssh, python = directory / "bin/ssh", directory / "host/python3"
    for file, text in (
        (python, f'exec {shlex.join(host.command)} "$@"'),
        (ssh, f'[ "$1" = pi@board ] || exit 255\nshift\nPATH={shlex.quote(str(python.parent))}:$PATH exec sh -c "$*"'),
    ):
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
    return ssh.parent


@pytest.mark.parametrize(
    ("host_name", "machine", "libc", "tag"),
    [
        ("debian_arm64", "aarch64", ("glibc", "2.36"), "linux_aarch64"),
        ("debian_armhf", "armv7l", ("glibc", "2.36"), "linux_armv7l"),
        ("musl_aarch64", "aarch64", ("musl", "1.2.5"), "musllinux_1_2_aarch64"),
    ],
)
def test_a_captured_file_is_all_that_a_build_needs(
    host_name: str,
    machine: str,
    libc: tuple[str, str],
    tag: str,
    request: pytest.FixtureRequest,
    built_wheels: BuiltWheels,
    tmp_path: Path,
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    file = captured(host, tmp_path)
    told = json.loads(file.read_text())
    assert told["platform"]["machine"] == told["device"]["markers"]["platform_machine"] == machine
    assert (told["platform"]["libc"], told["platform"]["libc_version"]) == libc
    if host_name == "debian_arm64":  # qemu for 32-bit Arm does not see directories that only the root has
        assert {"libc.so.6", "libz.so.1"} <= set(told["device"]["libraries"])
    build_python = built_wheels.crossbuild.build_python_for(host.version)
    wheel = built_wheels.sample("setuptools-c", *build_python, host=str(file))
    assert wheel.name.endswith(f"-{tag}.whl")
    facts = facts_on(host, wheel, tmp_path)
    assert facts["PY_VERSION"].startswith("{}.{}.".format(*host.version))


@pytest.mark.parametrize("host_name", ["debian_arm64", "musl_aarch64"])
def test_it_agrees_with_the_files_of_the_host(
    host_name: str, request: pytest.FixtureRequest, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    read = shown(crossbuild, host, str(host.python))
    told = shown(crossbuild, host, str(captured(host, tmp_path)))
    for fact in ("python", "platform", "build_time_vars", "pyconfig", "tags"):
        assert told[fact] == read[fact], fact
    assert {**told["markers"], "platform_release": "", "platform_version": ""} == read["markers"]


def test_capture_by_ssh(debian_arm64: HostRoot, crossbuild: Crossbuild, tmp_path: Path) -> None:
    """With the device's own headers, so that nothing is lent."""
    ssh, file = fake_ssh(tmp_path, debian_arm64), tmp_path / "board.json"
    words = ("host", "capture", "--ssh", "pi@board", "--headers", "-o", file)
    done = crossbuild(*words, environ={"PATH": f"{ssh}:/usr/bin:/bin"})
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    told = shown(crossbuild, debian_arm64, str(file))
    assert "/headers/" in told["here"]["headers"], "they are the device's, in the cache"
    failed = crossbuild("host", "capture", "--ssh", "nobody", environ={"PATH": f"{ssh}:/usr/bin:/bin"})
    assert (failed.returncode, failed.stdout) == (3, "")


def shown(crossbuild: Crossbuild, host: HostRoot, text: str) -> dict[str, Any]:
    done = crossbuild("host", "show", text, "--json", *crossbuild.build_python_for(host.version))
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
