"""What ``crossbuild host export`` writes, used by the tools that it is for, without crossbuild."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from crossbuild.host.describe import describe_host
from crossbuild.platforms.elf import read_elf
from tests.commands import copy_project
from tests.cross.ways import SYNTHESISED
from tests.exports import WAYS, Exports, drop_lines, install_tools

if TYPE_CHECKING:
    from tests.commands import Crossbuild
    from tests.testbed.rust import Rust

pytestmark = pytest.mark.cross

SUFFIX = ".cpython-311-aarch64-linux-gnu.so"


@pytest.fixture(scope="module")
def exports(crossbuild: Crossbuild, tmp_path_factory: pytest.TempPathFactory) -> Exports:
    directory = tmp_path_factory.mktemp("exports")
    return Exports(
        crossbuild=crossbuild,
        host=SYNTHESISED,
        options=("--python", "3.11", *crossbuild.build_python_for((3, 11))),
        tools=install_tools(directory / "tools"),
        directory=directory,
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_tool_builds_an_extension_by_itself(way: str, exports: Exports) -> None:
    built = exports.build(way)
    elf = read_elf(built.name, built.read_bytes())
    assert elf.machine == "EM_AARCH64"
    assert set(elf.needed) <= {"libc.so.6"}
    assert built.name.endswith(SUFFIX)


@pytest.mark.matrix
def test_cargo_builds_a_library(exports: Exports, rust: Rust, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/lib.rs").write_text('#[no_mangle]\npub extern "C" fn answer() -> i32 { 42 }\n')
    (tmp_path / "Cargo.toml").write_text(
        '[package]\nname = "answer"\nversion = "1.0.0"\nedition = "2021"\n[lib]\ncrate-type = ["cdylib"]\n'
    )
    with_rust = replace(exports.crossbuild, programs=(rust.programs, *exports.crossbuild.programs))
    file = exports.file("cargo", "config.toml")
    replace(exports, crossbuild=with_rust).run("cargo", "build", "--offline", "--config", file, cwd=tmp_path)
    built = tmp_path / "target/aarch64-unknown-linux-gnu/debug/libanswer.so"
    assert read_elf(built.name, built.read_bytes()).machine == "EM_AARCH64"


@pytest.mark.matrix
def test_pyo3_reads_its_own_format(exports: Exports, rust: Rust, tmp_path: Path) -> None:
    project = copy_project("setuptools-rust-pyo3", tmp_path / "project")
    with_rust = replace(exports.crossbuild, programs=(rust.programs, *exports.crossbuild.programs))
    # Were the file not read, nothing would say for which Python it is to be.
    config = exports.file("cargo", "config.toml")
    drop_lines(config, "PYO3_")
    environ = {"PYO3_CONFIG_FILE": str(exports.file("pyo3"))}
    command = ("cargo", "build", "--config", config, "--features", "pyo3/extension-module")
    replace(exports, crossbuild=with_rust).run(*command, cwd=project, environ=environ)
    (built,) = (project / "target/aarch64-unknown-linux-gnu/debug").glob("*.so")
    assert read_elf(built.name, built.read_bytes()).machine == "EM_AARCH64"
    assert b"PyInit_setuptools_rust_pyo3" in built.read_bytes()


def test_python_imports_the_build_variables(exports: Exports) -> None:
    variables: dict[str, Any] = runpy.run_path(str(exports.file("sysconfigdata", "data.py")))["build_time_vars"]
    assert variables["EXT_SUFFIX"] == SUFFIX
    assert variables["CC"].split()[0].endswith("/aarch64-linux-gnu-gcc")
    header = f"{variables['INCLUDEPY']}/pyconfig.h"
    assert "SIZEOF_VOID_P 8" in exports.run("cat", header, cwd=exports.directory)


VERSION_INFO = {
    "type": "object",
    "required": ["major", "minor", "micro", "releaselevel", "serial"],
    "additionalProperties": False,
    "properties": {
        **{name: {"type": "integer"} for name in ("major", "minor", "micro", "serial")},
        "releaselevel": {"enum": ["alpha", "beta", "candidate", "final"]},
    },
}
PATHS = {name: {"type": "string", "pattern": "^/"} for name in ("dynamic", "static")}
# The fields of PEP 739's version 1.0, and which of them must be there.
BUILD_DETAILS = {
    "type": "object",
    "required": ["schema_version", "base_prefix", "platform", "language", "implementation"],
    "additionalProperties": False,
    "properties": {
        "schema_version": {"const": "1.0"},
        "base_prefix": {"type": "string"},
        "base_interpreter": {"type": "string"},
        "platform": {"type": "string"},
        "language": {
            "required": ["version"],
            "additionalProperties": False,
            "properties": {"version": {"type": "string"}, "version_info": VERSION_INFO},
        },
        "implementation": {
            "required": ["name", "version", "hexversion", "cache_tag"],
            "properties": {"version": VERSION_INFO},
            "patternProperties": {"^(name|cache_tag)$": {"type": "string"}, "^hexversion$": {"type": "integer"}},
        },
        "abi": {
            "required": ["flags"],
            "additionalProperties": False,
            "properties": {"flags": {"type": "array"}, "extension_suffix": {}, "stable_abi_suffix": {}},
        },
        "suffixes": {"type": "object"},
        "libpython": {
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {**PATHS, "link_extensions": {"type": "boolean"}},
            "dependentRequired": {"dynamic": ["link_extensions"]},
        },
        "c_api": {
            "required": ["headers"],
            "additionalProperties": False,
            "properties": {"headers": {"type": "string"}, "pkgconfig_path": {"type": "string"}},
        },
    },
}


def test_build_details_are_as_their_specification_has_them(exports: Exports) -> None:
    details = json.loads(exports.file("build-details").read_text())
    jsonschema.validate(details, BUILD_DETAILS)
    assert details["platform"] == "linux-aarch64"
    assert details["abi"]["extension_suffix"] == SUFFIX


def test_build_details_are_a_host_themselves(exports: Exports) -> None:
    # Alone, such a file tells of paths on the host, be there the same ones here or not.
    described = describe_host(str(exports.file("build-details", "host.json")), sysroot=Path("/"))
    assert (described.platform.architecture.name, described.python_version[:2]) == ("aarch64", (3, 11))
    assert described.defects == ()
    assert described.headers is not None
    assert (described.headers / "pyconfig.h").is_file()


def test_standard_output_gets_the_file_and_nothing_else(exports: Exports) -> None:
    arguments = ("host", "export", SYNTHESISED, "--format", "pyo3", *exports.options)
    done = exports.crossbuild(*arguments)
    assert done.returncode == 0, done.stderr
    values = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert (values["version"], values["pointer_width"], values["build_flags"]) == ("3.11", "64", "")
    assert exports.crossbuild(*arguments, "-o", "/nonexistent/file").returncode == 2
