"""What a sample project says on the host that it was built for; wheels that run on other hosts, too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.breadth import cases
from tests.commands import BuiltWheels
from tests.testbed.hosts import run_on_host

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

COMPILERS = {"debian_arm64": "gnu_aarch64"}
"""The fixture of the host that is compiled for by GNU's compilers; it is zig for the others."""

ASK = """
import json, platform, struct, sys
import {module}
facts = {module}.facts()
own = dict(long=struct.calcsize("l"), pointer=struct.calcsize("P"), little=int(sys.byteorder == "little"))
print(json.dumps(dict(facts, own=own, version=platform.python_version())))
"""


def facts_on(host: HostRoot, wheel: Path, directory: Path, *others: Path) -> dict[str, Any]:
    """Let the module of ``wheel`` tell ``host`` what its compiler and its headers said, and compare; return the rest.

    ``others`` are wheels that it needs.
    """
    sites = [BuiltWheels.unpacked(path, directory / path.stem) for path in (wheel, *others)]
    done = run_on_host(host, ASK.format(module=wheel.name.partition("-")[0]), *sites)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    own = told.pop("own")
    assert (told.pop("sizeof_long"), told.pop("SIZEOF_LONG")) == (own["long"], own["long"])
    assert (told.pop("sizeof_pointer"), told.pop("SIZEOF_VOID_P")) == (own["pointer"], own["pointer"])
    assert (told.pop("little_endian"), told.pop("PY_LITTLE_ENDIAN")) == (own["little"], own["little"])
    return told | {"printed": done.stdout.splitlines()[:-1]}


def built_for(request: pytest.FixtureRequest, host_name: str, sample: str) -> tuple[HostRoot, Path]:
    """Return the host of the fixture ``host_name`` and the wheel of ``sample`` for it."""
    host: HostRoot = request.getfixturevalue(host_name)
    wheels: BuiltWheels = request.getfixturevalue("built_wheels")
    if host_name in COMPILERS:
        compilers: Path = request.getfixturevalue(COMPILERS[host_name])
        return host, wheels.sample(sample, "--toolchain", "gnu", host=host, compilers=compilers)
    return host, wheels.sample(sample, "--toolchain", "zig", host=host)


@pytest.mark.parametrize("sample", ["setuptools-abi3", "meson-limited-api"])
def test_the_stable_abi_serves_a_newer_python(
    sample: str, request: pytest.FixtureRequest, trixie_arm64: HostRoot, tmp_path: Path
) -> None:
    older, wheel = built_for(request, "debian_arm64", sample)
    told = facts_on(trixie_arm64, wheel, tmp_path)
    assert told["PY_VERSION"].startswith("{}.{}.".format(*older.version))
    assert told["version"].startswith("{}.{}.".format(*trixie_arm64.version))


# zig compiles its C++ library for each kind of host, for minutes.
TAGS = [
    ("manylinux_2_28_aarch64", "setuptools-cxx", "debian_arm64"),
    ("linux_armv7l", "setuptools-c", "debian_armhf"),
    ("musllinux_1_2_aarch64", "setuptools-c", "musl_aarch64"),
]
ON_TAGS = cases([*TAGS, ("musllinux_1_2_aarch64", "setuptools-cxx", "musl_aarch64")], quick=TAGS)


@pytest.mark.parametrize(("tag", "sample", "host_name"), ON_TAGS)
def test_a_wheel_for_a_platform_tag_runs_on_a_host_that_has_it(
    tag: str, sample: str, host_name: str, request: pytest.FixtureRequest, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    build = request.getfixturevalue("build_python")(host.version).executable
    wheel = built_wheels.sample(
        sample, "--python", "{}.{}".format(*host.version), "--build-python", str(build), host=tag
    )
    assert wheel.name.endswith(f"-{tag}.whl")
    told = facts_on(host, wheel, tmp_path)
    assert told["PY_VERSION"].startswith("{}.{}.".format(*host.version))
