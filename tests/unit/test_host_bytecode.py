"""Build variables of which a host only has the bytecode: read for every version, and refused where they do more."""

from __future__ import annotations

import contextlib
import itertools
import marshal
import struct
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from crossbuild.errors import HostError
from crossbuild.host.describe import describe_host
from crossbuild.host.model import Host
from crossbuild.host.reading.pyc import NotDataError, assigned_dictionary
from crossbuild.host.reading.sysconfigdata import read_variables_file
from tests.unit.host_samples import SamplePython

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython

MAGIC = {(3, 8): 3413, (3, 10): 3439, (3, 12): 3531, (3, 14): 3627}
LOAD_CONST, MAP_ADD, STORE_NAME, BUILD_MAP, EXTENDED_ARG, RETURN_VALUE, UPDATE = 82, 98, 116, 47, 69, 35, 67
"""The instructions of CPython 3.14, by their numbers."""
RESUME, LOAD_SMALL_INT = 128, 94


def pyc(
    code: Sequence[int],
    constants: Any = ("CC", "gcc", None),
    names: tuple[str, ...] = ("build_time_vars",),
    *,
    version: tuple[int, int] = (3, 14),
) -> bytes:
    """Return the bytecode file of a module with ``code``."""
    fields = struct.pack("<" + "i" * (5 if version >= (3, 11) else 6), *[0] * (5 if version >= (3, 11) else 6))
    parts = (marshal.dumps(bytes(code), 2), marshal.dumps(constants, 2), marshal.dumps(names, 2))
    return MAGIC[version].to_bytes(2, "little") + b"\r\n" + bytes(12) + b"c" + fields + b"".join(parts)


def compiled(python: BuildPython, source: Path, *options: str) -> Path:
    """Let ``python`` compile ``source``, in place of it."""
    code = "import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[1] + 'c', doraise=True)"
    subprocess.run([python.executable, "-I", *options, "-c", code, source], check=True)
    source.unlink()
    return source.with_suffix(".pyc")


@pytest.mark.parametrize("options", [(), ("-O",), ("-OO",)])
def test_real_variables_compiled_by_every_python(
    options: tuple[str, ...], supported_build_pythons: list[BuildPython], tmp_path: Path
) -> None:
    assert supported_build_pythons
    for python in supported_build_pythons:
        own = python.stdlib / f"{python.sysconfigdata_name}.py"
        source = tmp_path / own.name
        source.write_text(f'"""What it was built with."""\n{own.read_text()}')
        expected = read_variables_file(own)
        assert len(expected) > 100
        assert read_variables_file(compiled(python, source, *options)) == expected


@pytest.mark.parametrize("count", [0, 1, 15, 16, 17, 300, 5000])
def test_every_size_and_value(count: int, supported_build_pythons: list[BuildPython], tmp_path: Path) -> None:
    values: list[str | int] = ["", "x", "é€𝄞", "a" * 300, 0, 255, 256, -1, 2**31, -(2**40), 2**63]
    expected = {f"NAME_{number}": values[number % len(values)] for number in range(count)}
    for python in supported_build_pythons:
        source = tmp_path / "_sysconfigdata.py"
        source.write_text(f"build_time_vars = {expected!r}\n")
        assert read_variables_file(compiled(python, source)) == expected


def test_the_instructions_of_3_14() -> None:
    code = [RESUME, 0, BUILD_MAP, 0, LOAD_CONST, 0, LOAD_SMALL_INT, 7, MAP_ADD, 1, EXTENDED_ARG, 0, BUILD_MAP, 0]
    code += [LOAD_CONST, 1, LOAD_CONST, 2, MAP_ADD, 1, UPDATE, 1, STORE_NAME, 0, LOAD_CONST, 3, RETURN_VALUE, 0]
    file = pyc(code, ("SIZE", "CC", "gcc", None))
    assert assigned_dictionary(file, "build_time_vars") == {"SIZE": 7, "CC": "gcc"}


ASSIGN = [BUILD_MAP, 0, STORE_NAME, 0, LOAD_CONST, 0, RETURN_VALUE, 0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "released CPython"),
        (b"\x00" * 40, "released CPython"),
        (pyc(ASSIGN)[:16], "ends too early"),
        (pyc(ASSIGN)[:16] + b"N", "no code of a module"),
        (pyc(ASSIGN).replace(b"\r\n", b"\n\n", 1), "released CPython"),
        (pyc([1, 0]), "something else than assign constants"),
        (pyc([STORE_NAME, 0]), "values that are not there"),
        (pyc([BUILD_MAP, 9]), "values that are not there"),
        (pyc([LOAD_CONST, 99]), "values that are not there"),
        (pyc([EXTENDED_ARG, 255, EXTENDED_ARG, 255, EXTENDED_ARG, 255, BUILD_MAP, 255]), "values that are not there"),
        (pyc([LOAD_CONST, 0, MAP_ADD, 0]), "values that are not there"),
        (pyc([LOAD_CONST, 0, LOAD_CONST, 0, LOAD_CONST, 0, MAP_ADD, 1]), "no dictionary"),
        (pyc([BUILD_MAP, 0, LOAD_CONST, 0, BUILD_MAP, 0, MAP_ADD, 1]), "something else than a dictionary of text"),
        (pyc([BUILD_MAP, 0, LOAD_CONST, 2, LOAD_CONST, 2, MAP_ADD, 1]), "something else than a dictionary of text"),
        (pyc([LOAD_CONST, 0, STORE_NAME, 0, RETURN_VALUE, 0]), "instead of build_time_vars"),
        (pyc(ASSIGN, names=("other",)), "assigns other"),
        (pyc([*ASSIGN[:2], STORE_NAME, 1, *ASSIGN], names=("build_time_vars", "x")), "assigns x"),
        (pyc([RETURN_VALUE, 0]), "assigns nothing"),
        (pyc([BUILD_MAP, 0]), "ends too early"),
        (pyc(ASSIGN, ("x", 1.5)), "something else than text"),
        (pyc(ASSIGN, ([],)), "something else than text"),
        (pyc(ASSIGN, (2**200,)), "out of reason"),
        (pyc(ASSIGN, ((((((((((),),),),),),),),),)), "nested too deeply"),
        (pyc([100, 0, 156, 2], ("x",), version=(3, 12)), "no dictionary"),
    ],
)
def test_what_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(NotDataError, match=reason):
        assigned_dictionary(content, "build_time_vars")


HEAD = pyc(ASSIGN)[: 16 + 1 + 20]


@pytest.mark.parametrize(
    "rest",
    [
        b"(\xff\xff\xff\x7f" + b"N" * 50,
        b"(\xff\xff\xff\xff",
        b"s\xff\xff\xff\x7f",
        b"s\xff\xff\xff\xff",
        b"l\xff\xff\xff\x7f",
        b"r\x00\x00\x00\x00",
        b"r\xff\xff\xff\xff",
        b"\xa9\x01r\x00\x00\x00\x00",  # a tuple that holds itself
        b"\xa9\x01" * 100000,
        b"u\x02\x00\x00\x00\xff\xff",
        b"c" + bytes(20),
    ],
)
def test_hostile_values(rest: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        assigned_dictionary(HEAD + rest, "build_time_vars")


def test_values_that_are_shared_a_thousandfold_are_not_copied() -> None:
    """Each tuple holds the one before twice: written out they would fill every memory."""
    bomb = b"\xa9\x02NN" + b"".join(b"\xa9\x02" + b"r" + struct.pack("<i", n) + b"N" for n in range(50))
    with pytest.raises(ValueError, match=r"."):
        assigned_dictionary(HEAD + b"s\x00\x00\x00\x00(\x33\x00\x00\x00" + bomb, "build_time_vars")


def test_every_truncation_and_many_damages_are_refused_or_read() -> None:
    code = [BUILD_MAP, 0, LOAD_CONST, 0, LOAD_CONST, 1, MAP_ADD, 1, STORE_NAME, 0, LOAD_CONST, 2, RETURN_VALUE, 0]
    whole = pyc(code)
    for size in range(len(whole)):
        with pytest.raises(ValueError, match=r"."):
            assigned_dictionary(whole[:size], "build_time_vars")
    for place, change in itertools.product(range(len(whole)), (0x01, 0x20, 0x80, 0xFF)):
        damaged = bytearray(whole)
        damaged[place] ^= change
        with contextlib.suppress(ValueError):
            assigned_dictionary(bytes(damaged), "build_time_vars")


@pytest.mark.parametrize("code", ["open({ran!r}, 'w')", "build_time_vars = {{'CC': open({ran!r}, 'w')}}"])
def test_code_is_refused_and_not_run(code: str, supported_build_pythons: list[BuildPython], tmp_path: Path) -> None:
    for python in supported_build_pythons:
        source = tmp_path / "_sysconfigdata__linux_.py"
        source.write_text(code.format(ran=str(tmp_path / "ran")))
        file = compiled(python, source)
        with pytest.raises(HostError, match="is not a sysconfigdata as CPython writes it") as error:
            read_variables_file(file)
        assert "never run" in error.value.why
        assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("place", [".", "__pycache__"])
def test_a_host_with_bytecode_only(place: str, supported_build_pythons: list[BuildPython], tmp_path: Path) -> None:
    python = supported_build_pythons[-1]
    sample = SamplePython(root=tmp_path, minor=python.version[1]).install()
    file = compiled(python, sample.sysconfigdata)
    directory = file.parent / place
    directory.mkdir(exist_ok=True)
    for level in ("", ".opt-1", ".opt-2"):
        tag = f"{file.stem}.cpython-3{python.version[1]}{level}.pyc"
        (directory / (file.name if place == "." else tag)).write_bytes(file.read_bytes())
    if place != ".":
        file.unlink()
    host = describe_host(str(sample.home))
    assert isinstance(host, Host)
    assert host.build_time_vars == sample.recorded()


def test_the_source_beside_it_wins(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path).install()
    sample.sysconfigdata.with_suffix(".pyc").write_bytes(b"of another time")
    assert describe_host(str(sample.home)).abi_flags == ""
