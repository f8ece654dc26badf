"""Which wheels are refused, and what the refusal says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.errors import AuditError
from crossbuild.toolchain.compile_record import Invocation
from crossbuild.wheels.audit import WheelReport
from crossbuild.wheels.host_libraries import HostLibrary
from tests.audited import audited
from tests.unit.wheel_samples import SOFT_FLOAT, SUFFIX, make_archive, make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from crossbuild.host.model import Host

HOST = make_host(libc="glibc 2.36")
EXTENSION = f"probe/_fast{SUFFIX}"
INIT = ("PyInit__fast",)
ARM = "cp311-cp311-linux_armv7l"
ARM_EXTENSION = "probe/_fast.cpython-311-arm-linux-gnueabihf.so"


def refusal(wheel: Path, host: Host = HOST, *, backend: str = "") -> str:
    """Return what the refusal of ``wheel`` says; it must be refused."""
    with pytest.raises(AuditError) as caught:
        audited(wheel, host, backend=backend)
    assert wheel.name in caught.value.what
    return str(caught.value)


def test_a_wheel_for_the_host_passes_and_is_described(tmp_path: Path) -> None:
    files = {
        EXTENSION: make_elf(
            defines=INIT,
            needed=["libffi.so.8", "libown.so", "libc.so.6"],
            runpath="$ORIGIN",
            versions={("libc.so.6", "GLIBC_2.34"): ["x"], ("libc.so.6", "GLIBC_2.17"): ["y"]},
        ),
        "probe/libown.so": make_elf(soname="libown.so"),
        "probe/__init__.py": b"",
    }
    assert audited(make_wheel(tmp_path, files), HOST) == WheelReport(
        name="probe",
        version="1.0",
        platform_tags=("linux_aarch64",),
        elf_files=(EXTENSION, "probe/libown.so"),
        extension_files=(EXTENSION,),
        needed_floor=(2, 34),
        external_libraries={"libffi.so.8": (EXTENSION,)},
        host_libraries=(HostLibrary(soname="libffi.so.8"),),
        warnings=(),
    )


def test_code_of_the_build_machine_is_named(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: make_elf("x86_64", defines=INIT)})
    assert f"{EXTENSION}: is x86_64 code, but the host is aarch64" in refusal(wheel)


@pytest.mark.parametrize(
    ("backend", "hint"),
    [("mesonpy", "cross file"), ("scikit_build_core.build", "toolchain file"), ("maturin", "cargo")],
)
def test_the_likely_cause_depends_on_the_backend(tmp_path: Path, backend: str, hint: str) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: make_elf("x86_64", defines=INIT)})
    assert hint in refusal(wheel, backend=backend)


def test_foreign_code_is_found_in_every_place_of_a_wheel(tmp_path: Path) -> None:
    places = ("probe/tool", "probe-1.0.data/scripts/tool", "probe-1.0.data/platlib/x.bin", "probe/data/x.o")
    said = refusal(make_wheel(tmp_path, dict.fromkeys(places, make_elf("s390x", kind="ET_REL"))))
    assert [place for place in places if f"{place}: is s390x code" not in said] == []


def test_word_size_and_byte_order_count(tmp_path: Path) -> None:
    riscv = bytearray(make_elf("riscv64"))
    riscv[0x12:0x14] = (8).to_bytes(2, "little")
    assert "is MIPS (64-bit, little-endian) code" in refusal(make_wheel(tmp_path, {"probe/x": bytes(riscv)}))


def test_a_static_library_for_another_machine_is_refused_once(tmp_path: Path) -> None:
    good, bad = make_elf(kind="ET_REL"), make_elf("x86_64", kind="ET_REL")
    archive = make_archive({"good.o": good, "bad.o": bad, "worse.o": bad})
    said = refusal(make_wheel(tmp_path, {EXTENSION: make_elf(defines=INIT), "probe/libx.a": archive}))
    assert "probe/libx.a(bad.o): is x86_64 code" in said
    assert "worse.o" not in said


@pytest.mark.parametrize(
    ("flags", "said"), [(SOFT_FLOAT, "uses the soft-float ABI"), (0x05000000, "does not say which float ABI it uses")]
)
def test_soft_float_code_is_refused_for_a_hard_float_host(tmp_path: Path, flags: int, said: str) -> None:
    wheel = make_wheel(tmp_path, {ARM_EXTENSION: make_elf("armv7l", flags=flags, defines=INIT)}, tag=ARM)
    assert f"{ARM_EXTENSION}: {said}" in refusal(wheel, make_host("linux_armv7l"))


def test_hard_float_code_is_refused_for_a_soft_float_host(tmp_path: Path) -> None:
    tag = "cp311-cp311-linux_armv5tel"
    wheel = make_wheel(tmp_path, {"probe/_fast.so": make_elf("armv7l", defines=INIT)}, tag=tag)
    said = refusal(wheel, make_host("linux_armv5tel"))
    assert "probe/_fast.so: uses the hard-float ABI, but the host's is soft-float" in said


@pytest.mark.parametrize(("host", "libc"), [("linux_armv5tel", "glibc 2.36"), ("musllinux_1_2_armv5tel", "")])
def test_soft_float_code_passes_for_a_soft_float_host(tmp_path: Path, host: str, libc: str) -> None:
    needed = ["libc.so.6"] if libc else ["libc.so"]
    elf = make_elf("armv5tel", defines=INIT, needed=needed)
    wheel = make_wheel(tmp_path, {"probe/_fast.so": elf}, tag="cp311-cp311-linux_armv5tel")
    assert audited(wheel, make_host(host, libc=libc)).platform_tags == (host,)


@pytest.mark.parametrize(("flags", "name"), [(SOFT_FLOAT, "armv5tel"), (0x05000400, "armv7l")])
def test_the_arms_are_told_apart(tmp_path: Path, flags: int, name: str) -> None:
    wheel = make_wheel(tmp_path, {"probe/x.so": make_elf("armv7l", flags=flags)})
    assert f"probe/x.so: is {name} code, but the host is aarch64" in refusal(wheel)


def test_a_hard_float_object_file_may_leave_the_flags_open(tmp_path: Path) -> None:
    files = {
        ARM_EXTENSION: make_elf("armv7l", defines=INIT),
        "probe/libx.a": make_archive({"x.o": make_elf("armv7l", kind="ET_REL", flags=0x05000000, vfp_args=1)}),
    }
    assert audited(make_wheel(tmp_path, files, tag=ARM), make_host("linux_armv7l")).elf_files == (ARM_EXTENSION,)


@pytest.mark.parametrize("needed", ["libc.so", "libc.musl-aarch64.so.1"])
def test_musl_code_is_refused_for_a_glibc_host(tmp_path: Path, needed: str) -> None:
    said = refusal(make_wheel(tmp_path, {"probe/libx.so": make_elf(needed=[needed])}))
    assert f"probe/libx.so: is linked against musl (it needs {needed}), but the host's C library is glibc" in said


@pytest.mark.parametrize(
    "elf",
    [
        make_elf(needed=["libc.so.6"]),
        make_elf(needed=["libm.so.6"]),
        make_elf(needed=[], versions={("libx.so", "GLIBC_2.17"): ["x"]}),
        make_elf(needed=[], kind="ET_EXEC", interpreter="/lib/ld-linux-aarch64.so.1"),
    ],
    ids=["libc", "libm", "versions", "interpreter"],
)
def test_glibc_code_is_refused_for_a_musl_host(tmp_path: Path, elf: bytes) -> None:
    said = refusal(make_wheel(tmp_path, {"probe/x": elf}), make_host(libc="musl 1.2"))
    assert "probe/x: is linked against glibc" in said


def test_a_symbol_newer_than_the_hosts_glibc_is_named(tmp_path: Path) -> None:
    elf = make_elf(
        defines=INIT,
        versions={("libc.so.6", "GLIBC_2.38"): ["__isoc23_strtol"], ("libc.so.6", "GLIBC_2.36"): ["arc4random"]},
    )
    said = refusal(make_wheel(tmp_path, {EXTENSION: elf}))
    assert f"{EXTENSION}: needs GLIBC_2.38 (__isoc23_strtol), but the host has glibc 2.36" in said
    assert "arc4random" not in said


def test_packed_relocations_need_the_glibc_that_reads_them(tmp_path: Path) -> None:
    elf = make_elf(defines=INIT, versions={("libc.so.6", "GLIBC_ABI_DT_RELR"): []})
    wheel = make_wheel(tmp_path, {EXTENSION: elf})
    assert audited(wheel, HOST).needed_floor == (2, 36)
    assert "GLIBC_ABI_DT_RELR" in refusal(wheel, make_host(libc="glibc 2.35"))


def test_private_symbols_of_glibc_are_refused(tmp_path: Path) -> None:
    elf = make_elf(defines=INIT, versions={("libc.so.6", "GLIBC_PRIVATE"): ["__libc_thing"]})
    assert "private to one build of glibc (__libc_thing)" in refusal(make_wheel(tmp_path, {EXTENSION: elf}))


@pytest.mark.parametrize(
    "suffix", [".cpython-311-x86_64-linux-gnu.so", ".cpython-312-aarch64-linux-gnu.so", ".cpython-311.so"]
)
@pytest.mark.parametrize("defines", [INIT, ()], ids=["module", "library"])
def test_a_suffix_of_another_python_or_platform_is_refused(
    tmp_path: Path, suffix: str, defines: tuple[str, ...]
) -> None:
    said = refusal(make_wheel(tmp_path, {f"probe/_fast{suffix}": make_elf(defines=defines)}))
    assert f"probe/_fast{suffix}: is called {suffix}" in said
    assert SUFFIX in said


@pytest.mark.parametrize("suffix", [SUFFIX, ".abi3.so", ".abi3-aarch64-linux-gnu.so", ".so"])
def test_every_suffix_that_the_host_imports_passes(tmp_path: Path, suffix: str) -> None:
    name = f"probe/_fast{suffix}"
    wheel = make_wheel(tmp_path, {name: make_elf(defines=INIT)})
    assert audited(wheel, HOST).extension_files == (name,)


@pytest.mark.parametrize("name", ["probe/libx.so", "probe.libs/libx-0a1b2c3d.so.1.2", "probe/x86_64.so"])
def test_a_library_is_no_extension_whatever_its_name(tmp_path: Path, name: str) -> None:
    report = audited(make_wheel(tmp_path, {name: make_elf()}), HOST)
    assert (report.elf_files, report.extension_files) == ((name,), ())


def test_the_stable_abi_is_not_for_free_threaded_pythons(tmp_path: Path) -> None:
    host = make_host(abi_flags="t")
    wheel = make_wheel(tmp_path, {"probe/_fast.abi3.so": make_elf(defines=INIT)}, tag="cp311-cp311t-linux_aarch64")
    assert "probe/_fast.abi3.so: is called .abi3.so" in refusal(wheel, host)


@pytest.mark.parametrize("abi_flags", ["", "t"])
@pytest.mark.parametrize("suffix", [".abi3t.so", ".abi3t-aarch64-linux-gnu.so"])
def test_the_stable_abi_of_free_threaded_pythons_is_for_all_since_315(
    tmp_path: Path, suffix: str, abi_flags: str
) -> None:
    name = f"probe/_fast{suffix}"
    wheel = make_wheel(tmp_path, {name: make_elf(defines=INIT)}, tag="py3-none-linux_aarch64")
    assert audited(wheel, make_host(python=(3, 15), abi_flags=abi_flags)).extension_files == (name,)
    assert f"{name}: is called {suffix}" in refusal(wheel, make_host(python=(3, 14), abi_flags=abi_flags))


@pytest.mark.parametrize("size", [0, 30, 400])
def test_a_wheel_that_is_cut_off_is_refused(tmp_path: Path, size: int) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: make_elf(defines=INIT)})
    wheel.write_bytes(wheel.read_bytes()[:size])
    assert "it is not a well-formed wheel" in refusal(wheel)


def test_a_flipped_bit_in_a_member_is_found(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/data.bin": bytes(range(256)) * 8}, tag="py3-none-any")
    content = bytearray(wheel.read_bytes())
    content[content.index(b"probe/data.bin") + 40] ^= 0x10
    wheel.write_bytes(content)
    refusal(wheel)


def test_a_damaged_elf_file_is_named(tmp_path: Path) -> None:
    said = refusal(make_wheel(tmp_path, {EXTENSION: make_elf()[:200]}))
    assert f"{EXTENSION}: cannot be read" in said


def test_what_record_does_not_name_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {}, unrecorded={"probe/extra.py": b"x"}, tag="py3-none-any")
    assert "probe/extra.py: is not mentioned in RECORD" in refusal(wheel)


def test_all_problems_are_said_at_once(tmp_path: Path) -> None:
    files = {
        "probe/a.cpython-311-x86_64-linux-gnu.so": make_elf("x86_64", defines=["PyInit_a"]),
        "probe/b.so": make_elf(rpath="/opt/lib"),
        "probe/c.so": make_elf(needed=["libc.so"]),
    }
    said = refusal(make_wheel(tmp_path, files, stated=["cp311-cp311-linux_x86_64"]))
    assert "5 problems" in said
    for part in ("x86_64 code", "is called .cpython-311-x86_64", "RPATH holds /opt/lib", "musl", "WHEEL file"):
        assert part in said


def failed(*arguments: str) -> Invocation:
    return Invocation(tool="cc", cwd=Path("/build/probe-1.0"), arguments=arguments, status=1)


LOSS = failed("-I/x/include/python3.11", "-c", "src/_fast.c", "-o", "build/temp.linux-aarch64-cpython-311/src/_fast.o")


@pytest.mark.parametrize("tag", ["py3-none-any", "cp311-cp311-linux_aarch64"])
def test_a_wheel_that_lost_its_extension_is_refused_unless_that_is_allowed(tmp_path: Path, tag: str) -> None:
    wheel = make_wheel(tmp_path, {"probe/__init__.py": b""}, tag=tag)
    with pytest.raises(AuditError) as caught:
        audited(wheel, HOST, invocations=[LOSS])
    assert "src/_fast.c failed to compile" in str(caught.value)
    assert "--allow-missing-extensions" in caught.value.fix
    report = audited(wheel, HOST, invocations=[LOSS], allow_missing_extensions=True)
    assert "src/_fast.c failed to compile" in "\n".join(report.warnings)


def linked(name: str) -> Invocation:
    arguments = ("-shared", "x.o", "-o", f"build/lib/{name}")
    return Invocation(tool="cc", cwd=Path("/build/probe-1.0"), arguments=arguments, status=0)


def test_an_extension_that_was_linked_and_left_out_of_a_pure_wheel_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {"probe/__init__.py": b""}, tag="py3-none-any")
    with pytest.raises(AuditError, match=r"_fast\.cpython-311.* was linked, but the wheel holds no machine code"):
        audited(wheel, HOST, invocations=[linked(f"_fast{SUFFIX}")])


def test_an_extension_left_out_beside_others_is_a_warning(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: make_elf(defines=INIT)})
    report = audited(wheel, HOST, invocations=[linked(f"_fast{SUFFIX}"), linked(f"_test{SUFFIX}")])
    assert report.warnings == (f"{wheel.name}: _test{SUFFIX} was linked, but is not in the wheel. [lost-library]",)


def test_ready_made_code_is_told_from_code_of_a_wrong_compiler(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: make_elf("x86_64", defines=INIT)})
    with pytest.raises(AuditError, match="No compiler that crossbuild provided made this file"):
        audited(wheel, HOST, invocations=[linked(f"_other{SUFFIX}")], backend="setuptools.build_meta")


def test_a_platform_claimed_without_code_is_a_warning(tmp_path: Path) -> None:
    report = audited(make_wheel(tmp_path, {"probe/__init__.py": b""}), HOST)
    assert report.platform_tags == ("linux_aarch64",)
    assert "holds no machine code" in report.warnings[0]


def test_a_wheel_whose_faults_are_waived_gets_no_tag_that_it_does_not_deserve(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, {EXTENSION: make_elf(versions={("libc.so.6", "GLIBC_2.38"): ["x"]})})
    report = audited(wheel, make_host("manylinux_2_28_aarch64"), waive=True)
    assert report.platform_tags == ("linux_aarch64",)
    assert any("GLIBC_2.38" in fault for fault in report.waived)
