"""What the tests put in place of printed words, and of programs that reach other systems: all there is of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.host.test_capture import fake_ssh
from tests.testbed.hosts import available_release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.printed.desk import Desk

MEANS: Mapping[str, Callable[[Desk], object]] = {
    "/sysroot": lambda desk: desk.host("debian_arm64").root,
    "/path/to/host/python3": lambda desk: desk.host("debian_arm64").python,
    "/opt/arm/python3": lambda desk: desk.host("debian_armhf").python,
    "/opt/gcc-12/bin": lambda desk: desk.fixture("gnu_aarch64"),
    "/opt/x/bin": lambda desk: desk.fixture("gnu_armhf"),
    "/usr/bin/riscv64-linux-gnu-gcc": lambda desk: desk.fixture("gnu_riscv64") / "riscv64-linux-gnu-gcc",
    # It is there once a build has failed.
    "tmp/crossbuild-x1y2z3": lambda desk: next(desk.temporary.glob("crossbuild-*"), Path("/none")).relative_to("/"),
    "/home/me/.cache/crossbuild": lambda desk: desk.cache,
    "https://packages.example.com/simple": lambda desk: (desk.directory / "index").as_uri(),
    "debian:trixie:riscv64": lambda desk: available_release(desk.crossbuild.bed, "debian:trixie:riscv64"),
    "--python 3.12": lambda desk: "--python {}.{}".format(*desk.host("debian_arm64").version),
}
"""Places that are somebody else's, and a Python that not every machine has; in commands and in what they print."""

PROGRAMS: Mapping[str, Callable[[Desk], Path]] = {
    "ssh": lambda desk: fake_ssh(desk.directory / "board", desk.host("debian_arm64")) / "ssh",
    "sudo": lambda desk: desk.program("sudo", "exit 0"),
}
"""ssh reaches a host of the test bed as ``pi@board``; what sudo would install is on every machine with these tests."""

QUICKER: Mapping[str, str] = {
    "lxml": "markupsafe",
    "msgpack": "markupsafe",
    "numpy": "markupsafe",
    "'numpy==2.3.*'": "'markupsafe==3.*'",
    "pandas": "markupsafe",
    "scipy": "markupsafe",
    "bcrypt": "markupsafe",
    "3.9 3.10 3.11 3.12 3.13": "3.11",
    "libopenblas-dev": "libyaml-dev",
    "libxml2-dev": "libyaml-dev",
}
"""In the test command, which runs the first command of each page: for packages that take minutes to build, a loop, and
packages of a distribution that no other test downloads."""
