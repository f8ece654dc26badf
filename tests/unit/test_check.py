"""``crossbuild check``: wheels that something else built."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import crossbuild
from crossbuild.__main__ import main
from tests.json_reference import documented, members, terms
from tests.unit.wheel_samples import SUFFIX, make_archive, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from crossbuild.host.model import Host

FILES = {
    f"probe/_fast{SUFFIX}": make_elf(
        defines=("PyInit__fast",),
        needed=["libffi.so.8", "libc.so.6"],
        versions={("libc.so.6", "GLIBC_2.17"): ["y"]},
    )
}
FOREIGN = {f"probe/_fast{SUFFIX}": make_elf("x86_64", defines=("PyInit__fast",))}
NEWER, FITTING = "cp311-cp311-manylinux_2_39_aarch64", "cp311-cp311-linux_aarch64"


@pytest.fixture
def host() -> Host:
    return make_host(libc="glibc 2.36")


@pytest.fixture
def check(host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let any ``--host`` be this one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("crossbuild.frontend.load_host", lambda *_, **__: host)


def wheel(directory: Path, *, files: dict[str, bytes] = FILES, tag: str = FITTING) -> str:
    directory.mkdir(exist_ok=True)
    return str(make_wheel(directory, files, tag=tag))


@pytest.mark.usefixtures("check")
def test_each_wheel_that_fits_is_printed_and_every_refusal_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, newer = wheel(Path("a")), wheel(Path("b"), files=FOREIGN), wheel(Path("c"), tag=NEWER)
    assert main(["check", bad, good, newer, "--host", "pi"]) == 8
    said = capsys.readouterr()
    assert said.out == f"{good}\n"
    assert "It needs on the host: libffi.so.8" in said.err
    assert "error: 2 of 3 wheels were refused." in said.err
    assert "is x86_64 code, but the host is aarch64 [wrong-machine]" in said.err
    assert "takes a wheel with its tags. [not-installable]" in said.err
    assert main(["check", good, "--host", "pi", "-q"]) == 0


@pytest.mark.usefixtures("check")
def test_many_wheels_end_in_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    good = [wheel(Path(f"good{number}")) for number in range(9)]
    risky = {
        f"probe/{name}{SUFFIX}": make_elf(defines=(f"PyInit_{name}",), executable_stack=True) for name in ("a", "b")
    }
    warned = make_wheel(Path(), risky, project="risky-1.0")
    torn = Path("torn-1.0-cp311-cp311-linux_aarch64.whl")
    torn.write_bytes(b"PK")
    assert main(["check", *good, str(torn), str(warned), "--host", "pi"]) == 8
    said = capsys.readouterr()
    assert said.out.splitlines() == [*good, str(warned)]
    lines = said.err.splitlines()
    assert lines[0].startswith(f"warning: {warned.name}: probe/a{SUFFIX}: asks for an executable stack")
    assert [line.split() for line in lines[2:4]] == [
        ["warning", "risky-1.0", "executable-stack", "(2)"],
        ["refused", "torn-1.0", "malformed-wheel"],
    ]
    assert lines[4].startswith("11 wheels: 9 passed, 1 with warnings, 1 refused, in ")
    assert lines[5] == f"error: {torn.name} was refused: it is not a well-formed wheel."
    again = str(make_wheel(Path("good0"), risky, project="risky-1.0"))
    assert main(["check", *good, again, str(warned), "--host", "pi"]) == 0
    assert capsys.readouterr().err.count(f"warning  {warned.name}  executable-stack (2)\n") == 2
    assert main(["check", *good[:9], str(warned), "--host", "pi"]) == 0
    assert "10 wheels" not in capsys.readouterr().err, "a few have a line each"


@pytest.mark.usefixtures("check")
def test_the_document_is_that_of_the_reference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", wheel(tmp_path), "--host", "pi", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert members(printed) == members(documented("check"))
    assert set(printed["wheels"][0]) <= terms("check") | terms("wheel")
    assert (printed["wheels"][0]["glibc"], printed["wheels"][0]["elf_files"]) == ("2.17", 1)
    assert main(["check", wheel(tmp_path), wheel(tmp_path / "b", files=FOREIGN), "--host", "pi", "--json"]) == 8
    printed = json.loads(capsys.readouterr().out)
    assert (len(printed["wheels"]), printed["error"]["exit_code"]) == (1, 8)


@pytest.mark.usefixtures("check")
@pytest.mark.parametrize(
    ("files", "code"),
    [
        (FILES, f"probe/_fast{SUFFIX}"),
        ({"probe/x.a": make_archive({"x.o": make_elf(kind="ET_REL")})}, "a static library in it"),
    ],
)
def test_a_wheel_for_all_platforms_that_holds_code_needs_another_name(
    files: dict[str, bytes], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    universal = wheel(tmp_path, files=files, tag="py3-none-any")
    assert main(["check", universal, "--host", "pi"]) == 8
    said = capsys.readouterr().err
    assert f"its platform tag is any, but {code} is for aarch64" in said
    assert "python -m wheel tags --platform-tag linux_aarch64" in said


@pytest.mark.usefixtures("check")
def test_a_run_path_that_only_its_builder_had_is_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {f"probe/_fast{SUFFIX}": make_elf(defines=("PyInit__fast",), runpath="/opt/builder/lib")}
    words = ["check", wheel(tmp_path, files=files), "--host", "pi"]
    assert main(words) == 0
    assert f"warning: probe/_fast{SUFFIX}: its RPATH holds /opt/builder/lib" in capsys.readouterr().err
    assert main([*words, "--json", "--sarif", "found.sarif"]) == 0
    (passed,) = json.loads(capsys.readouterr().out)["wheels"]
    assert [(finding["id"], finding["severity"]) for finding in passed["findings"]] == [("foreign-run-path", "warning")]
    assert "/opt/builder/lib" in passed["warnings"][0]
    (run,) = json.loads(Path("found.sarif").read_text())["runs"]
    assert [result["level"] for result in run["results"]] == ["warning"]


def test_a_wheel_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "absent.whl", "--host", "pi"]) == 2
    assert "absent.whl" in capsys.readouterr().err


def test_the_function_tells_what_is_in_a_wheel_or_raises(host: Host, tmp_path: Path) -> None:
    report = crossbuild.check_wheel(wheel(tmp_path), host=host)
    assert isinstance(report, crossbuild.WheelReport)
    assert report.needed_floor == (2, 17)
    with pytest.raises(crossbuild.AuditError, match="linux_aarch64"):
        crossbuild.check_wheel(wheel(tmp_path, tag=NEWER), host=host)
    with pytest.raises(crossbuild.SourceError, match="does not exist"):
        crossbuild.check_wheel(tmp_path / "absent.whl", host=host)
