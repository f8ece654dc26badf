"""Which of the libraries in a wheel the host's loader finds, and what the audit makes of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from crossbuild.wheels.audit import Origin
from tests.audited import audited
from tests.unit.wheel_samples import make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from crossbuild.host.model import Host

GLIBC, MUSL = make_host(libc="glibc 2.36"), make_host(libc="musl 1.2")
EXTENSION = "probe/_fast.so"
LIBRARY = make_elf(needed=[], soname="libown.so.1")


def extension(*needed: str, rpath: str = "", runpath: str = "") -> bytes:
    return make_elf(defines=["PyInit__fast"], needed=needed, rpath=rpath, runpath=runpath)


def warnings(directory: Path, files: Mapping[str, bytes], host: Host = GLIBC) -> tuple[str, ...]:
    report = audited(make_wheel(directory, files), host)
    assert report.external_libraries == {}
    return report.warnings


def refusal(directory: Path, files: Mapping[str, bytes], host: Host = GLIBC) -> AuditError:
    with pytest.raises(AuditError) as caught:
        audited(make_wheel(directory, files), host)
    return caught.value


@pytest.mark.parametrize("field", ["rpath", "runpath"])
@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("probe/libown.so.1", "$ORIGIN"),
        ("probe/libown.so.1", "${ORIGIN}/."),
        ("probe/lib/libown.so.1", "/elsewhere/$LIB:$ORIGIN/$LIB"),
        ("probe/lib/aarch64-linux-gnu/libown.so.1", "$ORIGIN/${LIB}"),
        ("probe.libs/libown.so.1", "$ORIGIN/../probe.libs"),
        ("probe-1.0.data/platlib/probe.libs/libown.so.1", "$ORIGIN/../probe.libs/"),
        ("probe-1.0.data/data/lib/libown.so.1", "$ORIGIN/../../.."),
        ("probe.data/lib/libown.so.1", "$ORIGIN/../probe.data/lib"),
    ],
)
def test_a_library_that_a_run_path_leads_to_is_found(tmp_path: Path, field: str, place: str, path: str) -> None:
    own = extension("libown.so.1", rpath=path) if field == "rpath" else extension("libown.so.1", runpath=path)
    report = audited(make_wheel(tmp_path, {EXTENSION: own, place: LIBRARY}), GLIBC, waive=True)
    assert report.external_libraries == {}
    assert [fault for fault in report.waived if "libown" in fault] == []
    assert [warning for warning in report.warnings if "libown" in warning] == []


def test_an_extension_that_does_not_find_its_library_is_refused_with_the_run_path_it_needs(tmp_path: Path) -> None:
    error = refusal(tmp_path, {EXTENSION: extension("libown.so.1"), "probe.libs/libown.so.1": LIBRARY})
    assert f"{EXTENSION}: needs libown.so.1, and the loader does not find probe.libs/libown.so.1" in error.why
    assert "-Wl,-rpath,'$ORIGIN/../probe.libs'" in error.fix
    error = refusal(
        tmp_path, {EXTENSION: extension("libown.so.1", runpath="$ORIGIN/lib"), "probe/libown.so.1": LIBRARY}
    )
    assert "the run path is $ORIGIN/lib" in error.why
    assert "-Wl,-rpath,'$ORIGIN'" in error.fix


def test_the_loader_goes_by_the_file_name_and_not_by_the_soname(tmp_path: Path) -> None:
    own = extension("libown.so.1", runpath="$ORIGIN")
    error = refusal(tmp_path, {EXTENSION: own, "probe/libown.so.1.2.0": LIBRARY})
    assert "needs libown.so.1, and the wheel has that library only as probe/libown.so.1.2.0" in error.why
    assert "soversion" in error.fix
    assert warnings(tmp_path, {EXTENSION: own, "probe/libown.so.1.2.0": LIBRARY, "probe/libown.so.1": LIBRARY}) == ()


@pytest.mark.parametrize("tag", ["manylinux_2_28_aarch64", "musllinux_1_2_aarch64", "linux_aarch64"])
def test_a_tag_asks_for_the_same(tmp_path: Path, tag: str) -> None:
    files = {EXTENSION: extension("libown.so.1"), "probe.libs/libown.so.1": LIBRARY}
    error = refusal(tmp_path, files, make_host(tag))
    assert "one problem" in error.what
    assert "the loader does not find" in error.why


def test_what_the_host_has_as_well_is_the_hosts(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr/lib").mkdir(parents=True)
    for name in ("libown.so.1", "libc.so.6"):
        (root / "usr/lib" / name).write_bytes(make_elf(needed=[]))
    wheel = make_wheel(tmp_path, {EXTENSION: extension("libown.so.1"), "probe/spare/libown.so.1": LIBRARY})
    report = audited(wheel, replace(GLIBC, sysroot=root))
    assert (report.warnings, list(report.external_libraries)) == ((), ["libown.so.1"])


def test_a_promised_library_is_the_hosts(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: extension("libz.so.1"), "probe/spare/libz.so.1": make_elf()})
    assert audited(wheel, make_host("manylinux_2_28_aarch64")).warnings == ()


def test_a_library_that_nothing_loads_may_be_helped_by_a_program(tmp_path: Path) -> None:
    files = {"probe/libx.so": make_elf(needed=["libown.so.1"]), "probe/lib/libown.so.1": LIBRARY}
    (warning,) = warnings(tmp_path, files)
    assert warning.startswith("probe/libx.so: needs libown.so.1, and the loader does not find probe/lib/libown.so.1")


def test_a_program_finds_libraries_from_where_it_is_installed(tmp_path: Path) -> None:
    def program(path: str) -> bytes:
        return make_elf(interpreter="/lib/ld-linux-aarch64.so.1", needed=["libown.so.1"], runpath=path)

    name, library = "probe-1.0.data/scripts/probe", "probe.libs/libown.so.1"
    right = "$ORIGIN/../lib/python3.11/site-packages/probe.libs"
    assert warnings(tmp_path, {name: program(right), library: LIBRARY}) == ()
    (warning,) = warnings(tmp_path, {name: program("$ORIGIN/../probe.libs"), library: LIBRARY})
    assert "does not find probe.libs/libown.so.1" in warning


def chain(first: bytes, second: bytes) -> dict[str, bytes]:
    """Return an extension that needs libfirst.so, which needs libown.so.1, both in ``lib``."""
    return {EXTENSION: first, "probe/lib/libfirst.so": second, "probe/lib/libown.so.1": LIBRARY}


def test_an_rpath_is_for_the_libraries_of_libraries_as_well(tmp_path: Path) -> None:
    plain = make_elf(needed=["libown.so.1"])
    assert warnings(tmp_path, chain(extension("libfirst.so", rpath="$ORIGIN/lib"), plain)) == ()
    (warning,) = warnings(tmp_path, chain(extension("libfirst.so", runpath="$ORIGIN/lib"), plain))
    assert f"{EXTENSION}: needs libown.so.1 through libfirst.so, and the loader does not find" in warning
    assert "Link libfirst.so with -Wl,-rpath,'$ORIGIN'" in warning


def test_to_musl_a_runpath_is_an_rpath(tmp_path: Path) -> None:
    plain = make_elf(needed=["libown.so.1"])
    assert warnings(tmp_path, chain(extension("libfirst.so", runpath="$ORIGIN/lib"), plain), MUSL) == ()


def test_a_runpath_ends_the_use_of_rpaths(tmp_path: Path) -> None:
    first = extension("libfirst.so", rpath="$ORIGIN/lib")
    (warning,) = warnings(tmp_path, chain(first, make_elf(needed=["libown.so.1"], runpath="$ORIGIN/x")))
    assert "through libfirst.so" in warning
    both = extension("libfirst.so", rpath="$ORIGIN/lib", runpath="$ORIGIN/x")
    assert "needs libfirst.so" in refusal(tmp_path, chain(both, make_elf(needed=[]))).why


def test_musl_knows_one_token(tmp_path: Path) -> None:
    files = {EXTENSION: extension("libown.so.1", rpath="$ORIGIN:/x/$LIB"), "probe/libown.so.1": LIBRARY}
    assert "libown" not in "".join(audited(make_wheel(tmp_path, files), GLIBC, waive=True).waived)
    assert "libown" in "".join(audited(make_wheel(tmp_path, files), MUSL, waive=True).waived)


def test_what_is_loaded_already_is_not_looked_for(tmp_path: Path) -> None:
    first = extension("libfirst.so", "libown.so.1", runpath="$ORIGIN/lib")
    assert warnings(tmp_path, chain(first, make_elf(needed=["libown.so.1"]))) == ()


def test_libraries_that_need_each_other_are_no_trap(tmp_path: Path) -> None:
    files = {
        EXTENSION: extension("liba.so", runpath="$ORIGIN"),
        "probe/liba.so": make_elf(needed=["libb.so"], runpath="$ORIGIN"),
        "probe/libb.so": make_elf(needed=["liba.so"], runpath="$ORIGIN"),
    }
    assert warnings(tmp_path, files) == ()


def test_a_library_for_another_machine_is_passed_over(tmp_path: Path) -> None:
    files = {
        EXTENSION: extension("libown.so.1", runpath="$ORIGIN/arm:$ORIGIN/lib"),
        "probe/arm/libown.so.1": make_elf("armv7l", needed=[]),
        "probe/lib/libown.so.1": LIBRARY,
    }
    report = audited(make_wheel(tmp_path, files), GLIBC, waive=True)
    assert [fault for fault in report.waived if "needs" in fault] == []


@pytest.mark.parametrize("name", ["build/libown.so.1", "./libown.so.1"])
def test_a_library_that_is_needed_by_a_path_is_found_nowhere(tmp_path: Path, name: str) -> None:
    error = refusal(tmp_path, {EXTENSION: extension(name, runpath="$ORIGIN"), "probe/libown.so.1": LIBRARY})
    assert f"needs {name}, a path that the host does not have" in error.why
    assert "-soname" in error.fix
    assert "needs build/gone.so" in refusal(tmp_path, {EXTENSION: extension("build/gone.so")}).why


def test_a_library_may_be_needed_by_a_path_from_the_file(tmp_path: Path) -> None:
    assert warnings(tmp_path, {EXTENSION: extension("$ORIGIN/lib/libown.so.1"), "probe/lib/libown.so.1": LIBRARY}) == ()


def test_an_absolute_path_of_a_library_is_looked_up_in_the_root(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "opt/vendor").mkdir(parents=True)
    (root / "usr/lib").mkdir(parents=True)
    for name in ("opt/vendor/libv.so", "usr/lib/libc.so.6"):
        (root / name).write_bytes(make_elf(needed=[]))
    host = replace(GLIBC, sysroot=root)
    assert audited(make_wheel(tmp_path, {EXTENSION: extension("/opt/vendor/libv.so")}), host).warnings == ()
    (warning,) = audited(make_wheel(tmp_path, {EXTENSION: extension("/opt/vendor/libw.so")}), host).warnings
    assert "needs /opt/vendor/libw.so" in warning


def test_a_published_wheel_may_load_its_libraries_itself(tmp_path: Path) -> None:
    files = {EXTENSION: extension("libown.so.1"), "probe.libs/libown.so.1": LIBRARY}
    report = audited(make_wheel(tmp_path, files), GLIBC, Origin.PUBLISHED)
    assert "the loader does not find" in report.tolerated[0]
