"""Rust: built by every backend that there is for it, run on the hosts; and what is said where some of it is missing."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.commands import BuiltWheels, copy_project
from tests.cross.wheelfiles import WheelFile
from tests.host.packages import RUST_PACKAGES
from tests.host.test_samples import facts_on
from tests.samples import RUST_SAMPLES
from tests.testbed.hosts import release_host, run_on_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot
    from tests.testbed.rust import Rust

pytestmark = pytest.mark.host

SUFFIXES = {
    "debian_arm64": "aarch64-linux-gnu.so",
    "debian_armhf": "arm-linux-gnueabihf.so",
    "trixie_riscv64": "riscv64-linux-gnu.so",
}


@pytest.mark.parametrize(
    ("name", "host_name", "gnu"),
    [
        ("maturin-abi3", "debian_arm64", ""),
        pytest.param("maturin-pyo3", "debian_arm64", "gnu_aarch64", marks=pytest.mark.matrix),
        pytest.param("maturin-pyo3", "debian_armhf", "", marks=pytest.mark.matrix),
        pytest.param("setuptools-rust-pyo3", "debian_armhf", "gnu_armhf", marks=pytest.mark.matrix),
        pytest.param("setuptools-rust-pyo3", "debian_arm64", "", marks=pytest.mark.matrix),
        pytest.param("setuptools-rust-pyo3", "trixie_riscv64", "", marks=pytest.mark.matrix),
        pytest.param("maturin-pyo3", "trixie_riscv64", "gnu_riscv64", marks=pytest.mark.matrix),
    ],
)
def test_rust_sees_the_host_and_unwinds_its_stack(
    name: str, host_name: str, gnu: str, rust_wheels: BuiltWheels, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    compilers: Path | None = request.getfixturevalue(gnu) if gnu else None
    wheel = rust_wheels.sample(name, "--toolchain", "gnu" if gnu else "zig", host=host, compilers=compilers)
    python = "cp{}{}".format(*host.version)
    sample = RUST_SAMPLES[name]
    tag = f"{sample.python_tag or f'{python}-{python}'}-linux_{host.architecture}"
    assert wheel.name == f"{name.replace('-', '_')}-1.0-{tag}.whl"
    suffix = sample.suffix or f".cpython-{python.removeprefix('cp')}-{SUFFIXES[host_name]}"
    assert set(WheelFile.from_path(wheel).machines) == {sample.module + suffix}
    told = facts_on(host, wheel, tmp_path)
    assert told["caught"] == "no number is 42"
    assert told["built_for"] == ("3.9" if sample.python_tag else "{}.{}".format(*host.version))


@pytest.mark.matrix
def test_build_scripts_run_here_where_rust_has_one_name_for_both_machines(
    rust_wheels: BuiltWheels, build_python: Callable[[tuple[int, int]], BuildPython], tmp_path: Path
) -> None:
    machine = os.uname().machine
    python = build_python((3, 11)).executable
    options = ("--python", "3.11", "--build-python", str(python))
    wheel = rust_wheels.sample("maturin-pyo3", *options, host=f"manylinux_2_28_{machine}")
    assert wheel.name.endswith(f"-cp311-cp311-manylinux_2_28_{machine}.whl")
    code = "import maturin_pyo3; print(maturin_pyo3.facts()['caught'])"
    site = BuiltWheels.unpacked(wheel, tmp_path / "site")
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(site)}
    done = subprocess.run([python, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert done.stdout == "no number is 42\n", done.stderr


@pytest.fixture
def without_rust(crossbuild: Crossbuild) -> Crossbuild:
    """The command line on a machine without Rust."""
    path = crossbuild.bed.environ.get("PATH", os.defpath).split(os.pathsep)
    rest = os.pathsep.join(place for place in path if not Path(place, "cargo").exists())
    bed = replace(crossbuild.bed, environ={**crossbuild.bed.environ, "PATH": rest})
    return replace(crossbuild, bed=bed)


@pytest.mark.parametrize("name", ["maturin-pyo3", "setuptools-rust-pyo3"])
@pytest.mark.parametrize(
    ("host", "triple"),
    [
        ("manylinux_2_28_aarch64", "aarch64-unknown-linux-gnu"),
        ("musllinux_1_2_armv7l", "armv7-unknown-linux-musleabihf"),
    ],
)
def test_what_lacks_is_named_at_once(
    name: str, host: str, triple: str, crossbuild: Crossbuild, without_rust: Crossbuild, rust: Rust, tmp_path: Path
) -> None:
    project = copy_project(name, tmp_path / name)
    options = ("--python", "3.11", "-w", str(tmp_path))
    done = without_rust("wheel", project, *options, host=host)
    assert done.returncode == 7, done.stderr
    assert "lacked cargo and rustc" in done.stderr
    assert f"then type: rustup target add {triple}" in done.stderr
    done = replace(crossbuild, programs=(rust.native, *crossbuild.programs))("wheel", project, *options, host=host)
    assert done.returncode == 7, done.stderr
    assert f"Rust's standard library for {triple} is not installed for rustc 1." in done.stderr
    assert f"rustup target add {triple}" in done.stderr
    assert "Compiling" not in done.stderr


def test_cargo_says_itself_that_rustc_is_too_old(rust_wheels: BuiltWheels, tmp_path: Path) -> None:
    project = copy_project("maturin-abi3", tmp_path / "too-new")
    manifest = project / "Cargo.toml"
    text = manifest.read_text().replace('edition = "2021"\n', 'edition = "2021"\nrust-version = "1.999"\n')
    manifest.write_text(text)
    done = rust_wheels.crossbuild("wheel", project, "--python", "3.11", "-w", tmp_path, host="manylinux_2_28_aarch64")
    assert done.returncode == 7, done.stderr
    assert "rustc 1." in done.stderr
    assert "1.999" in done.stderr


@pytest.mark.matrix
@pytest.mark.parametrize(("tag", "host_name"), [("aarch64", "debian_arm64"), ("armv7l", "debian_armhf")])
@pytest.mark.parametrize("name", ["bcrypt", "orjson"])
def test_a_package_for_a_platform_tag_works(
    name: str,
    tag: str,
    host_name: str,
    request: pytest.FixtureRequest,
    crossbuild: Crossbuild,
    rust_wheels: BuiltWheels,
    tmp_path: Path,
) -> None:
    host: HostRoot = request.getfixturevalue(host_name)
    options = ("--python", "3.11", *crossbuild.build_python_for((3, 11)))
    wheel = rust_wheels.build(name, *options, host=f"manylinux_2_28_{tag}")
    done = run_on_host(host, RUST_PACKAGES[name].smoke, BuiltWheels.unpacked(wheel, tmp_path))
    assert done.returncode == 0, done.stderr


@pytest.mark.matrix
def test_a_crate_links_to_a_library_of_the_sysroot(
    bed: Bed, crossbuild: Crossbuild, rust_wheels: BuiltWheels, installed: Callable[..., Path], tmp_path: Path
) -> None:
    package, release = RUST_PACKAGES["cryptography"], "debian:bookworm:arm64"
    options = (*package.options, *crossbuild.build_python_for((3, 11)))
    wheel = rust_wheels.build(package.name, *options, host=release)
    host = release_host(bed, release, *package.options[1::2])
    needed = installed(*package.runtime, platform="aarch64-manylinux_2_28")
    done = run_on_host(host, package.smoke, BuiltWheels.unpacked(wheel, tmp_path), needed)
    assert done.returncode == 0, done.stderr
