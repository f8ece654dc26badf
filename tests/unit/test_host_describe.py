"""What a user may give as a host, and what is read from an installed one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crossbuild.errors import HostError
from crossbuild.host.describe import describe_host
from crossbuild.host.host_request import HostRequest
from crossbuild.host.model import Host, PartialHost
from tests.unit.host_samples import PYCONFIG, SamplePython


def installed(text: str | Path, python: tuple[int, int] | None = None, sysroot: Path | None = None) -> Host:
    host = describe_host(str(text), python=python, sysroot=sysroot)
    assert isinstance(host, Host)
    return host


def test_an_executable_in_a_root(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    host = installed(sample.executable)
    assert host.name == str(sample.executable)
    assert host.python_version == (3, 11, 4)
    assert host.ext_suffix == ".cpython-311-aarch64-linux-gnu.so"
    assert host.platform.wheel_tag == "linux_aarch64"
    assert host.platform.libc == "glibc"
    assert host.prefix == tmp_path / "root/usr"
    assert host.sysroot == tmp_path / "root"
    assert host.headers == tmp_path / "root/usr/include/python3.11"
    assert host.pyconfig == PYCONFIG.format(size=8)
    assert host.build_time_vars["INCLUDEPY"] == "/usr/include/python3.11"
    assert not host.synthesised


@pytest.mark.parametrize("prefix", ["/usr", "/usr/local", "/opt/python"])
def test_the_sysroot_is_what_stands_before_the_recorded_prefix(tmp_path: Path, prefix: str) -> None:
    sample = SamplePython(root=tmp_path / "root", prefix=prefix).install()
    assert installed(sample.home).sysroot == tmp_path / "root"


def test_a_prefix_where_it_was_recorded_has_no_sysroot(tmp_path: Path) -> None:
    sample = SamplePython(root=Path("/"), prefix=str(tmp_path / "python")).install()
    host = installed(sample.home)
    assert host.sysroot is None
    assert host.prefix == tmp_path / "python"


def test_a_prefix_that_was_moved_has_no_sysroot(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root", prefix="/opt/python").install()
    moved = sample.home.rename(tmp_path / "moved")
    host = installed(moved / "bin/python3.11")
    assert host.sysroot is None
    assert host.prefix == moved
    assert host.headers == moved / "include/python3.11"


def test_a_sysroot_that_is_given_is_believed(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    other = tmp_path / "other"
    other.mkdir()
    assert installed(sample.executable, sysroot=other).sysroot == other


def test_a_link_beside_the_executable(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    link = sample.executable.with_name("python3")
    link.symlink_to("python3.11")
    assert installed(link).prefix == sample.home


def test_an_absolute_link_in_a_root_stays_in_that_root(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    link = sample.executable.with_name("python3")
    link.symlink_to("/usr/bin/python3.11")
    assert installed(link).prefix == sample.home
    assert installed(link, sysroot=sample.root).prefix == sample.home


def test_a_link_from_elsewhere_on_this_machine(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    (tmp_path / "host-python").symlink_to(sample.executable)
    assert installed(tmp_path / "host-python").sysroot == sample.root


def test_merged_usr(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    for name in ("bin", "lib"):
        (sample.root / name).symlink_to(f"usr/{name}")
    for text in (sample.root / "bin/python3.11", sample.root):
        host = installed(text)
        assert host.prefix == sample.home
        assert host.sysroot == sample.root


def test_a_prefix_with_lib64(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    (sample.home / "lib").rename(sample.home / "lib64")
    (sample.home / "lib/python3.11/site-packages").mkdir(parents=True)
    assert installed(sample.executable).prefix == sample.home


def test_equal_sysconfigdata_under_two_names_count_once(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    sample.sysconfigdata.with_name("_sysconfigdata__aarch64-linux-gnu.py").symlink_to(sample.sysconfigdata.name)
    sample.sysconfigdata.with_name("_sysconfigdata__copy.py").write_bytes(sample.sysconfigdata.read_bytes())
    assert installed(sample.executable).python_version == (3, 11, 4)


def test_the_switching_header_of_debian(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    own = sample.home / "include/aarch64-linux-gnu/python3.11/pyconfig.h"
    own.parent.mkdir(parents=True)
    own.write_text(PYCONFIG.format(size=8))
    switch = "# if 1\n#  include <x86_64-linux-gnu/python3.11/pyconfig.h>\n# else\n"
    switch += "#  include <aarch64-linux-gnu/python3.11/pyconfig.h>\n# endif\n"
    (sample.include / "pyconfig.h").write_text(switch)
    assert installed(sample.executable).pyconfig == PYCONFIG.format(size=8)
    own.unlink()
    with pytest.raises(HostError, match="has no values for aarch64-linux-gnu"):
        installed(sample.executable)


def test_the_switching_header_of_fedora(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    (sample.include / "pyconfig.h").rename(sample.include / "pyconfig-64.h")
    switch = '#if __WORDSIZE == 32\n#include "pyconfig-32.h"\n#else\n#include "pyconfig-64.h"\n#endif\n'
    (sample.include / "pyconfig.h").write_text(switch)
    assert installed(sample.executable).pyconfig == PYCONFIG.format(size=8)


def test_a_machine_is_known_by_multiarch_not_by_the_kernel_it_was_built_on(tmp_path: Path) -> None:
    sample = SamplePython(
        root=tmp_path / "root",
        architecture="armv7l",
        multiarch="arm-linux-gnueabihf",
        interpreter="/lib/ld-linux-armhf.so.3",
        flags=0x5000400,
        variables={"HOST_GNU_TYPE": "armv8l-unknown-linux-gnueabihf"},
    ).install()
    assert installed(sample.executable).platform.wheel_tag == "linux_armv7l"


@pytest.mark.parametrize("flags", [0x5000200, 0x5000000], ids=["by its flags", "by its loader"])
@pytest.mark.parametrize("multiarch", ["arm-linux-gnueabi", ""])
def test_soft_float_arm_is_known_by_its_binary(tmp_path: Path, flags: int, multiarch: str) -> None:
    sample = SamplePython(
        root=tmp_path / "root",
        architecture="armv5tel",
        multiarch=multiarch,
        interpreter="/lib/ld-linux.so.3",
        flags=flags,
        variables={"HOST_GNU_TYPE": "armv8l-unknown-linux-gnueabi"},
    ).install()
    platform = installed(sample.executable).platform
    assert (platform.wheel_tag, platform.multiarch) == ("linux_armv5tel", "arm-linux-gnueabi")


@pytest.mark.parametrize(
    ("architecture", "multiarch", "interpreter"),
    [
        ("i686", "i386-linux-gnu", "/lib/ld-linux.so.2"),
        ("ppc64le", "powerpc64le-linux-gnu", "/lib64/ld64.so.2"),
        ("s390x", "s390x-linux-gnu", "/lib/ld64.so.1"),
        ("riscv64", "riscv64-linux-gnu", "/lib/ld-linux-riscv64-lp64d.so.1"),
        ("loongarch64", "loongarch64-linux-gnu", "/lib64/ld-linux-loongarch-lp64d.so.1"),
        ("x86_64", "x86_64-linux-gnu", "/lib64/ld-linux-x86-64.so.2"),
    ],
)
def test_machines(tmp_path: Path, architecture: str, multiarch: str, interpreter: str) -> None:
    sample = SamplePython(
        root=tmp_path / "root", architecture=architecture, multiarch=multiarch, interpreter=interpreter
    ).install()
    platform = installed(sample.executable).platform
    assert (platform.architecture.name, platform.libc, platform.multiarch) == (architecture, "glibc", multiarch)


@pytest.mark.parametrize("multiarch", ["aarch64-linux-musl", "aarch64-linux-gnu"])
def test_musl_is_known_by_its_loader(tmp_path: Path, multiarch: str) -> None:
    """A musl Python before 3.11 calls its triplet ``gnu``."""
    sample = SamplePython(
        root=tmp_path / "root", minor=10, multiarch=multiarch, interpreter="/lib/ld-musl-aarch64.so.1"
    ).install()
    assert installed(sample.executable).platform.libc == "musl"


def test_a_suffix_without_a_triplet_is_taken_as_it_is(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root", minor=13, variables={"EXT_SUFFIX": ".cpython-313.so"}).install()
    assert installed(sample.executable).ext_suffix == ".cpython-313.so"


@pytest.mark.parametrize(
    "variables",
    [
        {"MULTIARCH": None, "SOABI": "cpython-311-aarch64-linux-gnu"},
        {"MULTIARCH": None},
        {"MULTIARCH": "", "EXT_SUFFIX": ".so", "HOST_GNU_TYPE": "aarch64-unknown-linux-gnu"},
    ],
)
def test_a_prefix_without_binaries(tmp_path: Path, variables: dict[str, str | int | None]) -> None:
    sample = SamplePython(root=tmp_path / "root", variables=variables).install()
    sample.executable.unlink()
    assert installed(sample.home).platform.wheel_tag == "linux_aarch64"


@pytest.mark.parametrize("flags", ["t", "d"])
def test_abi_flags(tmp_path: Path, flags: str) -> None:
    plain = SamplePython(root=tmp_path / "root", minor=13).install()
    flagged = SamplePython(root=tmp_path / "root", minor=13, abi_flags=flags).install()
    assert installed(flagged.executable).abi_flags == flags
    assert installed(flagged.executable).ext_suffix == f".cpython-313{flags}-aarch64-linux-gnu.so"
    assert installed(plain.executable).abi_flags == ""


def test_a_prefix_with_several_versions(tmp_path: Path) -> None:
    for minor in (11, 12):
        SamplePython(root=tmp_path / "root", minor=minor).install()
    prefix = tmp_path / "root/usr"
    assert installed(prefix, python=(3, 12)).version == "3.12"
    assert installed(prefix / "bin/python3.11").version == "3.11"
    with pytest.raises(HostError, match=r"several Pythons: 3\.11, 3\.12") as error:
        installed(prefix)
    assert "--python" in error.value.fix


def test_python_has_to_agree_with_the_host(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    assert installed(sample.executable, python=(3, 11)).version == "3.11"
    for text in (sample.executable, sample.home):
        with pytest.raises(HostError, match=r"is Python 3\.11, but Python 3\.12 was asked for"):
            installed(text, python=(3, 12))


def test_a_tag() -> None:
    host = describe_host("manylinux_2_28_aarch64", python=(3, 12))
    assert isinstance(host, PartialHost)
    assert host.python_version == (3, 12)
    assert host.platform.wheel_tag == "manylinux_2_28_aarch64"


def test_a_tag_without_a_version_is_for_the_running_pythons() -> None:
    assert describe_host("musllinux_1_2_armv7l", python=None).python_version == sys.version_info[:2]


def test_what_is_there_is_no_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "linux_riscv64").mkdir()
    with pytest.raises(HostError, match="not the prefix of a CPython"):
        describe_host("linux_riscv64", python=None)
    with pytest.raises(HostError, match="There is no"):
        describe_host("./manylinux_2_28_aarch64", python=None)


def lent_headers(sample: SamplePython) -> str:
    """Describe a host whose headers the build Python has to lend; return what is said about that."""
    host = describe_host(str(sample.executable))
    assert isinstance(host, PartialHost)
    assert (host.headers, host.pyconfig, host.build_time_vars) == (None, None, sample.recorded())
    (defect,) = host.defects
    return defect


@pytest.mark.parametrize("name", ["Python.h", "pyconfig.h"])
def test_missing_headers_are_lent(tmp_path: Path, name: str) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    (sample.include / name).unlink()
    said = lent_headers(sample)
    assert "headers of the host Python" in said
    assert "libpython3.11-dev" in said


def test_headers_of_this_machine_are_no_substitute(tmp_path: Path) -> None:
    """A recorded path is not looked up on this machine when the host is in a root of its own."""
    sample = SamplePython(root=tmp_path / "root").install()
    here = tmp_path / "here"
    here.mkdir()
    for name in ("Python.h", "pyconfig.h", "patchlevel.h"):
        (sample.include / name).rename(here / name)
    sample.variables = {"INCLUDEPY": str(here), "CONFINCLUDEPY": str(here)}
    sample.sysconfigdata.write_text(f"build_time_vars = {dict(sample.recorded())!r}\n")
    assert str(here) not in lent_headers(sample)


def test_a_tag_names_its_machine() -> None:
    with pytest.raises(HostError, match="is for armv7l, but --machine says armv6l"):
        describe_host("manylinux_2_31_armv7l", request=HostRequest(machine="armv6l"))


def test_the_headers_of_a_tag_are_of_its_version(tmp_path: Path) -> None:
    sample = SamplePython(root=tmp_path / "root").install()
    request = HostRequest(headers=sample.include)
    assert describe_host("linux_aarch64", python=(3, 11), request=request).name == "linux_aarch64"
    with pytest.raises(HostError, match=r"3\.12"):
        describe_host("linux_aarch64", python=(3, 12), request=request)


def test_a_host_file_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "board").write_text('{"crossbuild-host": 99}')
    with pytest.raises(HostError, match="has another format"):
        describe_host(str(tmp_path / "board"))
