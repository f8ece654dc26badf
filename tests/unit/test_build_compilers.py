"""The compilers for the build machine that a build is given: the machine's own, and zig where it has none."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.native.cross_path import lent_compilers, write_build_compilers
from crossbuild.native.meson import write_build_machine_file
from crossbuild.toolchain.build_machine import BUILD_TOOLS, StandIns
from crossbuild.toolchain.compile_record import RECORD_VARIABLE
from crossbuild.toolchain.linkable import LIBRARIES_VARIABLE
from crossbuild.toolchain.zig import ZIG_VERSION, zig_program
from tests.unit.wheel_samples import make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crossbuild.system.cache import Cache

ECHO = '#!/bin/sh\nfor argument do echo "<$argument>"; done\n'
NO_INDEX = {"UV_OFFLINE": "1", "UV_CACHE_DIR": "{tmp_path}/uv"}


def write_program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A machine of Debian's layout, with headers and libraries."""
    for place in ("usr/include/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"):
        (tmp_path / "root" / place).mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def stand_ins(cache: Cache, root: Path) -> StandIns:
    """Those for x86-64; zig is not there."""
    made = StandIns.for_machine("x86_64", cache, root=root)
    assert made
    return made


def variables(
    directory: Path, stand_ins: StandIns | None, *own: str, downloads: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the variables of a build on a machine that has the programs ``own``, each of which says its name."""
    for name in own:
        write_program(directory / "own" / name, f"#!/bin/sh\necho own {name} $*\n")
    (directory / "bin").mkdir()
    path = str(directory / "own")
    return write_build_compilers(directory / "bin", path, stand_ins=stand_ins, downloads=downloads or {})


def run(program: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.defpath, **environ}
    return subprocess.run([program, *words], env=environ, capture_output=True, text=True, check=False)


def test_a_machine_with_compilers_uses_them(stand_ins: StandIns, cache: Cache, tmp_path: Path) -> None:
    told = variables(tmp_path, stand_ins, "gcc", "clang++", "ar", "ranlib")
    assert run(told["CC_FOR_BUILD"], "-c").stdout == "own gcc -c\n"
    assert run(told["CXX_FOR_BUILD"]).stdout == "own clang++\n"
    assert not zig_program(cache).exists()


@pytest.mark.parametrize("form", ["{}_FOR_BUILD", "BUILD_{}", "HOST{}", "HOST_{}"])
def test_every_tool_has_the_names_that_makefiles_and_crates_know(
    form: str, stand_ins: StandIns, tmp_path: Path
) -> None:
    told = variables(tmp_path, stand_ins, "cc")
    assert {Path(told[form.format(name)]).name for name in BUILD_TOOLS} == {
        "build-cc",
        "build-c++",
        "build-ar",
        "build-ranlib",
    }


def test_a_machine_that_zig_does_not_know_has_what_it_has(cache: Cache, tmp_path: Path) -> None:
    stand_ins = StandIns.for_machine("pdp11", cache)
    told = variables(tmp_path, stand_ins, "cc")
    assert stand_ins is None
    assert {Path(program).name for program in told.values()} == {"build-cc"}


def test_zig_sees_the_headers_and_libraries_of_the_machine_after_its_own(
    stand_ins: StandIns, cache: Cache, root: Path, tmp_path: Path
) -> None:
    write_program(zig_program(cache), ECHO)
    told = variables(tmp_path, stand_ins)
    given = run(told["CC_FOR_BUILD"], "-c", "generator.c").stdout.split()
    headers = [given[at + 1] for at, word in enumerate(given) if word == "<-idirafter>"]
    assert headers == [f"<{root}/usr/include/x86_64-linux-gnu>", f"<{root}/usr/include>"]
    assert given[-2:] == [f"<-L{root}/usr/lib/x86_64-linux-gnu>", f"<-L{root}/usr/lib>"]
    assert given[0] == "<cc>"
    assert given[given.index("<-target>") + 1].startswith("<x86_64-linux-")


def test_zig_is_told_nothing_of_the_host(stand_ins: StandIns, cache: Cache, tmp_path: Path) -> None:
    write_program(zig_program(cache), ECHO)
    told = variables(tmp_path, stand_ins)
    host = {LIBRARIES_VARIABLE: "/host/libraries", "CROSSBUILD_HOST_SITE": "/host/site", RECORD_VARIABLE: str(tmp_path)}
    done = run(told["CC_FOR_BUILD"], "-march=native", "-I/usr/include/libdemo", "generator.c", **host)
    assert "/host" not in done.stdout
    assert {"<-march=native>", "<-I/usr/include/libdemo>"} <= set(done.stdout.split())
    assert not list(tmp_path.glob("order"))
    assert done.stderr == ""


def fake_zig(directory: Path) -> Path:
    """Write a wheel of ziglang whose program echoes into ``directory``, which is returned."""
    directory.mkdir()
    files = {"ziglang/__init__.py": b"", "ziglang/zig": ECHO.encode()}
    wheel = make_wheel(directory, files, tag="py3-none-any", project=f"ziglang-{ZIG_VERSION}")
    with zipfile.ZipFile(wheel) as archive:
        members = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for info, content in members.items():
            info.external_attr = 0o100755 << 16
            archive.writestr(info, content)
    return directory


def test_the_first_call_downloads_zig(stand_ins: StandIns, cache: Cache, tmp_path: Path) -> None:
    downloads = {name: value.format(tmp_path=tmp_path) for name, value in NO_INDEX.items()}
    downloads["UV_FIND_LINKS"] = str(fake_zig(tmp_path / "links"))
    told = variables(tmp_path, stand_ins, downloads=downloads)
    assert not zig_program(cache).exists()
    # The project in the working directory, and what a hook says of Pythons, have no say.
    done = run(told["AR_FOR_BUILD"], "rcs", "libx.a", PYTHONPATH="/nowhere", HOME=str(tmp_path))
    assert done.stdout == "<ar>\n<rcs>\n<libx.a>\n", done.stderr
    assert "Download zig" in done.stderr
    assert run(told["CC_FOR_BUILD"], "-v").stderr == ""


def test_a_download_that_fails_says_what_to_do(stand_ins: StandIns, tmp_path: Path) -> None:
    downloads = {name: value.format(tmp_path=tmp_path) for name, value in NO_INDEX.items()}
    told = variables(tmp_path, stand_ins, downloads=downloads)
    done = run(told["CC_FOR_BUILD"], "generator.c", HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (5, "")
    said = " ".join(done.stderr.split())
    assert "needs a compiler for this machine. There is none, and zig could not be downloaded." in said
    assert "apt install g++" in said


def test_no_password_is_written_where_builds_see_it(stand_ins: StandIns, tmp_path: Path) -> None:
    downloads = {"UV_INDEX": "https://user:canary@index.example/simple", "UV_DEFAULT_INDEX": "https://other.example"}
    told = variables(tmp_path, stand_ins, downloads={**downloads, "UV_PUBLISH_TOKEN": "canary"})
    text = Path(told["CC_FOR_BUILD"]).read_text()
    assert "canary" not in text
    assert "UV_DEFAULT_INDEX=https://other.example UV_OFFLINE=1 " in text


# --- Meson ---------------------------------------------------------------------------------------------------------

MESON = """
import os, subprocess, sys
sys.exit(subprocess.run([os.environ["COMPILER"], "--version"]).returncode)
"""


@pytest.fixture
def meson_compiler(stand_ins: StandIns, cache: Cache, tmp_path: Path) -> Path:
    """The C compiler for the build machine that Meson finds in the native file."""
    write_program(zig_program(cache), ECHO)
    told = variables(tmp_path, stand_ins, "g++")
    lent = lent_compilers(told, str(tmp_path / "own"))
    write_build_machine_file(tmp_path / "native.ini", tmp_path / "bin", lent)
    program = tmp_path / "bin/meson-build-cc"
    assert (tmp_path / "native.ini").read_text() == f"[binaries]\nc = '{program}'\n\n"
    return program


def tried(compiler: Path, *words: str | Path, cwd: Path) -> bool:
    """Return whether ``compiler`` can be used by a Meson that is called with ``words``."""
    command = [sys.executable, "-c", MESON, *map(str, words)]
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, "COMPILER": str(compiler)}, capture_output=True, text=True, check=False
    )
    assert ("<cc>" in done.stdout) == (done.returncode == 0)
    return done.returncode == 0


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("project('x', 'c')\n", False),
        ("add_languages('c', native: false)\n", False),
        ("alternative: true\n", False),
        ("executable('generator', 'generator.c', native: true)\n", True),
        ("executable('generator', 'generator.c', native: true, install: false)\n", True),
        ("executable('generator', 'generator.c',\n  native : meson.is_cross_build())\n", True),
        ("executable('generator', 'generator.c', kwargs: {'native': true})\n", True),
    ],
)
def test_meson_has_a_compiler_where_a_project_compiles_for_the_build_machine(
    text: str, *, wanted: bool, meson_compiler: Path, tmp_path: Path
) -> None:
    sources = tmp_path / "the sources"
    (sources / "tools").mkdir(parents=True)
    (sources / "meson.build").write_text("project('x', 'c')\nsubdir('tools')\n")
    (sources / "tools/meson.build").write_text(text)
    assert tried(meson_compiler, "setup", sources, "build", cwd=tmp_path) is wanted
    assert tried(meson_compiler, "setup", "build", cwd=sources) is wanted


def test_meson_has_a_compiler_where_nothing_says_what_the_sources_are(meson_compiler: Path, tmp_path: Path) -> None:
    assert tried(meson_compiler, "setup", "--wipe", "build", cwd=tmp_path)
