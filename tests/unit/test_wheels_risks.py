"""What does not work everywhere is a warning, and the wheel passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.wheels.audit import Origin
from tests.audited import audited
from tests.unit.wheel_samples import SUFFIX, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

HOST = make_host(libc="glibc 2.36")
NAME = f"probe/fast{SUFFIX}"
INIT = ["PyInit_fast"]


def warnings(tmp_path: Path, files: dict[str, bytes], tag: str = "linux_aarch64") -> tuple[str, ...]:
    return audited(make_wheel(tmp_path, files, tag=f"cp311-cp311-{tag}"), HOST).warnings


def test_an_executable_stack_is_a_risk(tmp_path: Path) -> None:
    (warning,) = warnings(tmp_path, {NAME: make_elf(defines=INIT, executable_stack=True)})
    assert warning.startswith(f"{NAME}: asks for an executable stack, and glibc 2.41 and newer refuse to load it.")


def test_code_that_the_loader_has_to_change_is_a_risk(tmp_path: Path) -> None:
    (warning,) = warnings(tmp_path, {NAME: make_elf(defines=INIT, text_relocations=True)})
    assert warning.startswith(f"{NAME}: has text relocations")


@pytest.mark.parametrize(("level", "risks"), [(1, 0), (2, 1), (3, 1)])
def test_code_that_not_all_cpus_can_run_is_a_risk(tmp_path: Path, level: int, risks: int) -> None:
    name = "probe/fast.cpython-311-x86_64-linux-gnu.so"
    wheel = make_wheel(
        tmp_path, {name: make_elf("x86_64", x86_level=level, defines=INIT)}, tag="cp311-cp311-linux_x86_64"
    )
    warned = audited(wheel, make_host("linux_x86_64", libc="glibc 2.36")).warnings
    assert len(warned) == risks
    assert all(warning.startswith(f"{name}: requires a CPU of x86-64-v{level}") for warning in warned)


def test_a_static_library_that_only_names_files_is_of_no_use(tmp_path: Path) -> None:
    files = {NAME: make_elf(defines=INIT), "probe/libx.a": b"!<thin>\n/               0           0     0"}
    (warning,) = warnings(tmp_path, files)
    assert warning.startswith("probe/libx.a: is a thin static library")


@pytest.mark.parametrize("tag", ["manylinux_2_17_aarch64", "manylinux2014_aarch64.manylinux_2_17_aarch64"])
def test_a_tag_that_promises_more_than_the_wheel_holds_is_a_risk(tmp_path: Path, tag: str) -> None:
    """On this host it works."""
    content = make_elf(defines=INIT, versions={("libc.so.6", "GLIBC_2.34"): ["puts"]})
    (warning,) = warnings(tmp_path, {NAME: content}, tag)
    assert "claims to fit glibc 2.17 by its tag manylinux" in warning
    assert "but needs 2.34" in warning
    assert warnings(tmp_path, {NAME: content}, "manylinux_2_34_aarch64") == ()


def test_what_is_for_another_machine_is_no_risk_here(tmp_path: Path) -> None:
    files = {NAME: make_elf(defines=INIT), "probe/libx.so": make_elf("x86_64", executable_stack=True)}
    report = audited(make_wheel(tmp_path, files, tag="py3-none-any"), HOST, Origin.PUBLISHED)
    assert not [warning for warning in report.warnings if "executable stack" in warning]
