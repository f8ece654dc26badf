"""Which GNU compiler is taken, by what the user says and what the host records; the compilers are scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.errors import ToolchainError
from crossbuild.platforms.platform import Platform
from crossbuild.system.cache import Cache
from crossbuild.toolchain.compilers import Compilers
from crossbuild.toolchain.find import find_toolchain
from crossbuild.toolchain.model import ToolchainRequest
from tests.no_zig import NO_ZIG

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.toolchain.model import Toolchain

RECORDED = "/docker/x-tools/bin/aarch64-unknown-linux-gnu-gcc -pthread"
ANSWERS = """#!/bin/sh
for last; do :; done
case $last in --version) echo 'GCC 12' ;; -print-sysroot) echo /x ;; *) echo "${last#-print-prog-name=}" ;; esac
"""


def program(file: Path, text: str = ANSWERS) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o755)
    return file


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A machine with two sets of compilers for the host, and a program that launches others."""
    for prefix in ("aarch64-linux-gnu", "aarch64-unknown-linux-gnu"):
        for name in ("gcc", "g++", "ar", "ranlib", "strip"):
            program(tmp_path / f"bin/{prefix}-{name}")
    program(tmp_path / "bin/launcher", '#!/bin/sh\nexec "$@"\n')
    return tmp_path


def found(machine: Path, recorded_cc: str = RECORDED, **request: Any) -> Toolchain:
    return find_toolchain(
        Platform.from_tag("linux_aarch64"),
        request=ToolchainRequest(**request),
        recorded_cc=recorded_cc,
        sysroot=None,
        cache=Cache(root=machine / "cache"),
        environ={"PATH": f"{machine}/bin:/usr/bin:/bin"},
        zig_source=NO_ZIG,
    )


def test_a_recorded_file_of_the_cache_is_no_compiler_of_the_users(machine: Path) -> None:
    """So an exported sysconfigdata is a host as good as the one that it was exported from."""
    ours = program(machine / "cache/compilers/key/aarch64-linux-gnu-gcc")
    assert found(machine, recorded_cc=str(ours)).cc == (f"{machine}/bin/aarch64-linux-gnu-gcc",)


def test_the_recorded_compiler_where_it_was_put(machine: Path) -> None:
    assert found(machine).cc == (f"{machine}/bin/aarch64-linux-gnu-gcc",)
    toolchain = found(machine, relative=True)
    assert toolchain.cc == (f"{machine}/bin/aarch64-unknown-linux-gnu-gcc",)
    assert toolchain.cxx == (f"{machine}/bin/aarch64-unknown-linux-gnu-g++",)
    assert toolchain.ar == (f"{machine}/bin/aarch64-unknown-linux-gnu-ar",)


def test_a_recorded_compiler_that_is_nowhere(machine: Path) -> None:
    other = RECORDED.replace("unknown", "other")
    assert found(machine, other).cc == (f"{machine}/bin/aarch64-linux-gnu-gcc",)
    with pytest.raises(ToolchainError, match="no compiler 'aarch64-other-linux-gnu-gcc'"):
        found(machine, other, relative=True)


@pytest.mark.parametrize(
    ("tag", "packages"),
    [
        ("linux_armv7l", "(Debian and Ubuntu: apt install gcc-arm-linux-gnueabihf g++-arm-linux-gnueabihf)"),
        ("linux_s390x", "(Debian and Ubuntu: apt install gcc-s390x-linux-gnu g++-s390x-linux-gnu)"),
        ("musllinux_1_2_aarch64", "Install it, correct"),
    ],
)
def test_who_has_no_compiler_is_told_which_to_install(tag: str, packages: str, tmp_path: Path) -> None:
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(
            Platform.from_tag(tag),
            request=ToolchainRequest(choice="gnu"),
            recorded_cc="",
            sysroot=None,
            cache=Cache(root=tmp_path),
            environ={"PATH": str(tmp_path)},
            zig_source=NO_ZIG,
        )
    assert packages in caught.value.fix


@pytest.mark.parametrize("recorded", ["", "gcc -pthread", "aarch64-unknown-linux-gnu-gcc"])
def test_a_compiler_that_was_recorded_without_a_place(recorded: str, machine: Path) -> None:
    assert found(machine, recorded, relative=True).cc == found(machine, recorded).cc


def test_compilers_with_arguments(machine: Path) -> None:
    toolchain = found(machine, cc="aarch64-unknown-linux-gnu-gcc -mfoo '-DA=b c'", cxx="aarch64-linux-gnu-g++ -mbar")
    assert toolchain.cc == (f"{machine}/bin/aarch64-unknown-linux-gnu-gcc", "-mfoo", "-DA=b c")
    assert toolchain.cxx == (f"{machine}/bin/aarch64-linux-gnu-g++", "-mbar")


def test_a_launched_compiler_is_never_looked_for_again(machine: Path) -> None:
    toolchain = found(machine, cc="launcher aarch64-unknown-linux-gnu-gcc -mfoo")
    launcher = f"{machine}/bin/launcher"
    assert toolchain.cc == (launcher, f"{machine}/bin/aarch64-unknown-linux-gnu-gcc", "-mfoo")
    assert toolchain.cxx == (launcher, f"{machine}/bin/aarch64-unknown-linux-gnu-g++", "-mfoo")
    assert toolchain.fc is None, "there is none to be launched"


def test_the_words_of_zig_are_its_own(machine: Path) -> None:
    program(machine / "bin/zig")
    program(machine / "bin/cc")
    words = ("cc", "-target", "aarch64-linux-gnu")
    assert found(machine, cc=f"zig {' '.join(words)}").cc == (f"{machine}/bin/zig", *words)


@pytest.mark.parametrize(
    ("cc", "fact"),
    [("it's", "No closing quotation"), ("none-such-gcc -O2", "none-such-gcc"), ("launcher no-gcc", "no-gcc")],
)
def test_what_is_no_compiler(cc: str, fact: str, machine: Path) -> None:
    with pytest.raises(ToolchainError, match=fact):
        found(machine, cc=cc)


def test_a_compiler_that_does_not_tell_its_version(machine: Path) -> None:
    silent = ANSWERS.replace("echo 'GCC 12'", ":")
    program(machine / "bin/aarch64-linux-gnu-gcc", silent)
    assert found(machine, choice="gnu").version == ""


@pytest.mark.parametrize("recorded", ["gcc '", 'aarch64-linux-gnu-gcc "-pthread', "gcc \\"])
def test_a_recorded_compiler_that_is_no_command(machine: Path, recorded: str) -> None:
    with pytest.raises(ToolchainError, match="is not a command") as caught:
        found(machine, recorded_cc=recorded)
    assert "--toolchain" in caught.value.fix


@pytest.mark.parametrize("text", ["#!/bin/sh\nexit 1\n", "#!/bin/sh\nexit 0\n"], ids=["fails", "silent"])
def test_a_compiler_that_does_not_list_its_macros(tmp_path: Path, text: str) -> None:
    cc = program(tmp_path / "cc", text)
    compilers = Compilers(directory=tmp_path, cc=cc, cxx=cc, ar=cc, ranlib=cc, strip=cc)
    if "1" in text:
        with pytest.raises(ToolchainError, match="does not list its macros"):
            compilers.predefined_macros()
    else:
        assert compilers.predefined_macros() == {}
