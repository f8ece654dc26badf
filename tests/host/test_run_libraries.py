"""Libraries that are built inside with the commands of their manuals, and programs that use them run on the hosts."""

from __future__ import annotations

import itertools
import os
import subprocess
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.platforms.elf import read_elf
from tests.breadth import alone, cases
from tests.inside import run_inside
from tests.testbed import tools
from tests.testbed.sources import unpack_source

if TYPE_CHECKING:
    from pathlib import Path

    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot
    from tests.testbed.rust import Rust

pytestmark = pytest.mark.host

MACHINES = {"debian_arm64": ("gnu", "EM_AARCH64"), "debian_armhf": ("zig", "EM_ARM")}
"""The hosts, what compiles for them, and what the headers of their ELF files say."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """A library, and a program that is linked to it."""

    package: str
    """Debian's source package."""
    build: str
    """What installs it into ``../out``, typed where its sources are."""
    link: str
    """The options to compile the program with."""
    program: str
    """Code in C; ``main`` is around it."""
    prints: str
    tools: tuple[str, ...] = ()
    """What is installed to build it."""
    helpers: frozenset[str] = frozenset()
    """The directories of programs that its build makes to run here."""


LIBRARIES = {
    "autotools": Library(
        package="popt",
        build='./configure --prefix="$PWD/../out" && make && make install',
        link="-lpopt",
        program="""
            const char **words; int count, number = 0;
            poptParseArgvString("program --answer=42 'two words' three", &count, &words);
            struct poptOption options[] = {{"answer", 0, POPT_ARG_INT, &number, 0, 0, 0}, POPT_TABLEEND};
            poptContext context = poptGetContext(0, count, words, options, 0);
            if (poptGetNextOpt(context) == -1) printf("%d %s", number, poptGetArg(context));
        """,
        prints="42 two words",
    ),
    "cmake": Library(
        package="cjson",
        build='cmake -B build -DCMAKE_INSTALL_PREFIX="$PWD/../out" -DCMAKE_POLICY_VERSION_MINIMUM=3.5'
        " && cmake --build build && cmake --install build",
        link="-Iout/include/cjson -lcjson",
        program="""
            cJSON *root = cJSON_Parse("{\\"answer\\": [1, 41.5]}");
            printf("%g ", cJSON_GetArrayItem(cJSON_GetObjectItem(root, "answer"), 1)->valuedouble);
            printf("%s", cJSON_PrintUnformatted(root));
        """,
        prints='41.5 {"answer":[1,41.5]}',
        tools=("cmake",),
    ),
    "meson": Library(
        package="fribidi",
        build='meson setup build --prefix="$PWD/../out" --libdir=lib -Ddocs=false && meson install -C build',
        link="-Iout/include/fribidi -lfribidi",
        program="""
            FriBidiChar text[] = {'a', 0x5d0, 0x5d1, 'b'}, shown[5];
            FriBidiParType base = FRIBIDI_PAR_LTR;
            if (fribidi_log2vis(text, 4, &base, shown, 0, 0, 0))
                printf("%x %x %x %x", shown[0], shown[1], shown[2], shown[3]);
        """,
        prints="61 5d1 5d0 62",
        tools=("meson", "ninja"),
        helpers=frozenset({"gen.tab", "meson-private"}),
    ),
}
HEADERS = {"autotools": "popt.h", "cmake": "cJSON.h", "meson": "fribidi.h"}


QUICK = {("autotools", "debian_armhf"), ("cmake", "debian_arm64"), ("meson", "debian_armhf")}


@pytest.mark.parametrize(("way", "host_name"), cases(itertools.product(LIBRARIES, MACHINES), quick=QUICK))
def test_a_library_is_built_as_its_manual_says(
    way: str, host_name: str, request: pytest.FixtureRequest, bed: Bed, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    library, host = LIBRARIES[way], request.getfixturevalue(host_name)
    source = unpack_source(bed, "bookworm", library.package, tmp_path / "source")
    source = source.rename(tmp_path / library.package)
    (tmp_path / "program.c").write_text(
        f"#include <stdio.h>\n#include <{HEADERS[way]}>\nint main(void) {{ {library.program} return 0; }}\n"
    )
    script = (
        f"(cd {source.name} && {library.build}) >&2\ncc program.c -Iout/include -Lout/lib {library.link} -o program"
    )
    built_here = replace(crossbuild, programs=(*crossbuild.programs, *tools.native_compilers(bed)))
    _run(built_here, script, *(f"--with={tool}" for tool in library.tools), host_name=host_name, request=request)
    assert _printed(host, tmp_path / "program", tmp_path / "out/lib") == library.prints
    found = {path: machine for path, machine in _machines(tmp_path).items() if library.helpers.isdisjoint(path.parts)}
    assert {path.suffix for path in found} > {".o", ""}
    assert set(found.values()) == {MACHINES[host_name][1]}


MANIFEST = """
[package]
name = "squeeze"
version = "1.0.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
lz4-sys = "1"
"""
CRATE = """
use std::ffi::c_char;

#[no_mangle]
pub extern "C" fn squeezed(text: *const c_char, length: i32) -> i32 {
    let mut into = [0 as c_char; 256];
    let size = unsafe { lz4_sys::LZ4_compress_default(text, into.as_mut_ptr(), length, 256) };
    let mut back = vec![0 as c_char; length as usize];
    unsafe { lz4_sys::LZ4_decompress_safe(into.as_ptr(), back.as_mut_ptr(), size, length) }
}
"""
CALLER = """
#include <stdio.h>
#include <string.h>
int squeezed(const char *text, int length);
int main(void) { char text[1000]; memset(text, 'x', 1000); printf("%d", squeezed(text, 1000)); return 0; }
"""


@pytest.mark.parametrize("host_name", alone(MACHINES, quick=["debian_armhf"]))
def test_a_crate_with_c_in_it(
    host_name: str, request: pytest.FixtureRequest, bed: Bed, crossbuild: Crossbuild, rust: Rust, tmp_path: Path
) -> None:
    host = request.getfixturevalue(host_name)
    (tmp_path / "src").mkdir()
    (tmp_path / "Cargo.toml").write_text(MANIFEST)
    (tmp_path / "src/lib.rs").write_text(CRATE)
    (tmp_path / "program.c").write_text(CALLER)
    programs = (rust.programs, *crossbuild.programs, *tools.native_compilers(bed))
    script = "cargo build --release\ncc program.c -Ltarget/$CARGO_BUILD_TARGET/release -lsqueeze -o program"
    _run(replace(crossbuild, programs=programs), script, host_name=host_name, request=request)
    (built,) = tmp_path.glob("target/*/release/libsqueeze.so")
    assert read_elf(built.name, built.read_bytes()).machine == MACHINES[host_name][1]
    assert _printed(host, tmp_path / "program", built.parent) == "1000"


def _run(crossbuild: Crossbuild, script: str, *options: str, host_name: str, request: pytest.FixtureRequest) -> None:
    toolchain = MACHINES[host_name][0]
    run_inside(
        crossbuild,
        script,
        *("--toolchain", toolchain, *options),
        host=request.getfixturevalue(host_name),
        cwd=request.getfixturevalue("tmp_path"),
        compilers=request.getfixturevalue("gnu_aarch64") if toolchain == "gnu" else None,
    )


def _printed(host: HostRoot, program: Path, libraries: Path) -> str:
    """Return what ``program`` prints on ``host``."""
    *emulator, _ = host.command
    command = [*emulator, "-E", f"LD_LIBRARY_PATH={libraries}", str(program)]
    done = subprocess.run(command, env={"PATH": os.defpath}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def _machines(directory: Path) -> dict[Path, str]:
    """Return the machine of each ELF file below ``directory``."""
    files = (path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    contents = ((path, path.read_bytes()) for path in files)
    return {
        path.relative_to(directory): read_elf(path.name, content, symbols=False).machine
        for path, content in contents
        if content.startswith(b"\x7fELF")
    }
