"""Projects that compile against the machine-dependent files of a build requirement."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from uv import find_uv_bin

from tests.breadth import cases
from tests.commands import BuiltWheels, copy_project
from tests.host.test_samples import facts_on
from tests.testbed import tools
from tests.testbed.cpython import USUAL, build_python
from tests.testbed.hosts import run_on_host

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

SUM = "import {module}; assert {module}.total([1.5, 2, 3]) == 6.5; print(1)"
NEITHER = (
    "setuptools-library, of which there is 1.0 for the build machine, but nothing of that version for linux_armv7l"
)


@pytest.fixture(scope="session")
def crossbuild_both_ways(crossbuild: Crossbuild, bed: Bed) -> Crossbuild:
    """The command line on a machine with a compiler of its own: build requirements are also built for that."""
    return replace(crossbuild, programs=(*tools.native_compilers(bed), *crossbuild.programs))


def make_here(kind: str, source: Path, into: Path, *, bed: Bed) -> None:
    """Make an ``sdist`` or ``wheel`` on this machine and for it; setup.py compiles in either case."""
    path = os.pathsep.join((*map(str, tools.native_compilers(bed)), bed.environ.get("PATH", os.defpath)))
    python = build_python(bed, USUAL).executable
    subprocess.run(
        [find_uv_bin(), "build", "--quiet", f"--{kind}", "--python", python, "--out-dir", into, source],
        env={**bed.environ, "PATH": path},
        check=True,
    )


@pytest.fixture(scope="session")
def library_sdist(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist of a project that makes a header and an archive for one machine."""
    directory = tmp_path_factory.mktemp("library")
    project = copy_project("setuptools-library", directory / "setuptools-library")
    make_here("sdist", project, directory / "sdist", bed=bed)
    (sdist,) = (directory / "sdist").glob("*.tar.gz")
    return sdist


@pytest.mark.parametrize(
    ("host_name", "bits"), [("debian_armhf", 32), pytest.param("debian_s390x", 64, marks=pytest.mark.matrix)]
)
def test_what_no_index_has_for_the_host_is_built_for_it(
    host_name: str,
    bits: int,
    library_sdist: Path,
    request: pytest.FixtureRequest,
    crossbuild_both_ways: Crossbuild,
    tmp_path: Path,
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    project = copy_project("setuptools-uses-library", tmp_path / "project")
    command = ("wheel", project, "--find-links", library_sdist.parent, "--toolchain", "zig", "-w", tmp_path)
    done = crossbuild_both_ways(*command, host=host)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    told = facts_on(host, wheel, tmp_path)
    assert (told["header"], told["archive"]) == (bits, bits)
    again = crossbuild_both_ways(*command, host=host)
    assert "Lay setuptools-library 1.0 for the host" in again.stderr
    assert "Build setuptools-library" not in again.stderr


def test_a_version_that_cannot_be_had_for_the_host_is_named(
    bed: Bed, library_sdist: Path, debian_armhf: HostRoot, crossbuild_both_ways: Crossbuild, tmp_path: Path
) -> None:
    make_here("wheel", library_sdist, tmp_path / "wheels", bed=bed)
    project = copy_project("setuptools-uses-library", tmp_path / "project")
    done = crossbuild_both_ways(
        "wheel", project, "--find-links", tmp_path / "wheels", "-w", tmp_path, host=debian_armhf
    )
    assert done.returncode == 10
    assert NEITHER in done.stderr
    assert not list(tmp_path.glob("*.whl"))


def test_versions_that_do_not_agree_are_both_named(
    library_sdist: Path, debian_armhf: HostRoot, crossbuild_both_ways: Crossbuild, tmp_path: Path
) -> None:
    project = copy_project("setuptools-uses-library", tmp_path / "project")
    text = (project / "pyproject.toml").read_text()
    (project / "pyproject.toml").write_text(text.replace('"setuptools-library"', '"setuptools-library==1.0"'))
    options = ("--find-links", library_sdist.parent, "--host-requires", "setuptools-library>=2", "-w", tmp_path)
    done = crossbuild_both_ways("wheel", project, *options, host=debian_armhf)
    assert done.returncode == 10
    assert "setuptools-library==1.0" in done.stderr
    assert "setuptools-library>=2" in done.stderr


def test_a_host_requirement_is_there_for_the_host(
    library_sdist: Path, debian_armhf: HostRoot, crossbuild_both_ways: Crossbuild, tmp_path: Path
) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    options = ("--find-links", library_sdist.parent, "--host-requires", "setuptools-library", "--keep", "-w", tmp_path)
    done = crossbuild_both_ways("wheel", project, *options, host=debian_armhf, environ={"TMPDIR": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    (header,) = tmp_path.glob("crossbuild-*/build-venv/lib/python*/site-packages/setuptools_library/include/library.h")
    assert "LIBRARY_LONG_BITS 32" in header.read_text()


USERS_OF_NUMPY = itertools.product(
    ("setuptools-numpy", "meson-numpy", "skbuild-core-numpy"), ("debian_arm64", "musl_aarch64")
)
QUICK = {("setuptools-numpy", "debian_arm64"), ("meson-numpy", "musl_aarch64")}


@pytest.mark.parametrize(("sample", "host_name"), cases(USERS_OF_NUMPY, quick=QUICK))
def test_numpy_is_compiled_and_linked_against_as_it_is_on_the_host(
    sample: str, host_name: str, request: pytest.FixtureRequest, built_wheels: BuiltWheels, tmp_path: Path
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    wheel = built_wheels.sample(sample, "--toolchain", "zig", host=host)
    told = facts_on(host, wheel, tmp_path)
    assert told["numpy_long"] == 8
    assert told["sizeof_long_double"] == told["numpy_long_double"]
    assert told["one"] == 1.0
    # numpy's own wheel for the host is what the build took its headers from.
    numpy = BuiltWheels.unpacked(newest_numpy(built_wheels.crossbuild.cache_dir, host), tmp_path / "numpy")
    site = BuiltWheels.unpacked(wheel, tmp_path / "site")
    done = run_on_host(host, SUM.format(module=wheel.name.partition("-")[0]), site, numpy)
    assert done.returncode == 0, done.stderr


def newest_numpy(cache: Path, host: HostRoot) -> Path:
    """Return the wheel of numpy that was fetched last for ``host``."""
    libc = "musllinux" if "musl" in host.name else "manylinux"
    version = "cp{}{}".format(*host.version)
    wheels = cache.glob(f"wheels/*/numpy-*-{version}-{version}-*{libc}*aarch64.whl")
    return max(wheels, key=lambda wheel: wheel.parent.stat().st_mtime_ns)


def test_the_wheel_of_a_host_requirement_holds_nothing_of_the_build_machine(
    library_sdist: Path, debian_armhf: HostRoot, crossbuild_both_ways: Crossbuild, tmp_path: Path
) -> None:
    done = crossbuild_both_ways("wheel", library_sdist, "-w", tmp_path, host=debian_armhf)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert b"BITS 32" in archive.read("setuptools_library/include/library.h")


def test_what_cannot_be_built_for_the_host_says_why_itself(
    bed: Bed, library_sdist: Path, debian_armhf: HostRoot, crossbuild_both_ways: Crossbuild, tmp_path: Path
) -> None:
    library = copy_project("setuptools-library", tmp_path / "library")
    with (library / "setup.py").open("a") as setup:
        setup.write(
            "\nimport sys\nif 'bdist_wheel' in sys.argv and BITS == 32:\n    raise SystemExit('not on 32 bits')\n"
        )
    links = tmp_path / "sdist"
    make_here("sdist", library, links, bed=bed)
    project = copy_project("setuptools-uses-library", tmp_path / "project")
    done = crossbuild_both_ways("wheel", project, "--find-links", links, "--json", "-w", tmp_path, host=debian_armhf)
    assert done.returncode == 10
    error = json.loads(done.stdout)["error"]
    assert "setuptools-library==1.0 could not be built for the host" in error["what"]
    assert "not on 32 bits" in Path(error["log"]).read_text()
    # The same version at the same place, mended, is another sdist.
    links.joinpath(library_sdist.name).write_bytes(library_sdist.read_bytes())
    mended = crossbuild_both_ways("wheel", project, "--find-links", links, "-w", tmp_path, host=debian_armhf)
    assert mended.returncode == 0, mended.stderr
