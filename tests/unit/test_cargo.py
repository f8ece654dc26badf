"""What cargo and its kin are told. That it has the wanted effect is tested with real builds."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.native.cargo import cargo_variables, write_cargo, write_rustc
from crossbuild.platforms.platform import Platform
from crossbuild.toolchain.compilers import Compilers
from tests.unit.wheel_samples import make_host

if TYPE_CHECKING:
    from collections.abc import Mapping

CC = Path("/ours/cc")
COMPILERS = Compilers(directory=CC.parent, cc=CC, cxx=Path("/ours/c++"), ar=CC, ranlib=CC, strip=CC)
BUILD = {"CC_FOR_BUILD": "/build/cc", "CXX_FOR_BUILD": "/build/c++"}


def variables(
    directory: Path,
    tag: str,
    *,
    machine: str = "x86_64",
    environ: Mapping[str, str] | None = None,
    compilers: Compilers = COMPILERS,
    build: Mapping[str, str] = BUILD,
    sysroot: Path | None = None,
) -> dict[str, str]:
    return cargo_variables(
        directory,
        host=make_host(tag, sysroot=sysroot),
        compilers=compilers,
        build_compilers=build,
        stdlib=Path("/cross/lib/python3.11"),
        machine=machine,
        environ=environ or {},
    )


@pytest.mark.parametrize(
    ("tag", "triple"),
    [
        ("manylinux_2_28_aarch64", "aarch64-unknown-linux-gnu"),
        ("linux_armv7l", "armv7-unknown-linux-gnueabihf"),
        ("linux_armv5tel", "armv5te-unknown-linux-gnueabi"),
        ("linux_i686", "i686-unknown-linux-gnu"),
        ("linux_riscv64", "riscv64gc-unknown-linux-gnu"),
        ("linux_armv6l", "arm-unknown-linux-gnueabihf"),
        ("musllinux_1_2_armv6l", "arm-unknown-linux-musleabihf"),
        ("musllinux_1_2_loongarch64", "loongarch64-unknown-linux-musl"),
        ("linux_ppc64le", "powerpc64le-unknown-linux-gnu"),
        ("musllinux_1_2_armv7l", "armv7-unknown-linux-musleabihf"),
    ],
)
def test_rust_has_names_of_its_own(tag: str, triple: str) -> None:
    assert Platform.from_tag(tag).rust_triple == triple


def test_each_machine_has_its_linker_and_compilers(tmp_path: Path) -> None:
    told = variables(tmp_path, "linux_armv7l", sysroot=Path("/root"))
    assert told["CARGO_BUILD_TARGET"] == "armv7-unknown-linux-gnueabihf"
    assert told["CARGO_TARGET_ARMV7_UNKNOWN_LINUX_GNUEABIHF_LINKER"] == "/ours/cc"
    assert told["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"] == "/build/cc"
    assert told["CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER"] == "/build/cc"
    assert told["CC_armv7_unknown_linux_gnueabihf"] == "/ours/cc"
    assert told["CXX_armv7_unknown_linux_gnueabihf"] == "/ours/c++"
    assert told["PYO3_CROSS_LIB_DIR"] == "/cross/lib/python3.11"
    clang = told["BINDGEN_EXTRA_CLANG_ARGS_armv7_unknown_linux_gnueabihf"]
    assert clang == "--target=arm-linux-gnueabihf --sysroot=/root"


def test_bindgen_reads_what_the_compiler_reads(tmp_path: Path) -> None:
    compilers = replace(COMPILERS, headers=("/zig/include", "/with blank/include"))
    told = variables(tmp_path, "musllinux_1_2_aarch64", compilers=compilers)
    assert told["BINDGEN_EXTRA_CLANG_ARGS_aarch64_unknown_linux_musl"] == (
        "--target=aarch64-linux-musl -nostdlibinc -idirafter /zig/include -idirafter '/with blank/include'"
    )


def test_a_machine_without_a_compiler_gets_no_linker(tmp_path: Path) -> None:
    told = variables(tmp_path, "linux_aarch64", build={})
    linkers = {name for name in told if name.endswith("_LINKER")}
    assert linkers == {"CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER"}


def test_extension_modules_for_musl_are_linked_dynamically(tmp_path: Path) -> None:
    own = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUSTFLAGS"
    dynamic = "-C target-feature=-crt-static"
    assert variables(tmp_path, "musllinux_1_2_aarch64")[own] == dynamic
    assert variables(tmp_path, "musllinux_1_2_aarch64", environ={own: "-g"})[own] == f"-g {dynamic}"
    told = variables(tmp_path, "musllinux_1_2_aarch64", environ={"RUSTFLAGS": "-g"})
    assert told["RUSTFLAGS"] == f"-g {dynamic}"
    assert not any("RUSTFLAGS" in name for name in variables(tmp_path, "linux_aarch64"))


@pytest.mark.parametrize(
    ("output", "linker"),
    [
        (("-o", "/p/target/x86_64-unknown-linux-gnu/release/deps/libx.so"), "host"),
        (("-o/p/target/x86_64-unknown-linux-gnu/release/deps/libx.so",), "host"),
        (("-o", "/p/target/release/build/x-1/build_script_build-1"), "build"),
    ],
)
def test_one_name_for_both_machines_is_told_apart_by_the_place(
    output: tuple[str, ...], linker: str, tmp_path: Path
) -> None:
    programs = {name: program(tmp_path / name, f"echo {name}") for name in ("host", "build")}
    told = variables(
        tmp_path,
        "manylinux_2_28_x86_64",
        compilers=Compilers(directory=CC.parent, cc=programs["host"], cxx=CC, ar=CC, ranlib=CC, strip=CC),
        build={"CC_FOR_BUILD": str(programs["build"])},
    )
    # A library of the standard library is below a directory of that name for both.
    library = "/rustlib/x86_64-unknown-linux-gnu/lib/libstd.rlib"
    command = [told["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"], library, *output, "-lc"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == f"{linker}\n"


@pytest.fixture
def cargo(tmp_path: Path) -> Path:
    """A cargo of ours before one that echoes what it is told, beside a rustc that has no standard library at all."""
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    theirs.mkdir()
    ours.mkdir()
    program(theirs / "cargo", 'echo "told $*"')
    program(theirs / "rustc", 'cat >/dev/null; echo "no std for $2" >&2; exit 1')
    write_cargo(ours, str(theirs))
    return ours / "cargo"


def run(cargo: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = f"{cargo.parents[1] / 'theirs'}{os.pathsep}{os.environ['PATH']}"
    environ = {"PATH": path, "CARGO_BUILD_TARGET": "t"}
    return subprocess.run([cargo, *arguments], env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", ["rustc", "build"])
def test_a_standard_library_that_lacks_is_seen_before_anything_is_compiled(command: str, cargo: Path) -> None:
    done = run(cargo, command, "--release")
    assert (done.returncode, done.stdout, done.stderr) == (101, "", "no std for t\n")


@pytest.mark.parametrize("arguments", [("metadata",), ("build", "-Zbuild-std=std")])
def test_what_needs_no_standard_library_is_left_alone(arguments: tuple[str, ...], cargo: Path) -> None:
    assert run(cargo, *arguments).stdout == f"told {' '.join(arguments)}\n"


def test_there_is_no_cargo_where_the_machine_has_none(tmp_path: Path) -> None:
    write_cargo(tmp_path, str(tmp_path))
    assert not (tmp_path / "cargo").exists()


def told_rustc(tmp_path: Path, *arguments: str, **variables: str) -> list[str]:
    (tmp_path / "theirs").mkdir()
    program(tmp_path / "theirs/rustc", "printf '%s\\n' \"$@\"")
    lead = write_rustc(tmp_path, {"PATH": str(tmp_path / "theirs")})
    environ = {"PATH": os.environ["PATH"], "HOME": "/home/me", "CROSSBUILD_DIRECTORY": "/build/b", **variables}
    done = subprocess.run([lead["RUSTC"], *arguments], env=environ, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_what_rustc_compiles_does_not_know_where_the_build_was(tmp_path: Path) -> None:
    told = told_rustc(
        tmp_path, "+nightly", "--crate-name", "a b", CARGO_HOME="/c c", CROSSBUILD_TREE="/build/b/source/p"
    )
    assert told[0] == "+nightly"
    assert told[-2:] == ["--crate-name", "a b"]
    assert [word for word in told if "=" in word] == [
        "/c c=/crossbuild/cargo",
        "/home/me/.rustup=/crossbuild/rustup",
        "/build/b=/crossbuild",
        "/build/b/source/p=/crossbuild/source",
    ]


def test_the_users_own_rustc_is_told_too(tmp_path: Path) -> None:
    own = program(tmp_path / "own", "echo mine")
    assert write_rustc(tmp_path, {"RUSTC": str(own), "PATH": ""})["RUSTC"] == str(tmp_path / "rustc")
    assert subprocess.run([tmp_path / "rustc"], capture_output=True, text=True, check=True).stdout == "mine\n"


def test_there_is_no_rustc_where_the_machine_has_none(tmp_path: Path) -> None:
    assert write_rustc(tmp_path, {"PATH": str(tmp_path)}) == {}
    assert not (tmp_path / "rustc").exists()


def program(file: Path, body: str) -> Path:
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file
