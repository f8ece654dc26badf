"""Each symbol that an extension needs is defined by something, or the wheel is refused or warned about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.wheels.audit import Origin
from crossbuild.wheels.findings import RefusedWheelError
from crossbuild.wheels.python_symbols import TABLE, SymbolHistory
from tests.audited import audited
from tests.known_symbols import DIRECTORY, exported_by, table, with_build, with_libc, with_release
from tests.unit.test_wheels_libraries import make_root, place
from tests.unit.wheel_samples import SUFFIX, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.host.model import Host

TAG = make_host("manylinux_2_28_aarch64")
NAME = f"probe/_fast{SUFFIX}"
OF_TAG = "cp311-cp311-manylinux_2_28_aarch64"


def extension(*symbols: str, needed: tuple[str, ...] = (), runpath: str = "", weak: tuple[str, ...] = ()) -> bytes:
    return make_elf(
        defines=["PyInit__fast"], undefined=symbols, weak=weak, needed=[*needed, "libc.so.6"], runpath=runpath
    )


def found(
    tmp_path: Path,
    content: bytes,
    host: Host = TAG,
    *,
    more: dict[str, bytes] | None = None,
    name: str = NAME,
    tag: str = OF_TAG,
    origin: Origin = Origin.BUILT,
) -> dict[str, str]:
    """Return what is found in a wheel with the extension ``content``, by the ids of the findings."""
    wheel = make_wheel(tmp_path, {name: content, **(more or {})}, tag=tag)
    try:
        findings = audited(wheel, host, origin).findings
    except RefusedWheelError as error:
        findings = error.findings
    return {finding.id: f"{finding.file}: {finding.text}" for finding in findings}


def of_version(minor: int, abi_flags: str = "", host: Host = TAG) -> Host:
    suffix = f".cpython-3{minor}{abi_flags}-aarch64-linux-gnu.so"
    variables = {**host.build_time_vars, "EXT_SUFFIX": suffix}
    return replace(host, python_version=(3, minor, 0), abi_flags=abi_flags, build_time_vars=variables)


@pytest.mark.parametrize(
    ("symbol", "minor", "flags", "why"),
    [
        ("PyLong_AsInt", 11, "", "which came with Python 3.13"),
        ("_PyLong_AsInt", 13, "", "which Python 3.13 removed"),
        ("PyAST_Compile", 12, "", "which Python 3.9 removed"),
        ("PyCython_Imagined", 11, "", "which Python 3.11 does not export"),
        ("_Py_RefTotal", 11, "", "which only debug builds of Python have"),
        ("_Py_MergeZeroLocalRefcount", 14, "", "which only free-threaded builds of Python have"),
        ("_Py_MergeZeroLocalRefcount", 14, "d", "which only free-threaded builds of Python have"),
    ],
)
def test_what_the_hosts_python_does_not_export_is_refused(
    tmp_path: Path, symbol: str, minor: int, flags: str, why: str
) -> None:
    host = of_version(minor, flags)
    name, tag = f"probe/_fast{host.ext_suffix}", f"cp3{minor}-cp3{minor}{flags}-manylinux_2_28_aarch64"
    assert found(tmp_path, extension("PyList_New", symbol), host, name=name, tag=tag) == {
        "python-symbol": f"{name}: uses {symbol}, {why}"
    }


@pytest.mark.parametrize(
    ("symbol", "minor", "flags"),
    [
        ("PyLong_AsInt", 13, ""),
        ("_PyLong_AsInt", 12, ""),
        ("PyModule_FromSlotsAndSpec", 15, ""),
        ("_Py_RefTotal", 11, "d"),
        ("_Py_MergeZeroLocalRefcount", 14, "t"),
        ("PyCython_Imagined", 99, ""),
    ],
)
def test_what_it_exports_passes_and_of_unknown_versions_nothing_is_said(
    tmp_path: Path, symbol: str, minor: int, flags: str
) -> None:
    host = of_version(minor, flags)
    name, tag = f"probe/_fast{host.ext_suffix}", f"cp3{minor}-cp3{minor}{flags}-manylinux_2_28_aarch64"
    assert found(tmp_path, extension(symbol), host, name=name, tag=tag) == {}


def test_several_symbols_are_grouped_by_the_reason(tmp_path: Path) -> None:
    content = extension("PyLong_AsInt", "PyDict_GetItemRef", "PyImagined", *(f"PyMore{number}" for number in range(4)))
    assert found(tmp_path, content)["python-symbol"] == (
        f"{NAME}: uses PyDict_GetItemRef, PyLong_AsInt, which came with Python 3.13; PyImagined, PyMore0, which Python "
        "3.11 does not export, and 3 more symbols"
    )


def test_a_private_symbol_of_no_known_release_may_be_of_a_newer_one(tmp_path: Path) -> None:
    assert found(tmp_path, extension("_PyImagined_New")) == {
        "unknown-symbol": f"{NAME}: uses _PyImagined_New, and nothing that it loads is known to define it"
    }


def test_the_hosts_own_python_is_asked_first(tmp_path: Path) -> None:
    host = make_host(libc="glibc 2.36", sysroot=make_root(tmp_path, {"libz.so.1": make_elf(defines=["crc32"])}))
    host = replace(host, build_time_vars={**host.build_time_vars, "BINDIR": "/usr/bin"})
    python = make_elf(defines=["PyModule_Create2", "_PyPatched_New"], needed=["libz.so.1"], kind="ET_EXEC")
    assert host.sysroot
    place(host.sysroot, {"python3.11": python}, under="usr/bin")
    tag = "cp311-cp311-linux_aarch64"
    assert found(tmp_path, extension("_PyPatched_New", "crc32"), host, tag=tag) == {}, "crc32 is loaded with Python"
    assert found(tmp_path, extension("PyList_New"), host, tag=tag) == {
        "python-symbol": f"{NAME}: uses PyList_New, which Python 3.11 does not export"
    }


def test_a_shared_python_counts_as_well(tmp_path: Path) -> None:
    host = make_host(libc="glibc 2.36", sysroot=make_root(tmp_path))
    variables = {**host.build_time_vars, "BINDIR": "/usr/bin", "INSTSONAME": "libpython3.11.so.1.0"}
    assert host.sysroot
    library = make_elf(defines=["PyModule_Create2", "_PyPatched_New"], soname="libpython3.11.so.1.0")
    place(host.sysroot, {"libpython3.11.so.1.0": library}, under="usr/lib/aarch64-linux-gnu")
    host = replace(host, build_time_vars=variables)
    content = extension("_PyPatched_New", needed=("libpython3.11.so.1.0",))
    assert found(tmp_path, content, host, tag="cp311-cp311-linux_aarch64") == {}


def test_a_weak_symbol_needs_no_definition(tmp_path: Path) -> None:
    assert found(tmp_path, extension(weak=("PyLong_AsInt", "imagined"))) == {}


LIBRARY = {"probe.libs/libown.so.1": make_elf(soname="libown.so.1", defines=["own", "PyOwn_New"])}


def test_a_library_of_the_wheel_defines_symbols_if_it_is_loaded(tmp_path: Path) -> None:
    content = extension("own", "PyOwn_New", needed=("libown.so.1",), runpath="$ORIGIN/../probe.libs")
    assert found(tmp_path, content, more=LIBRARY) == {}
    assert found(tmp_path, extension("own"), more=LIBRARY) == {
        "unknown-symbol": f"{NAME}: uses own, and nothing that it loads is known to define it"
    }


def test_a_library_of_the_wheel_needs_definitions_itself(tmp_path: Path) -> None:
    content = extension("own", needed=("libown.so.1",), runpath="$ORIGIN/../probe.libs")
    library = make_elf(soname="libown.so.1", defines=["own"], undefined=["imagined", "PyList_New"])
    assert found(tmp_path, content, more={"probe.libs/libown.so.1": library}) == {
        "unknown-symbol": "probe.libs/libown.so.1: uses imagined, and nothing that it loads is known to define it"
    }


@pytest.mark.parametrize(
    ("needed", "finding"), [((), True), (("libstdc++.so.6",), True), (("libz.so.1",), False), (("libX11.so.6",), False)]
)
def test_a_library_that_cannot_be_looked_into_may_define_anything(
    tmp_path: Path, needed: tuple[str, ...], *, finding: bool
) -> None:
    assert ("unknown-symbol" in found(tmp_path, extension("imagined", needed=needed))) == finding


@pytest.mark.parametrize("symbol", ["dlopen", "sqrt", "pthread_create", "__tls_get_addr"])
def test_glibcs_symbols_may_have_no_version(tmp_path: Path, symbol: str) -> None:
    assert found(tmp_path, extension(symbol)) == {}


def test_the_symbols_of_musl_have_no_versions_at_all(tmp_path: Path) -> None:
    host = make_host("musllinux_1_2_aarch64")
    name, tag = f"probe/_fast{host.ext_suffix}", "cp311-cp311-musllinux_1_2_aarch64"

    def extension_of_musl(*symbols: str) -> bytes:
        return make_elf(defines=["PyInit__fast"], undefined=symbols, needed=["libc.so"])

    assert found(tmp_path, extension_of_musl("sqrt", "fopen64", "PyList_New"), host, name=name, tag=tag) == {}
    assert found(tmp_path, extension_of_musl("qsort_imagined"), host, name=name, tag=tag) == {
        "unknown-symbol": f"{name}: uses qsort_imagined, and nothing that it loads is known to define it"
    }


def rooted(tmp_path: Path) -> Host:
    """Return a host whose root has a C library with ``malloc``, and libx.so.1 with ``x``."""
    libc = make_elf(soname="libc.so.6", offers={"GLIBC_2.17": ["malloc"]}, needed=["ld-linux-aarch64.so.1"])
    loader = make_elf(soname="ld-linux-aarch64.so.1", offers={"GLIBC_2.17": ["__tls_get_addr"]})
    libraries = {"libc.so.6": libc, "ld-linux-aarch64.so.1": loader, "libx.so.1": make_elf(defines=["x"])}
    return make_host(libc="glibc 2.36", sysroot=make_root(tmp_path, libraries))


def test_a_root_tells_what_the_host_defines(tmp_path: Path) -> None:
    host, tag = rooted(tmp_path), "cp311-cp311-linux_aarch64"
    assert found(tmp_path, extension("malloc", "__tls_get_addr", "x", needed=("libx.so.1",)), host, tag=tag) == {}
    assert found(tmp_path, extension("x", "imagined"), host, tag=tag) == {
        "missing-symbol": f"{NAME}: uses imagined, x, and neither the wheel nor the host defines them"
    }


def test_a_symbol_of_a_version_that_its_library_has_must_be_there(tmp_path: Path) -> None:
    content = make_elf(defines=["PyInit__fast"], versions={("libc.so.6", "GLIBC_2.17"): ["malloc", "imagined"]})
    assert found(tmp_path, content, rooted(tmp_path), tag="cp311-cp311-linux_aarch64") == {
        "missing-symbol": f"{NAME}: uses imagined, and neither the wheel nor the host defines it"
    }


def test_where_a_library_is_missing_nothing_is_said_of_symbols(tmp_path: Path) -> None:
    content = extension("imagined", needed=("libelsewhere.so.1",))
    assert list(found(tmp_path, content, rooted(tmp_path), tag="cp311-cp311-linux_aarch64")) == ["missing-library"]


def test_a_program_in_a_wheel_has_no_python(tmp_path: Path) -> None:
    program = make_elf(kind="ET_EXEC", undefined=["PyList_New"], interpreter="/lib/ld-linux-aarch64.so.1")
    files = {"probe-1.0.data/scripts/probe": program}
    assert list(found(tmp_path, extension(), more=files)) == ["unknown-symbol"]


@pytest.mark.parametrize(
    ("tag", "symbol", "what"),
    [
        ("cp38-abi3", "PyLong_AsInt", "which the stable ABI has since Python 3.13, and the tag promises 3.8"),
        ("cp37.cp311-abi3", "PyModule_AddType", "which the stable ABI has since Python 3.10, and the tag promises 3.7"),
        ("cp38-abi3", "_PyObject_CallNoArgs", "which the stable ABI does not have"),
        ("cp38-abi3", "PyUnicode_AsWideChar_", "which the stable ABI does not have"),
    ],
)
@pytest.mark.parametrize("name", ["probe/_fast.abi3.so", "probe/_fast.so"])
def test_an_extension_for_the_stable_abi_keeps_to_it(
    tmp_path: Path, name: str, tag: str, symbol: str, what: str
) -> None:
    findings = found(tmp_path, extension("PyList_New", symbol), name=name, tag=f"{tag}-manylinux_2_28_aarch64")
    assert findings["beyond-stable-abi"] == f"{name}: uses {symbol}, {what}"


@pytest.mark.parametrize(
    ("tag", "symbol"),
    [("cp313-abi3", "PyLong_AsInt"), ("cp315-abi3.abi3t", "PyModule_FromSlotsAndSpec"), ("cp38-abi3", "_Py_Dealloc")],
)
@pytest.mark.parametrize("suffix", ["abi3", "abi3t"])
def test_what_the_stable_abi_has_by_then_passes(tmp_path: Path, tag: str, symbol: str, suffix: str) -> None:
    name = f"probe/_fast.{suffix}.so"
    content = extension(symbol)
    assert found(tmp_path, content, of_version(15), name=name, tag=f"{tag}-manylinux_2_28_aarch64") == {}


def test_a_free_threaded_python_imports_only_the_stable_abi_of_both(tmp_path: Path) -> None:
    host, tag = of_version(15, "t"), "cp315-abi3t-manylinux_2_28_aarch64"
    assert found(tmp_path, extension("PyList_New"), host, name="probe/_fast.abi3t.so", tag=tag) == {}
    assert list(found(tmp_path, extension("PyList_New"), host, name="probe/_fast.abi3.so", tag=tag)) == ["wrong-suffix"]


def test_a_published_wheel_may_use_more_if_the_host_has_it(tmp_path: Path) -> None:
    content, tag = extension("PyFrame_GetBack"), "cp38-abi3-manylinux_2_28_aarch64"
    wheel = make_wheel(tmp_path, {"probe/_fast.abi3.so": content}, tag=tag)
    (tolerated,) = audited(wheel, TAG, Origin.PUBLISHED).tolerated
    assert "PyFrame_GetBack, which the stable ABI does not have" in tolerated


def test_an_extension_of_one_version_in_a_wheel_for_the_stable_abi_may_use_all(tmp_path: Path) -> None:
    findings = found(tmp_path, extension("_PyObject_CallNoArgs"), tag="cp38-abi3-manylinux_2_28_aarch64")
    assert "beyond-stable-abi" not in findings
    assert "narrow-suffix" in findings


def test_the_history_tells_when_symbols_came_and_went() -> None:
    text = "# known are 3.8-3.12\nPyA 3.8-3.9,3.11-\nPyB 3.10\n_PyC d\n"
    history = SymbolHistory.from_text(text)
    assert history.exported((3, 9), "") == frozenset(("PyA",))
    assert history.exported((3, 10), "d") == frozenset(("PyB", "_PyC"))
    assert history.exported((3, 12), "") == frozenset(("PyA",))
    assert history.exported((3, 13), "") is None
    assert history.describe("PyA", (3, 10)) == "which came with Python 3.11"
    assert history.describe("PyB", (3, 12)) == "which Python 3.11 removed"
    assert history.describe("PyD", (3, 12)) == ""


def test_the_table_is_written_as_it_is_read() -> None:
    assert table(SymbolHistory.from_package()) == (DIRECTORY / TABLE).read_text(encoding="ascii")


def test_a_release_is_added_to_the_table(tmp_path: Path) -> None:
    place(tmp_path, {"libpython.so": make_elf(defines=["PyNew", "PyInit_math", "other"])}, under="")
    history = SymbolHistory.from_text("# known are 3.8-3.9\nPyOld 3.8-\n")
    newer = with_release(history, 10, exported_by(tmp_path / "libpython.so"))
    debug = with_build(newer, 10, "d", ["PyNew", "_PyDebug"])
    assert table(debug).splitlines()[1:] == ["PyNew 3.10-", "PyOld 3.8-3.9", "_PyDebug d"]


def test_a_c_library_is_added_to_what_is_known(tmp_path: Path) -> None:
    offers = {"GLIBC_2.17": ["malloc"], "GLIBC_PRIVATE": ["__private"]}
    place(tmp_path, {"libc": make_elf(offers=offers)}, under="")
    assert with_libc(["free"], "glibc", [tmp_path / "libc"]) == ["free", "malloc"]
    assert with_libc([], "musl", [tmp_path / "libc"]) == ["__private", "malloc"]
