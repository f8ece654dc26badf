"""What is said of builds that lacked something of Rust. The texts are what the tools printed, shortened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.advice.rust import rust_lines
from crossbuild.platforms.platform import Platform

if TYPE_CHECKING:
    from pathlib import Path

ARM64, MUSL = Platform.from_tag("linux_aarch64"), Platform.from_tag("musllinux_1_2_aarch64")
RUSTC = """\
error[E0463]: can't find crate for `core`
  |
  = note: the `aarch64-unknown-linux-gnu` target may not be installed
  = help: consider downloading the target with `rustup target add aarch64-unknown-linux-gnu`
"""
MATURIN = """\
💥 maturin failed
  Caused by: Cargo metadata failed. Do you have cargo in your PATH?
  Caused by: No such file or directory (os error 2)
"""
MATURIN_METADATA = "\nCargo, the Rust package manager, is not installed or is not on PATH.\n"
SETUPTOOLS_RUST = "running build_rust\nerror: can't find Rust compiler\n"
SETUPTOOLS_RUST_CARGO = (
    "Unable to execute 'cargo' - this package requires Rust to be installed and cargo to be on the PATH"
)


class Project:
    """A project, and a machine with a rustc."""

    def __init__(self, root: Path, *, rustup: bool) -> None:
        self.directory = root / "project"
        self.directory.mkdir()
        self.toolchain = root / "toolchains" / "1.95-x86_64"
        (self.toolchain / "lib/rustlib").mkdir(parents=True)
        if rustup:
            (self.toolchain / "lib/rustlib/multirust-channel-manifest.toml").touch()
        rustc = root / "rustc"
        rustc.write_text(f"#!/bin/sh\ncase $1 in --version) echo rustc 1.95.0 ;; *) echo {self.toolchain} ;; esac\n")
        rustc.chmod(0o755)
        self.environ = {"PATH": f"{root}:/usr/bin:/bin"}

    def lines(self, output: str, platform: Platform = ARM64) -> tuple[str, ...]:
        return rust_lines(output, platform, project=self.directory, environ=self.environ)


@pytest.mark.parametrize("output", [MATURIN, MATURIN_METADATA, SETUPTOOLS_RUST, SETUPTOOLS_RUST_CARGO])
def test_without_cargo_all_of_rust_is_to_be_installed(output: str, tmp_path: Path) -> None:
    lack, fix = Project(tmp_path, rustup=False).lines(output, MUSL)
    assert "lacked cargo and rustc" in lack
    assert fix.endswith("then type: rustup target add aarch64-unknown-linux-musl")


def test_rustup_adds_a_standard_library(tmp_path: Path) -> None:
    project = Project(tmp_path, rustup=True)
    lack, fix = project.lines(RUSTC)
    assert lack == (
        "Rust's standard library for aarch64-unknown-linux-gnu is not installed for rustc 1.95.0 "
        f"({project.toolchain})."
    )
    assert fix == "Type: rustup target add aarch64-unknown-linux-gnu"


@pytest.mark.parametrize("where", [".", ".."])
def test_rustup_adds_it_to_the_toolchain_that_the_project_chose(tmp_path: Path, where: str) -> None:
    project = Project(tmp_path, rustup=True)
    (project.directory / where / "rust-toolchain.toml").touch()
    assert project.lines(RUSTC)[1] == "Type: rustup target add --toolchain 1.95-x86_64 aarch64-unknown-linux-gnu"


def test_a_rustc_of_a_distribution_has_its_libraries_from_there(tmp_path: Path) -> None:
    project = Project(tmp_path, rustup=False)
    assert "apt install libstd-rust-dev:arm64" in "\n".join(project.lines(RUSTC))
    assert "apt install" not in "\n".join(project.lines(RUSTC.replace("gnu", "musl"), MUSL))


PYO3 = """\
error: failed to run custom build command for `pyo3-build-config v0.29.0`
  error: cannot set a minimum Python version 3.15 higher than the interpreter version 3.11 (the minimum Python version \
is implied by the abi3-py315 feature)
"""


def test_a_pyo3_that_insists_on_a_newer_stable_abi_is_to_be_updated(tmp_path: Path) -> None:
    fact, fix, _ = Project(tmp_path, rustup=True).lines(PYO3)
    assert fact == "PyO3 cannot build for the stable ABI of Python 3.15: the host has 3.11."
    assert fix.endswith("cargo update -p pyo3")


def test_nothing_is_said_of_rust_where_nothing_of_it_lacked(tmp_path: Path) -> None:
    assert Project(tmp_path, rustup=True).lines("error: linking with `cc` failed\n") == ()
