"""What the capture script says of the Pythons of this machine, however it is started."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.markers import default_environment
from packaging.tags import platform_tags, sys_tags

from crossbuild.build_python.discovery import BuildPython
from crossbuild.host.capture.ssh import capture_script
from crossbuild.host.described.host_file import read_host_file
from crossbuild.host.host_request import HostRequest
from crossbuild.host.reading.pyconfig import read_pyconfig
from crossbuild.host.reading.sysconfigdata import read_variables_file
from tests.unit.host_samples import elf

if TYPE_CHECKING:
    from crossbuild.host.model import Host, PartialHost

RUNNING = BuildPython.from_executable(Path(sys.executable))


def captured(python: Path, *flags: str, **variables: str) -> dict[str, Any]:
    """Run the script from standard input with ``python``, its ``flags``, and hardly any environment."""
    environ = {"PATH": os.defpath, "HOME": "/nonexistent", "LC_ALL": "C", **variables}
    command = [str(python), *flags, "-"]
    done = subprocess.run(command, input=capture_script(), env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def as_host(document: dict[str, Any], **request: Any) -> Host | PartialHost:
    path = Path("board.json")
    return read_host_file(document, path=path, name="board", sysroot=None, request=HostRequest(**request))


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The script's functions and constants, by name."""
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)
    monkeypatch.setattr(sys, "path", list(sys.path))
    names: dict[str, Any] = {"__name__": "capture"}
    exec(compile(capture_script(), "capture.py", "exec"), names)  # noqa: S102
    return names


def test_every_python_says_what_it_is(supported_build_pythons: list[BuildPython]) -> None:
    assert supported_build_pythons
    for python in supported_build_pythons:
        host = as_host(captured(python.executable, "-S", "-I"), headers=python.include)
        recorded = read_variables_file(python.stdlib / f"{python.sysconfigdata_name}.py")
        assert (host.python_version, host.abi_flags) == (python.version, python.abi_flags)
        assert host.build_time_vars == recorded
        bits = host.platform.architecture.bits
        assert host.pyconfig == read_pyconfig(python.include, multiarch=python.multiarch, bits=bits)
        assert host.platform.sysconfig_platform == python.platform


@pytest.mark.parametrize("flags", [["-S", "-I"], ["-E"], ["-I"], ["-S"], ["-W", "error"]])
def test_flags_change_nothing(flags: list[str]) -> None:
    assert captured(RUNNING.executable, *flags) == captured(RUNNING.executable)


def test_a_file_is_as_good_as_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "capture.py"
    file.write_text(capture_script())
    done = subprocess.run([RUNNING.executable, "-I", file], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == captured(RUNNING.executable, "-I")


def test_what_installers_ask() -> None:
    """Markers and tags, of an environment with packaging in it and of one without."""
    device = captured(Path(sys.executable))["device"]
    assert device["markers"] == default_environment()
    assert device["tags"] == list(map(str, sys_tags()))
    assert device["distributions"]["pytest"] == pytest.__version__


def test_tags_where_nothing_knows_them(script: dict[str, Any]) -> None:
    assert set(script["platform_tags"](*script["c_library"]())) == set(platform_tags())
    assert list(script["own_tags"](list(platform_tags()))) == list(map(str, sys_tags()))


@pytest.mark.parametrize(
    ("kernel", "bits", "machine"),
    [
        ("aarch64", 64, "aarch64"),
        ("aarch64", 32, "armv7l"),
        ("armv8l", 32, "armv7l"),
        ("armv6l", 32, "armv6l"),
        ("x86_64", 32, "i686"),
        ("riscv64", 64, "riscv64"),
    ],
)
def test_the_machine_is_the_interpreters(
    kernel: str, bits: int, machine: str, script: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "board", "6.1", "#1", kernel)))
    script["BITS"] = bits
    assert script["machine"]() == machine


def test_a_kernel_of_64_bits_may_run_a_python_of_32(script: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "uname", lambda: os.uname_result(("Linux", "pi", "6.1", "#1", "aarch64")))
    script["BITS"] = 32
    assert next(script["platform_tags"]("glibc", "2.36")) == "manylinux_2_36_armv7l"
    assert next(script["platform_tags"]("musl", "1.1.24")) == "musllinux_1_1_armv7l"


@pytest.mark.parametrize("architecture", ["aarch64", "armv7l", "i686", "s390x"])
def test_the_loader_is_read_from_the_executable(architecture: str, script: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "python3"
    file.write_bytes(elf(architecture, "/lib/ld-musl.so.1"))
    assert script["program_interpreter"](file) == "/lib/ld-musl.so.1"
    file.write_bytes(elf(architecture))
    assert not script["program_interpreter"](file)
    assert not script["program_interpreter"](tmp_path / "absent")


def test_musl_tells_its_version(script: dict[str, Any], tmp_path: Path) -> None:
    loader = tmp_path / "ld-musl-armhf.so.1"
    loader.write_bytes(b"\x7fELF\0musl libc\0\0001.2.5\0")
    assert script["musl_version"](str(loader)) == "1.2.5", "it cannot be run"
    loader.write_text("#!/bin/sh\nprintf 'musl libc (armhf)\\nVersion 1.1.24\\n' >&2; exit 1\n")
    loader.chmod(0o755)
    assert script["musl_version"](str(loader)) == "1.1.24"
    assert script["musl_version"](str(tmp_path / "absent")) is None


def test_values_behind_a_switch(script: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sysconfig, size = script["sysconfig"], script["BITS"] // 8
    include, own = tmp_path / "python3.11", tmp_path / "mips-linux-gnu/python3.11"
    for directory in (include, own):
        directory.mkdir(parents=True)
    (include / "pyconfig.h").write_text(
        "# include <mipsel-linux-gnu/python3.11/pyconfig.h>\n# include <mips-linux-gnu/python3.11/pyconfig.h>\n"
    )
    monkeypatch.setattr(sysconfig, "get_config_h_filename", lambda: str(include / "pyconfig.h"))
    monkeypatch.setattr(sysconfig, "get_config_var", {"MULTIARCH": "mips-linux-gnu"}.get)
    assert script["pyconfig"]() is None
    (own / "pyconfig.h").write_text(f"#define SIZEOF_VOID_P {size}\n")
    assert script["pyconfig"]() == f"#define SIZEOF_VOID_P {size}\n"
    (own / "pyconfig.h").write_text(f"#define SIZEOF_VOID_P {size * 2}\n")
    assert script["pyconfig"]() is None, "it is for another machine"


@pytest.mark.parametrize("without", ["", "known_to_loader", "in_usual_directories"])
def test_shared_libraries(without: str, script: dict[str, Any]) -> None:
    script[without] = lambda: iter(())
    found = script["libraries"]()
    assert "libc.so.6" in found
    assert not {"libc.so", "libm.so"} & set(found), "what only linkers look for"
    assert found == sorted(set(found))


def test_headers_on_request() -> None:
    document = captured(RUNNING.executable, "-I")
    assert "headers" not in document
    script = capture_script()
    done = subprocess.run(
        [RUNNING.executable, "-", "--headers"], input=script, capture_output=True, text=True, check=True
    )
    headers = json.loads(done.stdout)["headers"]
    own = {str(file.relative_to(RUNNING.include)): file.read_text() for file in RUNNING.include.rglob("*.h")}
    assert headers == own
    assert "cpython/object.h" in headers


def test_remains_of_a_distribution_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "gone-1.0.dist-info").mkdir()
    (tmp_path / "Some.Thing-2.0.dist-info").mkdir()
    (tmp_path / "Some.Thing-2.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: Some.Thing\nVersion: 2.0\n"
    )
    found = captured(RUNNING.executable, PYTHONPATH=str(tmp_path))["device"]["distributions"]
    assert found["some-thing"] == "2.0"
    assert "gone" not in found


def test_nothing_is_written(tmp_path: Path) -> None:
    captured(RUNNING.executable, PYTHONPYCACHEPREFIX=str(tmp_path))
    assert not [file for file in tmp_path.rglob("*.pyc") if file.name.startswith(("platform.", "sysconfig."))]


def test_the_current_directory_is_not_searched(tmp_path: Path) -> None:
    (tmp_path / "platform.py").write_text("raise SystemExit('the wrong module')\n")
    done = subprocess.run(
        [RUNNING.executable, "-"], input=capture_script(), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("before", "words"),
    [
        ("sys.platform = 'darwin'", "this machine is darwin"),
        # Distributions have installation schemes of their own, and which of them counts depends on the Python.
        (
            "sys.argv[1:] = ['--headers']; [s.update(include='/x') for s in sysconfig._INSTALL_SCHEMES.values()]",
            "-dev",
        ),
    ],
)
def test_what_cannot_be_told(before: str, words: str) -> None:
    code = f"import sys, sysconfig; {before}; exec(sys.stdin.read())"
    command = [str(RUNNING.executable), "-c", code]
    done = subprocess.run(command, input=capture_script(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr
