"""What people reported who cross-compile: each project builds and works, or the user is told why it cannot."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.breadth import alone
from tests.commands import PROJECTS, BuiltWheels
from tests.host.building import assert_on_host
from tests.reports import NAMED, PAIRS, WAYS
from tests.testbed.hosts import available_release, release_host
from tests.testbed.needs import check

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.host.building import Builder
    from tests.testbed.bed import Bed
    from tests.testbed.rust import Rust

pytestmark = pytest.mark.host


@pytest.mark.parametrize(("name", "way"), PAIRS)
def test_what_was_reported_is_right(
    name: str, builder: Builder, bed: Bed, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    report, wheels = NAMED[name], tmp_path / "wheels"
    for need in report.needs:
        check(need)
    if report.rust:
        builder = builder.with_rust(request.getfixturevalue("rust"))
    release = available_release(bed, builder.release) if report.release or report.packages else ""
    options = [word for package in report.packages for word in ("--sysroot-package", package)]
    project = shutil.copytree(PROJECTS / report.directory, tmp_path / name)
    done = builder(project, "--no-deps", *report.options, *options, into=wheels, release=release)
    assert done.returncode == report.exit_code, done.stderr
    assert [said for said in report.says if not re.search(said, done.stderr)] == [], done.stderr
    if report.exit_code:
        assert "\nerror: " in f"\n{done.stderr}"
        assert not list(wheels.glob("*"))
        return
    # numpy, which some projects need a wheel of, records the path of the Python that built it.
    warned = re.search(r"warning: (?!\S+ comes without \S+-security\b|numpy/__config__\.py )", done.stderr)
    assert bool(warned) == bool(report.says), done.stderr
    (wheel,) = wheels.glob(report.wheel)
    host = release_host(bed, release, *report.packages) if release else builder.host
    assert_on_host(host, report.check, wheel, tmp_path / "site")


@pytest.mark.matrix
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("run-probe", "probe"),
        pytest.param("shell-probe", "shell-probe", marks=pytest.mark.needs("notices of execve")),
    ],
)
def test_a_program_for_the_host_is_noticed_where_this_machine_could_run_it(
    name: str, file: str, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    project = shutil.copytree(PROJECTS / "reports" / name, tmp_path / name)
    done = crossbuild("wheel", project, "-w", tmp_path / "wheels", host=f"manylinux_2_28_{os.uname().machine}")
    assert done.returncode == 0, done.stderr
    assert re.search(rf"warning: (.|\n)*\b{file}\b", done.stderr), done.stderr


@pytest.mark.parametrize("way", alone(WAYS, quick=["arm64-gnu"]))
def test_a_program_that_embeds_python_finds_its_library(builder: Builder, tmp_path: Path) -> None:
    wheel = builder.wheel(shutil.copytree(PROJECTS / "reports/meson-embed", tmp_path / "project"), into=tmp_path)
    site = BuiltWheels.unpacked(wheel, tmp_path / "site")
    (program,) = site.glob("*.data/scripts/embedshell")
    program.chmod(0o755)
    *emulator, _ = builder.host.command
    environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*emulator, program], env=environ, capture_output=True, text=True, check=False)
    wide = builder.host.architecture == "aarch64"
    assert done.stdout == f"embedded {builder.host.architecture} {wide}\n", done.stderr
    assert_on_host(builder.host, "import embedmod", wheel, site)


@pytest.mark.matrix
@pytest.mark.parametrize("way", WAYS)
def test_bindgen_sees_the_hosts_layouts(
    builder: Builder, rust: Rust, installed: Callable[..., Path], tmp_path: Path
) -> None:
    """With libclang's wheel, which lacks the headers that come with a compiler."""
    project = shutil.copytree(PROJECTS / "reports/rust-bindgen", tmp_path / "project")
    clang = installed("libclang") / "clang/native"
    wheel = builder.with_rust(rust).wheel(project, "--env", f"LIBCLANG_PATH={clang}", into=tmp_path)
    width = 64 if builder.host.architecture == "aarch64" else 32
    check = f"import bindgenned; size, told, bits = bindgenned.sizes(); assert (size, bits) == (told, {width}), size"
    assert_on_host(builder.host, check, wheel, tmp_path / "site")
