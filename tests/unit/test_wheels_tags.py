"""Which tags are believed, and which are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from crossbuild.wheels.audit import Origin
from tests.audited import audited
from tests.unit.wheel_samples import make_archive, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crossbuild.host.model import Host

REAL = make_host(libc="glibc 2.36")
MUSL = make_host("musllinux_1_2_aarch64")


def plain(
    directory: Path,
    machine: str = "aarch64",
    *,
    needed: Sequence[str] = (),
    versions: Mapping[tuple[str, str], Sequence[str]] | None = None,
    undefined: Sequence[str] = (),
) -> Path:
    """Write a wheel with one plain ``probe/x.so``."""
    elf = make_elf(machine, needed=needed, versions=versions, undefined=undefined)
    return make_wheel(directory, {"probe/x.so": elf}, tag=f"cp311-cp311-linux_{machine}")


@pytest.mark.parametrize(
    "tag",
    ["cp311-cp311-linux_aarch64", "cp38-abi3-linux_aarch64", "py3-none-linux_aarch64", "py2.py3-none-linux_aarch64"],
)
def test_python_tags_for_the_host_pass(tmp_path: Path, tag: str) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf()}, tag=tag)
    assert audited(wheel, REAL).platform_tags == ("linux_aarch64",)


@pytest.mark.parametrize("tag", ["cp312-cp312", "cp312-abi3", "cp311-cp311t", "pp311-pypy311_pp73", "py2-none"])
def test_python_tags_of_another_python_are_refused(tmp_path: Path, tag: str) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf()}, tag=f"{tag}-linux_aarch64")
    with pytest.raises(AuditError, match=rf"Python tags \({tag}\) are not for the host's Python 3\.11"):
        audited(wheel, REAL)


@pytest.mark.parametrize(("tag", "fits"), [("cp311-cp311t", True), ("cp311-cp311", False), ("cp38-abi3", False)])
def test_a_free_threaded_host_has_its_own_abi(tmp_path: Path, tag: str, *, fits: bool) -> None:
    host = make_host(abi_flags="t")
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf()}, tag=f"{tag}-linux_aarch64")
    if fits:
        assert audited(wheel, host).platform_tags == ("linux_aarch64",)
    else:
        with pytest.raises(AuditError, match=r"are not for the host's Python 3\.11t"):
            audited(wheel, host)


@pytest.mark.parametrize("platform", ["linux_x86_64", "manylinux_2_17_x86_64", "linux_armv8l", "win_amd64"])
def test_a_platform_tag_of_another_machine_is_refused(tmp_path: Path, platform: str) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf()}, tag=f"cp311-cp311-{platform}")
    with pytest.raises(AuditError, match=f"its platform tag {platform} is not for aarch64"):
        audited(wheel, REAL)


def test_tags_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf()}, stated=["cp311-cp311-linux_armv7l"])
    with pytest.raises(AuditError, match=r"tags of its WHEEL file \(cp311-cp311-linux_armv7l\)"):
        audited(wheel, REAL)


@pytest.mark.parametrize(
    "files",
    [{"probe/x.so": make_elf()}, {"probe/x.a": make_archive({"x.o": make_elf(kind="ET_REL")})}],
    ids=["so", "a"],
)
def test_a_wheel_for_all_platforms_with_code_for_the_host_is_for_the_host(
    tmp_path: Path, files: dict[str, bytes]
) -> None:
    report = audited(make_wheel(tmp_path, files, tag="py3-none-any"), REAL)
    assert report.platform_tags == ("linux_aarch64",)
    (warning,) = report.warnings
    assert "its platform tag is any, but it holds machine code" in warning
    assert "so its tag is linux_aarch64." in warning


def test_a_wheel_for_all_platforms_with_code_for_several_is_refused(tmp_path: Path) -> None:
    files = {"probe/x.so": make_elf(), "probe/y.so": make_elf("x86_64")}
    with pytest.raises(AuditError, match="its platform tag is any, but it holds machine code"):
        audited(make_wheel(tmp_path, files, tag="py3-none-any"), REAL)


def test_a_published_wheel_for_all_platforms_stays_as_it_is(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf()}, tag="py3-none-any")
    assert "its platform tag is any" in audited(wheel, REAL, Origin.PUBLISHED).tolerated[0]


def test_code_for_the_kernels_own_machine_is_for_every_platform(tmp_path: Path) -> None:
    bpf = bytearray(make_elf(kind="ET_REL"))
    bpf[18:20] = (247).to_bytes(2, "little")
    report = audited(make_wheel(tmp_path, {"probe/x.bpf.o": bytes(bpf)}, tag="py3-none-any"), REAL)
    assert (report.platform_tags, report.warnings) == (("any",), ())


@pytest.mark.parametrize("host", [REAL, MUSL, make_host("manylinux_2_28_aarch64")], ids=lambda host: host.name)
def test_a_pure_wheel_stays_for_every_platform(tmp_path: Path, host: Host) -> None:
    wheel = make_wheel(tmp_path, {"probe/__init__.py": b""}, tag="py3-none-any")
    report = audited(wheel, host)
    assert (report.platform_tags, report.warnings) == (("any",), ())


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("linux_aarch64", ("linux_aarch64",)),
        ("manylinux_2_28_aarch64", ("manylinux_2_28_aarch64",)),
        ("manylinux_2_17_aarch64", ("manylinux2014_aarch64", "manylinux_2_17_aarch64")),
        ("manylinux2014_aarch64", ("manylinux2014_aarch64", "manylinux_2_17_aarch64")),
        ("manylinux_2_30_aarch64", ("manylinux_2_30_aarch64",)),
        ("manylinux_2_99_aarch64", ("manylinux_2_99_aarch64",)),
        ("manylinux_2_27_riscv64", ("manylinux_2_27_riscv64",)),
        ("manylinux1_x86_64", ("manylinux1_x86_64", "manylinux_2_5_x86_64")),
    ],
)
def test_a_tag_host_gives_the_tag_that_was_asked_for(tmp_path: Path, asked: str, expected: tuple[str, ...]) -> None:
    host = make_host(asked)
    wheel = plain(tmp_path, host.platform.architecture.name, needed=["libc.so.6", "libgcc_s.so.1"])
    assert sorted(audited(wheel, host).platform_tags) == sorted(expected)


@pytest.mark.parametrize(
    ("version", "refused"), [("GLIBC_2.28", False), ("GLIBC_2.29", False), ("GLIBC_2.30", True), ("GLIBC_2.34", True)]
)
def test_the_floor_is_exact_between_two_policies(tmp_path: Path, version: str, *, refused: bool) -> None:
    wheel = plain(tmp_path, needed=["libc.so.6"], versions={("libc.so.6", version): ["reallocarray"]})
    host = make_host("manylinux_2_29_aarch64")
    if refused:
        with pytest.raises(AuditError, match=rf"needs {version} \(reallocarray\), but the host has glibc 2\.29"):
            audited(wheel, host)
    else:
        assert audited(wheel, host).platform_tags == ("manylinux_2_29_aarch64",)


def test_symbol_versions_of_the_compilers_libraries_have_floors_too(tmp_path: Path) -> None:
    versions = {("libstdc++.so.6", "GLIBCXX_3.4.24"): ["a"], ("libstdc++.so.6", "GLIBCXX_3.4.30"): ["b"]}
    wheel = plain(tmp_path, needed=["libstdc++.so.6"], versions=versions)
    with pytest.raises(AuditError) as caught:
        audited(wheel, make_host("manylinux_2_28_aarch64"))
    assert "needs GLIBCXX_3.4.30 of libstdc++.so.6, which manylinux_2_28_aarch64 does not promise" in str(caught.value)
    assert "GLIBCXX_3.4.24" not in str(caught.value)
    assert audited(wheel, REAL).platform_tags == ("linux_aarch64",)


def test_a_library_that_the_tag_does_not_promise_is_named(tmp_path: Path) -> None:
    wheel = plain(tmp_path, needed=["libyaml-0.so.2", "libc.so.6"])
    with pytest.raises(AuditError) as caught:
        audited(wheel, make_host("manylinux_2_28_aarch64"))
    assert "probe/x.so: needs libyaml-0.so.2, which manylinux_2_28_aarch64 does not promise" in str(caught.value)
    assert "statically" in caught.value.fix
    assert audited(wheel, REAL).external_libraries == {"libyaml-0.so.2": ("probe/x.so",)}


def test_a_library_inside_the_wheel_is_no_demand_on_the_host(tmp_path: Path) -> None:
    versions = {("libown-1.so", "GLIBCXX_3.4.99"): ["x"], ("libown-1.so", "GLIBC_2.99"): ["y"]}
    files = {
        "probe/x.so": make_elf(needed=["libown-1.so"], versions=versions),
        "probe.libs/libown-1.so": make_elf(soname="libown-1.so"),
    }
    report = audited(make_wheel(tmp_path, files), make_host("manylinux_2_28_aarch64"))
    assert (report.external_libraries, report.needed_floor) == ({}, None)


def test_private_symbols_of_a_promised_library_are_refused(tmp_path: Path) -> None:
    wheel = plain(tmp_path, needed=["libz.so.1"], undefined=["deflate", "inflate_table"])
    with pytest.raises(AuditError, match=r"symbols private to one build of libz\.so\.1 \(inflate_table\)"):
        audited(wheel, make_host("manylinux_2_28_aarch64"))


@pytest.mark.parametrize("libc", ["libc.so", "libc.musl-aarch64.so.1"])
@pytest.mark.parametrize("host", [MUSL, make_host(libc="musl 1.2")], ids=["tag", "real"])
def test_musl_is_musl_by_either_name(tmp_path: Path, libc: str, host: Host) -> None:
    report = audited(plain(tmp_path, needed=[libc]), host)
    assert report.platform_tags == ("musllinux_1_2_aarch64",)
    assert (report.needed_floor, report.external_libraries) == (None, {})


@pytest.mark.parametrize(
    ("libc", "tag"), [("musl 1.1", "musllinux_1_1_aarch64"), ("musl 1.9", "musllinux_1_9_aarch64")]
)
def test_the_musl_of_the_host_is_in_the_tag(tmp_path: Path, libc: str, tag: str) -> None:
    assert audited(plain(tmp_path, needed=["libc.so"]), make_host(libc=libc)).platform_tags == (tag,)


def test_a_library_beyond_musls_policy_is_refused_for_a_tag_and_noted_for_a_real_host(tmp_path: Path) -> None:
    wheel = plain(tmp_path, needed=["libffi.so.8", "libc.so"])
    with pytest.raises(AuditError, match=r"libffi\.so\.8, which musllinux_1_2_aarch64 does not promise"):
        audited(wheel, MUSL)
    report = audited(wheel, make_host(libc="musl 1.2"))
    assert report.platform_tags == ("linux_aarch64",)
    assert "libffi.so.8" in report.warnings[0]


def test_an_extension_of_one_version_under_a_wider_tag_is_a_warning(tmp_path: Path) -> None:
    files = {"probe/_fast.cpython-311-aarch64-linux-gnu.so": make_elf(defines=["PyInit__fast"])}
    report = audited(make_wheel(tmp_path, files, tag="cp38-abi3-linux_aarch64"), REAL)
    assert "is for Python 3.11 alone" in report.warnings[0]
