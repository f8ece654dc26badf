"""What the host's root has of the libraries that a wheel needs, and what the audit makes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from crossbuild.wheels.host_libraries import HostLibrary
from tests.audited import audited
from tests.unit.wheel_samples import SUFFIX, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossbuild.host.model import Host
    from crossbuild.wheels.audit import WheelReport

EXTENSION = f"probe/_fast{SUFFIX}"
MULTIARCH = "usr/lib/aarch64-linux-gnu"
LIBC = {"libc.so.6": make_elf(soname="libc.so.6", offers=["GLIBC_2.17", "GLIBC_2.36"])}
VERSIONS = ["libstdc++.so.6", "GLIBCXX_3.4", "GLIBCXX_3.4.9", "GLIBCXX_3.4.30", "CXXABI_1.3.13", "CXXABI_FLOAT128"]


def make_root(directory: Path, libraries: Mapping[str, bytes] | None = None, *, under: str = MULTIARCH) -> Path:
    """Return a root with /usr merged, a C library, and ``libraries``."""
    root = directory / "root"
    place(root, {**LIBC, **(libraries or {})}, under=under)
    (root / "lib").symlink_to("usr/lib")
    return root


def place(root: Path, libraries: Mapping[str, bytes], *, under: str) -> None:
    (root / under).mkdir(parents=True, exist_ok=True)
    for name, content in libraries.items():
        (root / under / name).write_bytes(content)


def own(root: Path, package: str, *paths: str) -> None:
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True, exist_ok=True)
    (info / f"{package}.list").write_text("".join(f"{path}\n" for path in ("/.", "/usr", *paths)))


def audit(
    directory: Path,
    host: Host,
    *needed: str,
    versions: Mapping[tuple[str, str], Sequence[str]] | None = None,
    more: Mapping[str, bytes] | None = None,
    rpath: str = "",
    runpath: str = "",
) -> WheelReport:
    elf = make_elf(
        defines=("PyInit__fast",), needed=[*needed, "libc.so.6"], versions=versions, rpath=rpath, runpath=runpath
    )
    return audited(make_wheel(directory, {EXTENSION: elf, **(more or {})}), host)


def refusal(
    directory: Path, host: Host, *needed: str, versions: Mapping[tuple[str, str], Sequence[str]] | None = None
) -> AuditError:
    with pytest.raises(AuditError) as caught:
        audit(directory, host, *needed, versions=versions)
    return caught.value


def real(root: Path) -> Host:
    return make_host(libc="glibc 2.36", sysroot=root)


def promised(root: Path, tag: str = "manylinux_2_28_aarch64") -> Host:
    return make_host(tag, sysroot=root)


@pytest.mark.parametrize(
    "under", [MULTIARCH, "usr/lib64", "usr/lib", "usr/local/lib", "usr/local/lib/aarch64-linux-gnu", "opt/vendor/lib"]
)
def test_libraries_are_found_wherever_the_hosts_loader_looks(tmp_path: Path, under: str) -> None:
    root = make_root(tmp_path)
    place(root, {"libx.so.1": make_elf()}, under=under)
    (root / "etc/ld.so.conf.d").mkdir(parents=True)
    (root / "etc/ld.so.conf").write_text("# all of them\ninclude ld.so.conf.d/*.conf\ninclude\n")
    (root / "etc/ld.so.conf.d/vendor.conf").write_text("/opt/vendor/lib # the vendor's\n")
    report = audit(tmp_path, real(root), "libx.so.1")
    assert report.warnings == ()
    assert (root / report.host_libraries[0].path.lstrip("/")).is_file()


def test_a_root_without_merged_directories_is_searched_too(tmp_path: Path) -> None:
    root = tmp_path / "root"
    place(root, LIBC, under="lib/aarch64-linux-gnu")
    place(root, {"libx.so.1": make_elf()}, under="lib/aarch64-linux-gnu")
    assert audit(tmp_path, real(root), "libx.so.1", "liby.so.1").warnings == (
        f"{EXTENSION}: needs liby.so.1, which is not in {root}; the host must get it elsewhere. [missing-library]",
    )


def test_a_library_that_the_root_lacks_is_a_warning_that_names_it_and_the_file(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    report = audit(tmp_path, real(root), "libgone.so.1")
    (warning,) = report.warnings
    assert EXTENSION in warning
    assert "libgone.so.1" in warning
    assert report.host_libraries == (HostLibrary(soname="libgone.so.1"),)


def test_what_a_library_lacks_in_turn_is_a_warning(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": make_elf(needed=["libgone.so.1", "libc.so.6"])})
    (warning,) = audit(tmp_path, real(root), "libx.so.1").warnings
    assert warning.startswith("libx.so.1: needs libgone.so.1")


def test_libraries_that_need_each_other_are_no_trap(tmp_path: Path) -> None:
    libraries = {"libx.so.1": make_elf(needed=["liby.so.1"]), "liby.so.1": make_elf(needed=["libx.so.1"])}
    assert audit(tmp_path, real(make_root(tmp_path, libraries)), "libx.so.1").warnings == ()


def test_a_library_with_a_private_directory_finds_its_own(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": make_elf(needed=["libprivate.so"], runpath="$ORIGIN/x")})
    place(root, {"libprivate.so": make_elf()}, under=f"{MULTIARCH}/x")
    assert audit(tmp_path, real(root), "libx.so.1").warnings == ()


def test_a_library_in_the_directory_of_the_hosts_python_is_found(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    place(root, {"libpython3.11.so.1.0": make_elf()}, under="opt/python/lib")
    host = replace(real(root), build_time_vars={"EXT_SUFFIX": SUFFIX, "LIBDIR": "/opt/python/lib"})
    assert audit(tmp_path, host, "libpython3.11.so.1.0").warnings == ()


def test_a_root_without_libraries_says_nothing(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "usr/bin").mkdir(parents=True)
    report = audit(tmp_path, real(root), "libx.so.1")
    assert (report.warnings, report.host_libraries) == ((), (HostLibrary(soname="libx.so.1"),))


def test_a_link_that_leads_out_of_the_root_provides_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    place(tmp_path, {"libx.so.1": make_elf()}, under="outside")
    (root / MULTIARCH / "libx.so.1").symlink_to("../../../../outside/libx.so.1")
    assert "libx.so.1" in audit(tmp_path, real(root), "libx.so.1").warnings[0]


def test_what_is_no_library_provides_nothing(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": b"INPUT ( libx.so.1.0 )", "liby.so.1": make_elf()[:100]})
    assert len(audit(tmp_path, real(root), "libx.so.1", "liby.so.1").warnings) == 2


def test_a_library_for_another_machine_is_an_error(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": make_elf("x86_64")})
    error = refusal(tmp_path, real(root), "libx.so.1")
    assert f"{EXTENSION}: needs libx.so.1, and the host's is x86_64 code" in error.why
    assert "aarch64-linux-gnu" in error.fix


def test_a_library_for_another_machine_beside_the_right_one_is_passed_over(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": make_elf()})
    place(root, {"libx.so.1": make_elf("x86_64")}, under="usr/local/lib")
    assert audit(tmp_path, real(root), "libx.so.1").host_libraries[0].path == "/lib/aarch64-linux-gnu/libx.so.1"


def test_a_symbol_version_that_the_host_lacks_is_named_with_the_newest_it_has(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libstdc++.so.6": make_elf(offers=VERSIONS)})
    versions = {
        ("libstdc++.so.6", "GLIBCXX_3.4.32"): ["_ZSt21ios_base_library_initv"],
        ("libstdc++.so.6", "GLIBCXX_3.4.31"): ["x"],
        ("libstdc++.so.6", "GLIBCXX_3.4"): ["y"],
        ("libstdc++.so.6", "CXXABI_1.3.15"): ["z"],
    }
    error = refusal(tmp_path, real(root), "libstdc++.so.6", versions=versions)
    assert "GLIBCXX_3.4.32 of libstdc++.so.6, and the newest that the host's defines is GLIBCXX_3.4.30" in error.why
    assert "CXXABI_1.3.15 of libstdc++.so.6, and the newest that the host's defines is CXXABI_1.3.13" in error.why
    assert "3.4.31" not in error.why
    assert "--toolchain zig" in error.fix


def test_a_version_of_another_library_does_not_blame_the_compiler(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libxml2.so.2": make_elf(offers=["libxml2.so.2", "LIBXML2_2.9.8"])})
    error = refusal(tmp_path, real(root), "libxml2.so.2", versions={("libxml2.so.2", "LIBXML2_2.12.0"): ["f"]})
    assert "LIBXML2_2.12.0 of libxml2.so.2, and the newest that the host's defines is LIBXML2_2.9.8" in error.why
    assert "linked against another libxml2.so.2" in error.fix
    assert "zig" not in error.fix


def test_a_kind_of_version_that_the_host_has_never_had_is_said(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": make_elf(offers=["OTHER_1"])})
    error = refusal(tmp_path, real(root), "libx.so.1", versions={("libx.so.1", "LIBX_1"): ["f"]})
    assert "needs LIBX_1 of libx.so.1, and the host's" in error.why
    assert "defines no such version" in error.why


@pytest.mark.parametrize("offers", [[*VERSIONS, "GLIBCXX_3.4.32"], []], ids=["defined", "no versions at all"])
def test_versions_that_the_loader_takes_pass(tmp_path: Path, offers: list[str]) -> None:
    root = make_root(tmp_path, {"libstdc++.so.6": make_elf(offers=offers, defines=["x"])})
    assert audit(tmp_path, real(root), versions={("libstdc++.so.6", "GLIBCXX_3.4.32"): ["x"]}).warnings == ()


def test_a_library_in_the_wheel_is_no_demand_on_the_host(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libown.so.1": make_elf("x86_64", offers=["OWN_1"])})
    more = {"probe.libs/libown.so.1": make_elf(soname="libown.so.1", offers={"OWN_2": ["x"]})}
    versions = {("libown.so.1", "OWN_2"): ["x"]}
    report = audit(tmp_path, real(root), "libown.so.1", versions=versions, more=more, runpath="$ORIGIN/../probe.libs")
    assert (report.warnings, report.host_libraries) == ((), ())


def test_a_linux_tag_with_a_sysroot_is_measured_by_it(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libstdc++.so.6": make_elf(offers=VERSIONS)})
    versions = {("libstdc++.so.6", "GLIBCXX_3.4.32"): ["x"]}
    assert "GLIBCXX_3.4.30" in refusal(tmp_path, make_host(sysroot=root), "libstdc++.so.6", versions=versions).why


def test_without_a_sysroot_nothing_is_known(tmp_path: Path) -> None:
    report = audit(tmp_path, make_host(), "libx.so.1")
    assert (report.warnings, report.host_libraries) == ((), (HostLibrary(soname="libx.so.1"),))


NEW_GLIBC = {("libc.so.6", "GLIBC_2.34"): ["x"], ("libc.so.6", "GLIBC_2.17"): ["y"]}


def test_a_library_that_needs_a_newer_glibc_than_promised_is_named_with_the_floor_that_would_do(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": make_elf(versions=NEW_GLIBC)})
    error = refusal(tmp_path, promised(root), "libx.so.1")
    assert "needs libx.so.1, which manylinux_2_28_aarch64 does not promise" in error.why
    assert "needs libx.so.1, and the sysroot's" in error.why
    assert "needs glibc 2.34, newer than manylinux_2_28_aarch64 promises" in error.why
    assert "manylinux_2_34_aarch64" in error.fix
    assert "linux_aarch64" in error.fix
    assert "For manylinux_2_28_aarch64, link the libraries statically" in error.fix


def test_the_newest_of_all_floors_would_do_also_of_libraries_needed_through_others(tmp_path: Path) -> None:
    libraries = {
        "libx.so.1": make_elf(needed=["liby.so.1", "libc.so.6"], versions=NEW_GLIBC),
        "liby.so.1": make_elf(versions={("libc.so.6", "GLIBC_2.36"): ["x"]}),
    }
    error = refusal(tmp_path, promised(make_root(tmp_path, libraries)), "libx.so.1")
    assert "needs liby.so.1 through libx.so.1, and the sysroot's" in error.why
    assert "--host manylinux_2_36_aarch64" in error.fix
    assert "2_34" not in error.fix


def test_a_library_within_the_floor_is_only_outside_of_the_policy(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"libx.so.1": make_elf(versions=NEW_GLIBC)})
    error = refusal(tmp_path, promised(root, "manylinux_2_34_aarch64"), "libx.so.1")
    assert "one problem" in error.what
    assert "put into the wheel, by crossbuild repair if the wheel is there already" in error.fix


def test_a_promised_library_is_the_hosts_own_however_new_the_sysroots_is(tmp_path: Path) -> None:
    libraries = {
        "libz.so.1": make_elf(versions=NEW_GLIBC),
        "libstdc++.so.6": make_elf(offers=["GLIBCXX_3.4"], versions=NEW_GLIBC),
    }
    report = audit(tmp_path, promised(make_root(tmp_path, libraries)), "libz.so.1", "libstdc++.so.6", "libgcc_s.so.1")
    assert report.warnings == ()
    assert [library.soname for library in report.host_libraries] == ["libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"]


NEW_LIBC = {"libc.so.6": make_elf(offers={"GLIBC_2.17": ["strtol", "old"], "GLIBC_2.38": ["__isoc23_strtol", "old"]})}


def static(directory: Path, host: Host, *, undefined: Sequence[str] = (), weak: Sequence[str] = ()) -> WheelReport:
    """Audit a wheel with symbols for which the linker found no library."""
    elf = make_elf(defines=("PyInit__fast",), undefined=[*undefined, "PyErr_Clear"], weak=weak)
    return audited(make_wheel(directory, {EXTENSION: elf}), host)


def test_a_static_library_made_for_a_newer_glibc_than_promised_is_found_by_what_it_uses(tmp_path: Path) -> None:
    root = make_root(tmp_path, NEW_LIBC)
    with pytest.raises(AuditError) as caught:
        static(tmp_path, promised(root), undefined=["__isoc23_strtol"])
    assert f"{EXTENSION}: uses __isoc23_strtol, which came with glibc 2.38" in caught.value.why
    assert "manylinux_2_38_aarch64" in caught.value.fix


@pytest.mark.parametrize("tag", ["manylinux_2_38_aarch64", "manylinux_2_39_aarch64", "linux_aarch64"])
def test_a_static_library_made_for_the_promised_glibc_passes(tmp_path: Path, tag: str) -> None:
    static(tmp_path, promised(make_root(tmp_path, NEW_LIBC), tag), undefined=["__isoc23_strtol"])


def test_symbols_that_older_glibcs_have_or_that_need_not_be_there_pass(tmp_path: Path) -> None:
    root = make_root(tmp_path, NEW_LIBC)
    static(tmp_path, promised(root), undefined=["old", "strtol", "not_of_glibc"], weak=["__isoc23_strtol"])


@pytest.mark.parametrize("listing", ["libxml2", "libxml2:arm64"])
@pytest.mark.parametrize("prefix", ["", "/usr"], ids=["lib", "usr-lib"])
def test_the_debian_package_of_each_library_is_named(tmp_path: Path, listing: str, prefix: str) -> None:
    root = make_root(tmp_path, {"libxml2.so.2.9.14": make_elf()})
    (root / MULTIARCH / "libxml2.so.2").symlink_to("libxml2.so.2.9.14")
    directory = f"{prefix}/lib/aarch64-linux-gnu"
    own(root, listing, directory, f"{directory}/libxml2.so.2", f"{directory}/libxml2.so.2.9.14")
    own(root, "aaa", directory)
    (library,) = audit(tmp_path, real(root), "libxml2.so.2").host_libraries
    assert (library.soname, library.package) == ("libxml2.so.2", "libxml2")


def test_a_library_that_an_alternative_chose_belongs_to_what_it_links_to(tmp_path: Path) -> None:
    root = make_root(tmp_path)
    place(root, {"libblas.so.3": make_elf()}, under=f"{MULTIARCH}/blas")
    (root / "etc/alternatives").mkdir(parents=True)
    (root / "etc/alternatives/libblas.so.3").symlink_to(f"/{MULTIARCH}/blas/libblas.so.3")
    (root / MULTIARCH / "libblas.so.3").symlink_to("/etc/alternatives/libblas.so.3")
    own(root, "libblas3:arm64", f"/{MULTIARCH}/blas/libblas.so.3")
    assert audit(tmp_path, real(root), "libblas.so.3").host_libraries[0].package == "libblas3"


def test_a_soft_float_library_does_not_serve_a_hard_float_host(tmp_path: Path) -> None:
    root = tmp_path / "root"
    soft = make_elf("armv7l", flags=0x05000200)
    place(root, {"libc.so.6": make_elf("armv7l"), "libx.so.1": soft}, under="usr/lib/arm-linux-gnueabihf")
    host = make_host("linux_armv7l", sysroot=root)
    name = "probe/_fast.cpython-311-arm-linux-gnueabihf.so"
    elf = make_elf("armv7l", needed=["libx.so.1", "libc.so.6"], defines=("PyInit__fast",))
    with pytest.raises(AuditError, match=r"needs libx\.so\.1, and the host's is"):
        audited(make_wheel(tmp_path, {name: elf}, tag="cp311-cp311-linux_armv7l"), host)


def test_a_musl_host_is_searched_for_its_libraries(tmp_path: Path) -> None:
    root = tmp_path / "root"
    place(root, {"ld-musl-aarch64.so.1": make_elf(needed=[])}, under="lib")
    place(root, {"libx.so.1": make_elf(needed=["libc.musl-aarch64.so.1"])}, under="usr/lib")
    suffix = ".cpython-311-aarch64-linux-musl.so"
    elf = make_elf(needed=["libx.so.1", "libgone.so.1", "libc.so"], defines=("PyInit__fast",))
    wheel = make_wheel(tmp_path, {f"probe/_fast{suffix}": elf})
    report = audited(wheel, make_host(libc="musl 1.2", sysroot=root))
    found = {library.soname: library.path for library in report.host_libraries}
    assert found == {"libx.so.1": "/usr/lib/libx.so.1", "libgone.so.1": ""}
    assert any("libgone.so.1, which is not in" in warning for warning in report.warnings)
