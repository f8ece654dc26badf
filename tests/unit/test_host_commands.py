"""``crossbuild host capture`` and ``crossbuild host show``, with a stand-in for ssh."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.__main__ import main
from crossbuild.host.capture.ssh import capture_script
from tests.unit.host_samples import SamplePython, elf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MINOR = sys.version_info.minor
RUN_HERE = 'echo "$1" >> "$SSH_LOG"; exec sh -c "$2"'


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A function that puts an ssh with these shell commands on PATH; it returns the file of its destinations."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", f"{directory}:/usr/bin:/bin")
    monkeypatch.setenv("SSH_LOG", str(tmp_path / "destinations"))

    def install(commands: str) -> Path:
        (directory / "ssh").write_text(f"#!/bin/sh\n{commands}\n")
        (directory / "ssh").chmod(0o755)
        return tmp_path / "destinations"

    return install


def capture(*words: str) -> int:
    return main(["host", "capture", *words])


def test_the_script_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert capture() == 0
    assert capsys.readouterr().out == capture_script()
    assert capture("-o", str(tmp_path / "capture.py")) == 0
    assert (tmp_path / "capture.py").read_text() == capture_script()
    assert list(tmp_path.iterdir()) == [tmp_path / "capture.py"]


def test_capture_by_ssh(ssh: Callable[[str], Path], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    destinations, file = ssh(RUN_HERE), tmp_path / "board.json"
    words = ["--ssh", "pi@board", "--python", sys.executable]
    assert capture(*words) == 0
    printed = capsys.readouterr().out
    assert json.loads(printed)["python"]["version"] == "{}.{}.{}".format(*sys.version_info)
    assert capture(*words, "--headers", "-o", str(file)) == 0
    assert capsys.readouterr().out == ""
    written = json.loads(file.read_text())
    assert "Python.h" in written.pop("headers")
    assert written == json.loads(printed)
    assert destinations.read_text() == "pi@board\n" * 2


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        (
            "echo 'ssh: connect to host board port 22: No route to host' >&2; exit 255",
            ["No route", "ssh pi@board true"],
        ),
        ("echo 'sh: 1: python3: not found' >&2; exit 127", ["python3: not found", "--python"]),
        ("echo 'SyntaxError: invalid syntax' >&2; exit 1", ["SyntaxError", "CPython 3.8 or newer"]),
        ("echo Welcome to the board", ["one JSON document", "Welcome to the board", "~/.bashrc"]),
        ("echo '[]'", ["one JSON document"]),
        ("printf '\\377'", ["one JSON document"]),
        ("echo '{\"crossbuild-host\": 9}'", ["9 instead of 1"]),
    ],
)
def test_what_goes_wrong(
    commands: str, words: list[str], ssh: Callable[[str], Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ssh(f"cat > /dev/null; {commands}")
    file = tmp_path / "board.json"
    file.write_text("as before")
    assert capture("--ssh", "pi@board", "-o", str(file)) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert not [word for word in words if word not in told.err]
    assert "pi@board" in told.err
    assert file.read_text() == "as before"


def test_an_ssh_that_reads_nothing(ssh: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    ssh("echo 'Permission denied (publickey).' >&2; exit 255")
    assert capture("--ssh", "pi@board") == 3
    assert "Permission denied" in capsys.readouterr().err


def test_there_is_no_ssh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert capture("--ssh", "pi@board") == 3
    told = capsys.readouterr().err
    assert "no ssh on PATH" in told
    assert "crossbuild host capture" in told, "it can be done by hand"


def test_a_destination_is_no_option_of_ssh(ssh: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    destinations = ssh(RUN_HERE)
    assert capture("--ssh=-oProxyCommand=touch x") == 3
    assert not destinations.exists()
    assert "pi@board" in capsys.readouterr().err


def test_headers_need_ssh(capsys: pytest.CaptureFixture[str]) -> None:
    assert capture("--headers") == 2
    assert "--headers itself" in capsys.readouterr().err


def test_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = SamplePython(root=tmp_path, minor=MINOR).install()
    words = ["host", "show", str(sample.executable), "--build-python", sys.executable]
    assert main(words) == 0
    shown = capsys.readouterr().out
    lines = dict(line.split(":", 1) for line in shown.splitlines())
    assert lines["machine"].split()[0] == "aarch64"
    assert lines["Python"].split()[:2] == ["CPython", f"3.{MINOR}.4"]
    assert lines["sysroot"].split()[0] == str(tmp_path)
    assert f"({sample.sysconfigdata})" in lines["suffix"]
    assert lines["platform_machine"].split() == ["'aarch64'", "(version", "and", "machine)"]
    assert lines["sysroot"].endswith("(where the recorded /usr is)")


def test_each_origin_is_where_the_fact_is_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = SamplePython(root=tmp_path / "root", minor=MINOR).install()
    other = SamplePython(root=tmp_path / "other", minor=MINOR).install()
    words = ["--headers", str(other.include), "--machine", "aarch64", "--config-var", "CC=arm-gcc -x"]
    shown = show_lines([str(sample.executable), *words], capsys)
    assert shown["headers"] == f"{other.include}  (--headers)"
    assert shown["machine"] == "aarch64  (--machine)"
    assert shown["CC"] == "arm-gcc -x  (--config-var)"
    assert shown["variables"].endswith(f"({sample.sysconfigdata} and --config-var)")
    assert shown["C library"].endswith("(what its Python is linked to)"), "there is no libc.so.6 in that root"


def test_a_musl_is_the_origin_of_its_version(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = SamplePython(root=tmp_path, minor=MINOR, interpreter="/lib/ld-musl-aarch64.so.1").install()
    loader = tmp_path / "lib/ld-musl-aarch64.so.1"
    loader.parent.mkdir()
    loader.write_bytes(elf("aarch64", tail=b"\0musl libc (aarch64)\0\0001.2.5\0"))
    shown = show_lines([str(sample.executable)], capsys)
    assert shown["C library"] == f"musl 1.2  ({loader})"


def test_who_lends_the_third_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = SamplePython(root=tmp_path / "root", minor=MINOR).install()
    alone = tmp_path / sample.sysconfigdata.name
    alone.write_bytes(sample.sysconfigdata.read_bytes())
    shown = show_lines([str(alone)], capsys)
    assert re.search(rf"\({alone}; its third number is /\S*python\S*'s\)$", shown["Python"])


def show_lines(words: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    assert main(["host", "show", *words, "--build-python", sys.executable, "-q"]) == 0
    lines = (line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    return {name: rest.strip() for name, rest in lines}


@pytest.mark.parametrize("words", [["capture"], ["export", "linux_aarch64", "--format", "meson"]])
def test_a_file_that_cannot_be_written_is_refused_first(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["host", *words, "-o", str(tmp_path / "absent" / "file")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert f"There is no directory {tmp_path}/absent." in told.err
    assert "Read the host" not in told.err


def test_options_that_mean_nothing_are_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "export", "linux_aarch64", "--format", "meson", "--json"]) == 2
    for command in (["host", "show", "x"], ["host", "check", "x"], ["doctor"]):
        assert main([*command, "--auto-sysroot"]) == 2
    assert main(["wheel", "--help"]) == 0
    assert "--auto-sysroot" in capsys.readouterr().out


def test_what_is_shown_as_json_is_a_host(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = SamplePython(root=tmp_path / "root", minor=MINOR).install()
    described = [show_json(str(sample.executable), capsys)]
    file = tmp_path / "host.json"
    file.write_text(json.dumps(described[0]))
    described.append(show_json(str(file), capsys))
    first, second = ({**one, "name": "", "origin": {}} for one in described)
    assert first == second
    assert described[1]["name"] == str(file)
    assert set(described[1]["origin"].values()) == {str(file)}


def show_json(host: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert main(["host", "show", host, "--build-python", sys.executable, "--json", "-q"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_show_fails_as_everything_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["host", "show", str(tmp_path / "absent"), "--json"]) == 3
    assert "absent" in json.loads(capsys.readouterr().out)["error"]["what"]
