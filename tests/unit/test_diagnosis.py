"""What a check finds, on machines and with hosts made to order."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.__main__ import main
from crossbuild.diagnosis.cross_compilers import check_gnu, gnu_compilers
from crossbuild.diagnosis.development_files import check_headers, check_sysroot
from crossbuild.diagnosis.disk import check_cache, check_space
from crossbuild.diagnosis.emulation import check_emulator
from crossbuild.diagnosis.indexes import check_index
from crossbuild.diagnosis.rust_targets import check_rust
from crossbuild.host.describe import describe_host
from crossbuild.options.build_options import IndexOptions
from crossbuild.platforms.platform import ARCHITECTURES
from crossbuild.system.kept_places import keep_build
from crossbuild.system.scratch import temporary_directory
from tests.unit.host_samples import SamplePython
from tests.unit.index_server import serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.host.model import Host, PartialHost
    from crossbuild.system.cache import Cache


@pytest.fixture(autouse=True)
def _nothing_of_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("CROSSBUILD_HOST", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))


def program(file: Path, body: str = "exit 0") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{body}\n")
    file.chmod(0o755)
    return file


@pytest.fixture
def host(tmp_path: Path) -> SamplePython:
    return SamplePython(root=tmp_path / "root", minor=sys.version_info[1]).install()


def described(host: SamplePython) -> Host | PartialHost:
    return describe_host(str(host.executable))


@pytest.fixture
def look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, dict[str, Any]]]]:
    """A function that runs a command with ``--json`` and returns its exit code, and its findings by subject."""

    def run(*words: str | Path) -> tuple[int, dict[str, dict[str, Any]]]:
        code = main([*map(str, words), "--json", "--cache-dir", str(tmp_path / "cache")])
        document = json.loads(capsys.readouterr().out)
        assert document["error"] is None
        return code, {finding["subject"]: finding for finding in document["findings"]}

    return run


# --- host check ----------------------------------------------------------------------------------------------------


def test_one_problem_does_not_hide_another(look: Callable[..., Any], tmp_path: Path) -> None:
    host = SamplePython(root=tmp_path / "root", minor=7).install()
    code, found = look("host", "check", host.executable, "--toolchain", "/nonexistent/arm-")
    assert code == 4, "that of the first problem"
    assert found["host"]["state"] == "ok"
    assert (found["build Python"]["state"], found["build Python"]["exit_code"]) == ("problem", 4)
    assert "uv python install 3.7" in found["build Python"]["remedy"]
    assert (found["compilers"]["state"], found["compilers"]["exit_code"]) == ("problem", 5)
    assert found["cross Python"] == {
        "subject": "cross Python",
        "state": "absent",
        "detail": "not tried: no build Python",
        "remedy": "",
        "exit_code": 0,
    }


@pytest.mark.parametrize("name", ["/nonexistent/python3", "pie", "nothing:at:all"])
def test_what_is_no_host_ends_the_check(name: str, look: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "crossbuild.toml").write_text('[hosts.pi]\nhost = "linux_aarch64"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        code, found = look("host", "check", name)
    assert code in {3, 11}
    assert found["host"]["state"] == "problem"
    assert {finding["state"] for subject, finding in found.items() if subject != "host"} == {"absent"}


def test_for_people_there_is_a_line_each_and_what_to_do(host: SamplePython, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "check", str(host.executable), "--toolchain", "/nonexistent/arm-"]) == 5
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"ok       host          Python 3.{host.minor}.4 for linux_aarch64")
    (problem,) = (number for number, line in enumerate(lines) if line.startswith("PROBLEM  compilers     "))
    assert "'/nonexistent/arm-gcc'" in lines[problem]
    assert lines[problem + 1].strip().startswith("> Install it")


def test_headers_that_serve(host: SamplePython) -> None:
    (host.include / "Python.h").write_text('#include "patchlevel.h"\n#  include "pyconfig.h"\n#include <stdio.h>\n')
    assert check_headers(described(host)).state == "ok"


def test_headers_that_are_not_all_there(host: SamplePython) -> None:
    (host.include / "Python.h").write_text('#include "object.h"\n#include "cpython/objimpl.h"\n')
    finding = check_headers(described(host))
    assert (finding.state, finding.exit_code) == ("problem", 3)
    assert "Python.h includes object.h, cpython/objimpl.h, which it lacks" in finding.detail


def test_headers_of_another_python(host: SamplePython, tmp_path: Path) -> None:
    other = SamplePython(root=tmp_path / "other", minor=9).install()
    finding = check_headers(replace(described(host), headers=other.include))
    assert (finding.state, finding.exit_code) == ("problem", 3)
    assert f"are those of Python 3.9, but the host is Python 3.{host.minor}" in finding.detail


def test_a_sysroot_without_development_files(host: SamplePython) -> None:
    finding = check_sysroot(described(host), host.root, brings_libc=False)
    assert finding.state == "warning"
    assert "stdio.h, crt1.o, libc.so" in finding.detail
    assert "libc6-dev" in finding.remedy
    assert check_sysroot(described(host), host.root, brings_libc=True).state == "ok"
    places = {"stdio.h": "usr/include", "crt1.o": "usr/lib/aarch64-linux-gnu", "libc.so": "usr/lib"}
    for name, place in places.items():
        (host.root / place).mkdir(parents=True, exist_ok=True)
        (host.root / place / name).touch()
    assert check_sysroot(described(host), host.root, brings_libc=False).state == "ok"
    assert check_sysroot(described(host), None, brings_libc=False).state == "absent"


# --- doctor --------------------------------------------------------------------------------------------------------


def test_a_machine_that_can_build(look: Callable[..., Any]) -> None:
    code, found = look("doctor", "--offline")
    assert code == 0
    assert "{}.{}.{}".format(*sys.version_info) in found["build Pythons"]["detail"]
    assert found["uv"]["state"] == found["pkg-config"]["state"] == found["cache"]["state"] == "ok"
    assert found["zig"]["state"] == "absent"
    assert found["index"]["detail"] == "not asked: offline"
    assert "host" not in found


def test_the_compilers_of_a_machine_that_has_none_for_some_language(
    look: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gcc = tmp_path / "programs/gcc"
    gcc.parent.mkdir()
    gcc.write_text("#!/bin/sh\n")
    gcc.chmod(0o755)
    monkeypatch.setenv("PATH", str(gcc.parent))
    _, found = look("doctor", "--offline")
    assert found["own compilers"]["state"] == "absent"
    assert found["own compilers"]["detail"].startswith(f"C: {gcc}, none for C++: builds that need one")


def test_with_a_host_that_is_looked_at_too(look: Callable[..., Any], host: SamplePython) -> None:
    code, found = look("doctor", "--offline", "--host", host.executable, "--toolchain", "/nonexistent/arm-")
    assert code == 5
    assert found["host"]["state"] == "ok"
    assert found["compilers"]["state"] == "problem"


@pytest.mark.parametrize(("answer", "state"), [(404, "ok"), (200, "ok"), (503, "warning"), (401, "warning")])
def test_an_index_is_asked_for_one_page(answer: int, state: str, cache: Cache) -> None:
    with serve() as server:
        server.pages["/simple/crossbuild/"] = (answer, "text/html", b"<html></html>")
        finding = check_index(IndexOptions(index_url=server.index), {}, cache)
    assert finding.state == state
    assert server.asked == ["/simple/crossbuild/"]
    assert (f"answered {answer}" in finding.detail) == (state == "warning")


def test_an_index_that_is_not_there(cache: Cache) -> None:
    with serve() as server:
        address = server.index
    finding = check_index(IndexOptions(index_url=address), {}, cache)
    assert (finding.state, finding.exit_code) == ("warning", 0)
    assert f"{address} could not be read" in finding.detail


def test_a_cache_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    finding = check_cache(tmp_path / "file" / "cache")
    assert (finding.state, finding.exit_code) == ("problem", 1)
    assert "--cache-dir" in finding.remedy


def test_a_cache_is_measured(tmp_path: Path) -> None:
    """As it is on the disk: without holes, and hard links once."""
    with (tmp_path / "holes").open("wb") as file:
        file.truncate(170_000_000)
    (tmp_path / "large").write_bytes(os.urandom(1_200_000))
    (tmp_path / "the-same").hardlink_to(tmp_path / "large")
    assert check_cache(tmp_path).detail == f"{tmp_path}, 1.2 MB"


def test_kept_builds_count_as_part_of_the_cache(cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with temporary_directory() as build:
        (build / "log.txt").write_bytes(os.urandom(1_200_000))
        keep_build(build, cache)
    assert check_cache(cache.root, 20_000_000_000).detail == (
        f"{cache.root}, 1.2 MB, including 1.2 MB of kept builds, limit 20.0 GB"
    )


def test_a_place_of_builds_that_is_not_there(tmp_path: Path) -> None:
    found = {finding.subject: finding for finding in check_space(tmp_path, {"TMPDIR": "/nonexistent"})}
    assert found["TMPDIR"].state == "warning"
    assert "/nonexistent is no directory that can be written to" in found["TMPDIR"].detail
    assert f"({tempfile.gettempdir()})" in found["space for builds"].detail, "what builds use"
    assert "TMPDIR" not in {finding.subject for finding in check_space(tmp_path, {"TMPDIR": tempfile.gettempdir()})}


GCC = """case "$*" in
    *-dumpmachine*) echo riscv64-linux-gnu ;;
    *-print-*) echo ;;
    *--version*) echo 'gcc 12' ;;
    *-nostdinc*) ;;
    *) echo 'proof.c:1:10: fatal error: stdlib.h: No such file or directory' >&2; exit 1 ;;
esac"""


def test_gnu_compilers_that_do_not_compile(tmp_path: Path, cache: Cache) -> None:
    environ = {"PATH": str(tmp_path)}
    assert check_gnu(environ, cache).state == "absent"
    program(tmp_path / "riscv64-linux-gnu-gcc", GCC)
    lonely = check_gnu(environ, cache)
    assert (lonely.state, lonely.exit_code) == ("warning", 0)
    assert "riscv64-linux-gnu- has no archiver." in lonely.detail
    for name in ("g++", "ar", "ranlib", "strip"):
        program(tmp_path / f"riscv64-linux-gnu-{name}", GCC)
    headless = check_gnu(environ, cache)
    assert headless.state == "warning"
    assert "stdlib.h: No such file or directory" in headless.detail
    assert "g++" in headless.remedy


RUSTC = """case $1 in
    --version) echo 'rustc 1.95.0' ;;
    --print=sysroot) echo "${0%/bin/*}" ;;
esac"""
ARM = "armv7-unknown-linux-gnueabihf"


def test_rust(tmp_path: Path) -> None:
    environ = {"PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    nothing = check_rust({"PATH": str(tmp_path / "bin")}, ARM)
    assert (nothing.state, nothing.remedy.partition("then type: ")[2]) == ("absent", f"rustup target add {ARM}")
    program(tmp_path / "bin/rustc", RUSTC)
    program(tmp_path / "bin/cargo")
    (tmp_path / "lib/rustlib/x86_64-unknown-linux-gnu/lib").mkdir(parents=True)
    assert check_rust(environ).detail == "rustc 1.95.0, for x86_64-unknown-linux-gnu"
    assert ARM in check_rust(environ, ARM).detail
    (tmp_path / "lib/rustlib/multirust-channel-manifest.toml").touch()
    assert check_rust(environ, ARM).remedy == f"rustup target add {ARM}"
    (tmp_path / "lib/rustlib" / ARM / "lib").mkdir(parents=True)
    assert check_rust(environ, ARM).state == "ok"


def test_emulators(tmp_path: Path) -> None:
    environ, kernel = {"PATH": str(tmp_path)}, tmp_path / "binfmt"
    arm, power = ARCHITECTURES["armv7l"], ARCHITECTURES["ppc64le"]
    assert check_emulator(environ, arm, registered_in=kernel).state == "absent"
    program(tmp_path / "qemu-arm-static")
    assert check_emulator(environ, arm, registered_in=kernel).detail == str(tmp_path / "qemu-arm-static")
    assert check_emulator(environ, power, registered_in=kernel).state == "absent"
    assert check_emulator(environ, registered_in=kernel).detail == "qemu-arm-static"
    kernel.mkdir()
    (kernel / "qemu-ppc64le").write_text("enabled\ninterpreter /usr/bin/qemu-ppc64le-static\n")
    (kernel / "qemu-arm").write_text("disabled\n")
    assert "may succeed here" in check_emulator(environ, power, registered_in=kernel).detail
    assert "may succeed here" not in check_emulator(environ, arm, registered_in=kernel).detail


# --- host list -----------------------------------------------------------------------------------------------------


def test_gnu_compilers_are_known_by_their_names(tmp_path: Path) -> None:
    real = program(tmp_path / "first/aarch64-linux-gnu-gcc-12")
    (tmp_path / "first/aarch64-linux-gnu-gcc").symlink_to(real.name)
    for name in (
        "arm-linux-gnueabihf-gcc-9",
        "arm-linux-gnueabihf-gcc-12",
        "riscv64-linux-musl-gcc",
        "arm-none-eabi-gcc",
    ):
        program(tmp_path / "first" / name)
    for name in ("aarch64-linux-gnu-gcc", "powerpc64le-buildroot-linux-gnu-gcc", "aarch64-linux-gnu-gcc-ar"):
        program(tmp_path / "second" / name)
    (tmp_path / "second/s390x-linux-gnu-gcc").touch()
    found = gnu_compilers({"PATH": f"{tmp_path}/first:{tmp_path}/missing:{tmp_path}/second"})
    assert {one.gnu_type: (str(one.path.relative_to(tmp_path)), one.platform_tag, one.options) for one in found} == {
        "aarch64-linux-gnu": ("first/aarch64-linux-gnu-gcc", "linux_aarch64", ""),
        "arm-linux-gnueabihf": ("first/arm-linux-gnueabihf-gcc-12", "linux_armv7l", "--cc arm-linux-gnueabihf-gcc-12"),
        "riscv64-linux-musl": ("first/riscv64-linux-musl-gcc", "musllinux_1_2_riscv64", "--toolchain gnu"),
        "powerpc64le-buildroot-linux-gnu": (
            "second/powerpc64le-buildroot-linux-gnu-gcc",
            "linux_ppc64le",
            "--toolchain powerpc64le-buildroot-linux-gnu-",
        ),
    }


def test_hosts_are_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "crossbuild.toml").write_text('[hosts.pi]\nhost = "linux_aarch64"\n')
    compiler = program(tmp_path / "bin/riscv64-linux-gnu-gcc")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(compiler.parent))
    words = ["host", "list", "--cache-dir", str(tmp_path / "cache")]
    assert main(words) == 0
    assert capsys.readouterr().out == (
        "Named hosts:\n"
        "  pi             linux_aarch64\n"
        "Sysroots: none\n"
        "GNU cross compilers:\n"
        f"  linux_riscv64  {compiler}\n"
    )
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "named": [{"name": "pi", "host": "linux_aarch64"}],
        "sysroots": [],
        "compilers": [
            {
                "gnu_type": "riscv64-linux-gnu",
                "platform_tag": "linux_riscv64",
                "path": str(compiler),
                "options": "",
            }
        ],
        "error": None,
    }
