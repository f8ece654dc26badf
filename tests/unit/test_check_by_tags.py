"""Without a host, wheels are checked for the hosts that their tags promise."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import crossbuild
from crossbuild.__main__ import main
from crossbuild.wheels.check import check_by_tags
from crossbuild.wheels.findings import RefusedWheelError
from tests.unit.wheel_samples import make_elf, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

LIBC, MUSL = "libc.so.6", "libc.musl-aarch64.so.1"


def code(architecture: str = "aarch64", libc: str = LIBC, glibc: str = "") -> bytes:
    versions = {(libc, f"GLIBC_{glibc}"): ["x"]} if glibc else {}
    return make_elf(architecture, defines=["PyInit_fast"], needed=[libc], versions=versions)


def wheel(directory: Path, tag: str, suffix: str, content: bytes | None = None, **facts: Any) -> Path:
    return make_wheel(directory, {f"probe/fast{suffix}": code() if content is None else content}, tag=tag, **facts)


def ids(wheel: Path) -> list[str]:
    """Return what a wheel is refused for; nothing if it passes without a warning."""
    try:
        report = check_by_tags(wheel)
    except RefusedWheelError as error:
        return [finding.id for finding in error.findings]
    assert report.findings == ()
    return []


GNU, IN_MUSL = "aarch64-linux-gnu", "aarch64-linux-musl"
FITTING = {
    "cp312-cp312-manylinux_2_28_aarch64": (f".cpython-312-{GNU}.so", code(glibc="2.28")),
    "cp312-cp312-linux_aarch64": (f".cpython-312-{GNU}.so", code(glibc="2.40")),
    "cp313-cp313t-manylinux_2_28_aarch64": (f".cpython-313t-{GNU}.so", code()),
    "cp312-cp312d-manylinux_2_28_aarch64": (f".cpython-312d-{GNU}.so", code()),
    "cp37-cp37m-manylinux2014_aarch64": (f".cpython-37m-{GNU}.so", code()),
    "cp312-cp312-musllinux_1_2_aarch64": (f".cpython-312-{IN_MUSL}.so", code(libc=MUSL)),
    "cp310-cp310-musllinux_1_1_aarch64": (f".cpython-310-{GNU}.so", code(libc=MUSL)),
    "cp38-abi3-manylinux_2_28_aarch64": (".abi3.so", code()),
    "py3-none-manylinux_2_28_aarch64": (".so", code()),
    "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64": (".cpython-312-x86_64-linux-gnu.so", code("x86_64")),
    "cp312-cp312-manylinux_2_17_i686": (".cpython-312-i386-linux-gnu.so", code("i686")),
}


@pytest.mark.parametrize("tag", FITTING)
def test_what_fits_its_own_tags_passes(tag: str, tmp_path: Path) -> None:
    suffix, content = FITTING[tag]
    assert ids(wheel(tmp_path, tag, suffix, content)) == []


@pytest.mark.parametrize(
    ("tag", "suffix", "content", "found"),
    [
        ("cp312-cp312-manylinux_2_28_aarch64", f".cpython-311-{GNU}.so", code(), "wrong-suffix"),
        ("cp312-cp312-manylinux_2_28_aarch64", f".cpython-312-{GNU}.so", code("x86_64"), "wrong-machine"),
        ("py3-none-manylinux_2_28_aarch64", f".cpython-311-{GNU}.so", code(), "wrong-suffix"),
        ("cp313-cp313t-manylinux_2_28_aarch64", ".abi3.so", code(), "wrong-suffix"),
    ],
)
def test_what_does_not_is_refused(tag: str, suffix: str, content: bytes, found: str, tmp_path: Path) -> None:
    assert found in ids(wheel(tmp_path, tag, suffix, content))


def test_the_lowest_floor_counts(tmp_path: Path) -> None:
    both, suffix = "cp312-cp312-manylinux2014_aarch64.manylinux_2_28_aarch64", f".cpython-312-{GNU}.so"
    assert ids(wheel(tmp_path, both, suffix, code(glibc="2.17"))) == []
    with pytest.raises(crossbuild.AuditError, match="for the host manylinux_2_17_aarch64") as caught:
        check_by_tags(wheel(tmp_path, both, suffix, code(glibc="2.28")))
    assert "GLIBC_2.28" in caught.value.why


def test_each_c_library_that_the_tags_name_counts(tmp_path: Path) -> None:
    both = "py3-none-manylinux_2_17_aarch64.musllinux_1_1_aarch64"
    static = make_elf(kind="ET_EXEC", needed=[])
    assert ids(make_wheel(tmp_path, {"probe-1.0.data/scripts/probe": static}, tag=both)) == []
    assert "wrong-libc" in ids(wheel(tmp_path, both, ".so", code()))
    assert "wrong-libc" in ids(wheel(tmp_path, both, ".so", code(libc=MUSL)))


@pytest.mark.parametrize(
    ("tag", "wanted", "found"),
    [
        ("cp38-abi3-manylinux_2_28_aarch64", ">=3.10", []),
        ("cp39-abi3-manylinux_2_28_aarch64", ">=3.9.2", []),
        ("py3-none-any", "<3.13,>=3.9", []),
        ("py3-none-any", ">=3.25", []),
        ("py39-none-any", "!=3.9.*", []),
        ("cp312-none-any", ">=3.13", ["wrong-python"]),
        ("py3-none-any", "<3", ["wrong-python"]),
    ],
)
def test_requires_python_is_about_the_pythons_of_the_tags(
    tag: str, wanted: str, found: list[str], tmp_path: Path
) -> None:
    files = {"probe/__init__.py": b""} if tag.endswith("any") else {"probe/fast.abi3.so": code()}
    assert ids(make_wheel(tmp_path, files, tag=tag, headers=[f"Requires-Python: {wanted}"])) == found


@pytest.mark.parametrize("architecture", ["aarch64", "x86_64", "s390x"])
def test_a_wheel_for_all_platforms_holds_no_machine_code(architecture: str, tmp_path: Path) -> None:
    assert ids(wheel(tmp_path, "py3-none-any", ".so", code(architecture))) == ["universal-tag"]
    assert ids(make_wheel(tmp_path, {"probe/__init__.py": b""}, tag="py3-none-any")) == []


OTHERS = {
    "cp312-cp312-macosx_11_0_arm64": "is for macOS, and crossbuild checks wheels for Linux only. [wrong-platform-tag]",
    "cp312-cp312-win_amd64": "is for Windows, and crossbuild checks wheels for Linux only. [wrong-platform-tag]",
    "cp312-cp312-manylinux_2_28_mips64": "which crossbuild does not know. [wrong-platform-tag]",
    "pp310-pypy310_pp73-manylinux_2_28_aarch64": "are for no CPython 3. [wrong-python-tag]",
    "py2-none-any": "are for no CPython 3. [wrong-python-tag]",
}


def test_what_is_for_other_systems_is_refused_and_the_others_are_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wheels = [wheel(tmp_path, tag, ".so") for tag in OTHERS]
    (tmp_path / "probe-1.0-py3-none-any.whl").write_bytes(b"PK")
    good = make_wheel(tmp_path, {"good.py": b""}, tag="py3-none-any", project="good-1.0")
    assert main(["check", *map(str, wheels), str(tmp_path / "probe-1.0-py3-none-any.whl"), str(good)]) == 8
    said = capsys.readouterr()
    assert said.out == f"{good}\n"
    assert "6 of 7 wheels were refused" in said.err
    assert all(why in said.err for why in OTHERS.values())


def test_nothing_is_read_or_measured_of_a_host(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    one = wheel(tmp_path, "cp312-cp312-manylinux_2_28_aarch64", f".cpython-312-{GNU}.so")
    assert main(["check", str(one), "--cache-dir", str(tmp_path / "cache"), "--json"]) == 0
    (passed,) = json.loads(capsys.readouterr().out)["wheels"]
    assert passed["platform_tags"] == ["manylinux_2_28_aarch64"]
    assert not (tmp_path / "cache").exists()
    assert crossbuild.check_wheel(one, environ={}).platform_tags == ("manylinux_2_28_aarch64",)


def test_a_check_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    """To import what builds takes longer than to check a wheel."""
    one = wheel(tmp_path, "cp312-cp312-manylinux_2_28_aarch64", f".cpython-312-{GNU}.so")
    code = f"import sys; from crossbuild.cli.app import main; main(['check', {str(one)!r}]); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    loaded = set(ran.stdout.split())
    assert "crossbuild.wheels.check" in loaded
    assert loaded.isdisjoint({"crossbuild.frontend", "crossbuild.session", "crossbuild.building", "tomllib"})


def test_the_host_in_the_environment_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CROSSBUILD_HOST", "no-host")
    one = make_wheel(tmp_path, {"probe.py": b""}, tag="py3-none-any")
    assert main(["check", str(one)]) == 3
    assert "no-host" in capsys.readouterr().err
    with pytest.raises(crossbuild.HostError):
        crossbuild.check_wheel(one, environ={"CROSSBUILD_HOST": "no-host"})


@pytest.mark.parametrize("words", [["--python", "3.12"], ["--sysroot", "."], ["--cc", "gcc"]])
def test_what_is_said_of_a_host_needs_a_host(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(make_wheel(tmp_path, {"probe.py": b""}, tag="py3-none-any")), *words]) == 2
    assert f"{words[0]} is about a host: give --host, too." in capsys.readouterr().err
