"""One small project for each backend and language, built for a foreign machine."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.toolchain.compile_record import read_record
from tests.breadth import cases
from tests.commands import PROJECTS, copy_project
from tests.cross.ways import SYNTHESISED
from tests.cross.wheelfiles import WheelFile
from tests.samples import PURE, SAMPLES

if TYPE_CHECKING:
    from crossbuild.toolchain.compile_record import Invocation
    from tests.commands import BuiltWheels, Crossbuild
    from tests.cross.ways import Way
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.cross


# Every sample is built, and run, for some host in test_matrix.py. zig would compile its C++ library first, for minutes.
BUILDS = cases(
    itertools.product(SAMPLES, ("zig", "gnu")),
    quick=[
        *((name, "zig") for name in ("setuptools-c", "setuptools-abi3", "meson-c", "skbuild-core-c", "hatchling-c")),
        *((name, "gnu") for name in ("setuptools-cxx", "setuptools-autotools")),
    ],
)
OPTIMISED = cases(
    itertools.product(("setuptools-c", "setuptools-cxx", "meson-c", "skbuild-core-c"), ("zig", "gnu")),
    quick=[("setuptools-c", "zig"), ("setuptools-cxx", "gnu"), ("meson-c", "zig"), ("skbuild-core-c", "gnu")],
)


@pytest.mark.parametrize(("name", "way"), BUILDS, indirect=["way"])
def test_an_extension_is_the_hosts_in_name_tag_and_code(name: str, way: Way, built_wheels: BuiltWheels) -> None:
    wheel = way.sample(built_wheels, name)
    content = WheelFile.from_path(wheel)
    sample = SAMPLES[name]
    python = sample.python_tag.format(python=way.python) or f"{way.python}-{way.python}"
    tag = f"{python}-{way.platform}"
    assert wheel.name == f"{name.replace('-', '_')}-1.0-{tag}.whl"
    assert content.tags == (tag,)
    file = sample.module + (sample.suffix or way.suffix)
    assert content.machines == {file: "AARCH64 64 little"}


@pytest.mark.parametrize("name", PURE)
def test_a_pure_project_makes_a_wheel_for_any_machine(name: str, built_wheels: BuiltWheels) -> None:
    wheel = built_wheels.sample(name, host=SYNTHESISED)
    assert wheel.name == f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    assert WheelFile.from_path(wheel).machines == {}


@pytest.mark.parametrize(("name", "way"), OPTIMISED, indirect=["way"])
def test_what_is_compiled_is_optimised(name: str, way: Way, crossbuild: Crossbuild, tmp_path: Path) -> None:
    for run in compiles(crossbuild, name, way, tmp_path):
        level = [argument for argument in run.arguments if re.fullmatch("-O.*", argument)][-1:]
        assert level in (["-O2"], ["-O3"]), run.arguments


def test_settings_for_meson_come_beside_what_crossbuild_tells_it(
    way: Way, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    for run in compiles(crossbuild, "meson-c", way, tmp_path, "-C", "setup-args=-Doptimization=1"):
        assert "-O1" in run.arguments


def compiles(crossbuild: Crossbuild, name: str, way: Way, tmp_path: Path, *options: str) -> list[Invocation]:
    """Build a sample and return the compiler runs that made objects out of its sources."""
    project = copy_project(name, tmp_path / name)
    told = (*way.options, *options, "--keep", "-w", str(tmp_path))
    done = crossbuild("wheel", project, *told, host=way.host, compilers=way.compilers)
    assert done.returncode == 0, done.stderr
    found = re.search(r"build directory is kept: (.*)", done.stderr)
    assert found
    kept = Path(found[1])
    runs = read_record(kept / "record")
    shutil.rmtree(kept)
    made = [run for run in runs if "-c" in run.arguments and any("facts.c" in word for word in run.arguments)]
    assert made
    assert all(run.status == 0 for run in made)
    return made


def seen_by_the_hook(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        seen: dict[str, Any] = json.loads(archive.read("build_python_facts/facts.json"))
    return seen


def test_the_build_python_of_a_hook_knows_nothing_of_the_host(built_wheels: BuiltWheels) -> None:
    seen = seen_by_the_hook(built_wheels.sample("build-python-facts", host=SYNTHESISED))
    assert seen["platform"] == "linux-aarch64"
    assert seen["python3"].strip() == "linux-aarch64"
    assert f'Platform: "{sysconfig.get_platform()}"' in seen["build python"]
    assert "aarch64" not in seen["build python"]
    assert [name for name in seen["environ"] if name.startswith("_PYTHON_")] == []


def test_settings_reach_the_backend(crossbuild: Crossbuild, tmp_path: Path) -> None:
    settings = ("-C", "one=1", "-C", "several=a=b", "-C", "several=c", "--config-setting", "empty=")
    project = copy_project("build-python-facts", tmp_path / "project")
    done = crossbuild("wheel", project, *settings, "-w", tmp_path, host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    seen = seen_by_the_hook(Path(done.stdout.strip()))
    assert seen["settings"] == {"one": "1", "several": ["a=b", "c"], "empty": ""}


@pytest.mark.parametrize("name", ["setuptools-cython", "build-python-facts", "meson-c"])
def test_a_directory_is_left_as_it_was(name: str, crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project(name, tmp_path / name)
    before = {path: path.read_bytes() for path in files_of(project)}
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    assert {path: path.read_bytes() for path in files_of(project)} == before


def files_of(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file() and ".git" not in path.parts)


def test_a_directory_needs_no_version_control(crossbuild: Crossbuild, tmp_path: Path) -> None:
    shutil.copytree(PROJECTS / "meson-c", tmp_path / "meson-c")
    done = crossbuild("wheel", tmp_path / "meson-c", "-w", tmp_path / "wheels", host=SYNTHESISED)
    assert done.returncode == 0, done.stderr


def test_an_sdist_is_as_good_as_a_directory(crossbuild: Crossbuild, tmp_path: Path) -> None:
    directory = tmp_path / "setuptools_c-1.0"
    shutil.copytree(PROJECTS / "setuptools-c", directory)
    (directory / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: setuptools-c\nVersion: 1.0\n")
    sdist = shutil.make_archive(str(directory), "gztar", tmp_path, directory.name)
    made = []
    for command, spec in (("sdist-to-wheel", sdist), ("wheel", directory)):
        done = crossbuild(command, spec, "-w", tmp_path / command, host=SYNTHESISED)
        assert done.returncode == 0, done.stderr
        made.append(WheelFile.from_path(Path(done.stdout.strip())))
    assert made[0] == made[1]
    assert list(made[0].machines.values()) == ["AARCH64 64 little"]


def test_standard_output_holds_the_path_alone(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("pure-flit", tmp_path / "pure-flit")
    wheels = tmp_path / "wheels"
    loud = crossbuild("wheel", project, "-w", wheels, environ={"CROSSBUILD_HOST": SYNTHESISED})
    quiet = crossbuild("wheel", project, "-w", wheels, "-q", host=SYNTHESISED)
    (wheel,) = wheels.iterdir()
    assert loud.stdout == quiet.stdout == f"{wheel}\n"
    assert "pure-flit 1.0" in loud.stderr
    assert quiet.stderr == ""


def test_json_tells_what_was_delivered(crossbuild: Crossbuild, tmp_path: Path) -> None:
    specs = [copy_project(name, tmp_path / name) for name in ("setuptools-c", "pure-flit")]
    done = crossbuild("wheel", *specs, "-w", tmp_path, "--json", host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    pure, compiled = told["wheels"]
    version = "cp{}{}".format(*sys.version_info[:2])
    assert told["error"] is None
    assert compiled["tags"] == [f"{version}-{version}-{SYNTHESISED}"]
    assert pure["tags"] == ["py3-none-any"]
    assert [compiled["elf_files"], pure["elf_files"]] == [1, 0]
    for wheel in told["wheels"]:
        assert Path(wheel["path"]).stat().st_size == wheel["size"]


def test_a_second_build_needs_no_network(built_wheels: BuiltWheels, crossbuild: Crossbuild, tmp_path: Path) -> None:
    first = built_wheels.sample("setuptools-c", host=SYNTHESISED)
    project = copy_project("setuptools-c", tmp_path / "setuptools-c")
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    done = crossbuild("wheel", project, "-w", tmp_path, "--offline", host=SYNTHESISED, environ=nowhere)
    assert done.returncode == 0, done.stderr
    assert WheelFile.from_path(Path(done.stdout.strip())) == WheelFile.from_path(first)


def test_build_requirements_can_be_constrained(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-c", tmp_path / "setuptools-c")
    (tmp_path / "constraints.txt").write_text("setuptools == 77.0.3\n")
    options = ("--build-constraint", tmp_path / "constraints.txt")
    done = crossbuild("wheel", project, "-w", tmp_path, *options, host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    assert WheelFile.from_path(Path(done.stdout.strip())).generator == "setuptools (77.0.3)"


def test_what_a_python_path_holds_does_not_count_as_installed(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("pure-hatchling", tmp_path / "pure-hatchling")
    metadata = tmp_path / "elsewhere/hatchling-1.99.dist-info/METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: hatchling\nVersion: 1.99\n")
    path = os.pathsep.join([str(tmp_path / "elsewhere"), os.environ.get("PYTHONPATH", "")])
    command = ("wheel", project, "-w", tmp_path)
    done = crossbuild(*command, host=SYNTHESISED, environ={"PYTHONPATH": path})
    assert done.returncode == 0, done.stderr


def test_a_compiler_that_is_named_brings_its_tools(
    crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path
) -> None:
    project = copy_project("setuptools-cxx", tmp_path / "setuptools-cxx")
    (tmp_path / "bin").mkdir()
    for compiler in ("gcc", "g++"):
        (tmp_path / "bin" / f"arm-{compiler}").symlink_to(gnu_aarch64 / f"aarch64-linux-gnu-{compiler}")
    done = crossbuild("wheel", project, "-w", tmp_path, "--cc", tmp_path / "bin/arm-gcc", host=debian_arm64)
    assert done.returncode == 0, done.stderr
    assert list(WheelFile.from_path(Path(done.stdout.strip())).machines.values()) == ["AARCH64 64 little"]


def test_an_extension_that_may_be_missing_is_missing(crossbuild: Crossbuild, tmp_path: Path) -> None:
    project = copy_project("setuptools-optional-broken", tmp_path / "project")
    done = crossbuild("wheel", project, "--allow-missing-extensions", "-w", tmp_path, host=SYNTHESISED)
    assert done.returncode == 0, done.stderr
    assert "speedups.c failed to compile" in done.stderr
    content = WheelFile.from_path(Path(done.stdout.strip()))
    assert "setuptools_optional_broken.py" in content.names
    assert content.machines == {}


def test_what_is_for_the_build_machine_is_dropped_with_a_warning_that_names_who_passed_it(
    way: Way, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    setup = (project / "setup.py").read_text()
    options = 'include_dirs=["/usr/include"], extra_compile_args=["-march=native"]'
    (project / "setup.py").write_text(setup.replace('["facts.c"]', f'["facts.c"], {options}'))
    done = crossbuild("wheel", project, *way.options, "-w", tmp_path, host=way.host, compilers=way.compilers)
    assert done.returncode == 0, done.stderr
    (warning,) = re.findall("warning: (.*) did not reach the compiler.*build_wheel.*", done.stderr)
    assert warning.split() == ["-I/usr/include", "-march=native"]
