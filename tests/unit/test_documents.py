"""Files that others wrote, and what is wrong with them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import crossbuild
from crossbuild.system.documents import parse_json, read_bytes, read_toml

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCES = Path(crossbuild.__file__).parent
DEEP = 100_000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = " + b"[" * DEEP + b"]" * DEEP, "nested too deeply"),
        (b"a = " + b"{a=" * DEEP + b"1" + b"}" * DEEP, "nested too deeply"),
        (b".".join([b"a"] * DEEP) + b" = 1", "nested too deeply"),
        (b".".join([b'"a"'] * DEEP) + b" = 1", "nested too deeply"),
        (b"[" + b".".join([b"a"] * DEEP) + b"]", "nested too deeply"),
        (b"a = " + b"[" * 200 + b"]" * 200, "nested too deeply"),
        (b"a = " + b"9" * 5000, "digits"),
        (b"a = '\xff'", "utf-8"),
        (b"a = '\0'", "character"),
        (b"a =", "Invalid value"),
    ],
)
def test_toml_that_cannot_be_read(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=re.compile(says, re.IGNORECASE)):
        read_toml(file)


def test_toml(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_text(f"[a.b]\nc = {'[' * 50}{']' * 50}\nd = '{'a.' * 5000}'\n")
    assert list(read_toml(file)["a"]["b"]) == ["c", "d"]


@pytest.mark.parametrize("text", ["[" * DEEP, '{"a":' * DEEP, "[" * 200 + "]" * 200, "9" * 5000, "", "nothing"])
def test_json_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_json(text)


def pipe(file: Path) -> None:
    os.mkfifo(file)


ODD: dict[str, tuple[Callable[[Path], Any], type[Exception], str]] = {
    "a file that never ends": (lambda file: file.symlink_to("/dev/zero"), ValueError, "larger than 16 MiB"),
    "a pipe that nothing writes to": (pipe, ValueError, "nothing writes to"),
    "a link to itself": (lambda file: file.symlink_to(file.name), OSError, "symbolic links"),
    "a directory": (lambda file: file.mkdir(), OSError, "directory"),
    "nothing": (lambda _: None, OSError, "No such file"),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_file_or_never_ends(tmp_path: Path, odd: str) -> None:
    make, kind, says = ODD[odd]
    make(tmp_path / "odd")
    with pytest.raises(kind, match=says):
        read_bytes(tmp_path / "odd")


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    """As of a shell's ``-r <(command)``, which opens it before anything is written."""
    os.mkfifo(tmp_path / "pipe")
    code = (
        "import os, sys, time; f = os.open(sys.argv[1], os.O_RDWR); print(flush=True); "
        "time.sleep(.3); os.write(f, b'a\\n' * 9000); time.sleep(.3)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path / "pipe"], stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        writer.stdout.readline()
        assert read_bytes(tmp_path / "pipe") == b"a\n" * 9000


def test_nothing_else_parses_what_others_wrote() -> None:
    """Every parser of another module would have to know again what a document from outside may do to it."""
    others = [file for file in SOURCES.rglob("*.py") if file.name != "documents.py"]
    inside = SOURCES / "backend_shim"
    own = SOURCES / "sysroot/external.py"  # for its own table, which is part of crossbuild
    parsing = [file for file in others if "tomllib" in file.read_text(encoding="utf-8")]
    assert [file for file in parsing if file.parent != inside] == [own]
