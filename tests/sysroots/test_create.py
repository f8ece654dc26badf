"""Sysroots from packages: what is in them, and what is not."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.host.describe import describe_host
from crossbuild.host.model import Host
from tests.repository import Package
from tests.sample_distribution import BOOKWORM, Release
from tests.sysroots.machine import MANIFEST, NOBLE, tree

if TYPE_CHECKING:
    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross

MULTIARCH = "aarch64-linux-gnu"


def inside(path: Path, root: Path) -> bool:
    """Tell whether ``path`` leads to a place below ``root``, also if nothing is there."""
    return path.resolve().is_relative_to(root.resolve())


def test_the_base_has_python_libc_and_what_compilers_link(machine: Machine) -> None:
    root = machine.made()
    for name in (
        "usr/bin/python3.12",
        "usr/include/python3.12/Python.h",
        f"usr/include/{MULTIARCH}/python3.12/pyconfig.h",
        f"usr/lib/{MULTIARCH}/libc.so.6",
        f"usr/lib/{MULTIARCH}/crt1.o",
        "usr/include/linux/types.h",
        f"usr/lib/gcc/{MULTIARCH}/13/libgcc.a",
        "usr/include/c++/13/vector",
    ):
        assert (root / name).is_file(), name
    assert not (root / "usr/include/demo.h").exists()
    assert not list(root.glob("usr/bin/*g++*")), "compilers of the host machine are of no use here"
    assert {file.name for file in root.glob("usr/share/doc/*/*")} <= {"copyright"}


def test_what_is_said(machine: Machine) -> None:
    ended = machine.create("libdemo-dev")
    assert ended.code == 0
    (entry,) = [one for one in machine.entries() if (one / "usr/include/demo.h").is_file()]
    for fact in (NOBLE, str(entry), "python3.12", "2.39", "libdemo-dev"):
        assert fact in ended.out
    document = machine.run("info", NOBLE, *machine.sources, "--json").json
    assert document == machine.run("list", "--json").json
    assert document["error"] is None
    facts = document["sysroots"]
    assert facts[0]["packages"]["libdemo1"] == "1.0-1"
    assert facts[0]["requested"] == ["libdemo-dev"]


def test_packages_bring_what_they_depend_on(machine: Machine) -> None:
    root = machine.made("libdemo-dev", "-o", machine.home / "root")
    assert root == machine.home / "root"
    assert (root / "usr/include/demo.h").read_text() == "#define DEMO 10\n"
    assert (root / f"usr/lib/{MULTIARCH}/libdemo.so.1").is_file(), "from libdemo1"
    assert (root / "usr/share/demo/table").is_file(), "from demo-data, which has no architecture and is in universe"
    status = (root / "var/lib/dpkg/status").read_text()
    assert "Package: libdemo-dev\n" in status
    assert "/usr/include/demo.h\n" in (root / "var/lib/dpkg/info/libdemo-dev.list").read_text()
    assert stat.S_IMODE(root.stat().st_mode) == 0o755


def test_links_stay_in_the_sysroot(machine: Machine) -> None:
    root = machine.made("libdemo-dev")
    links = [path for path in root.rglob("*") if path.is_symlink()]
    assert {path.name for path in links} >= {"libm.so", "demo-dev", "libdemo.so", "python3", "ld-linux-aarch64.so.1"}
    for link in links:
        assert not link.readlink().is_absolute(), link
        assert inside(link, root), link
    assert (root / "usr/share/demo-dev/table").read_text() == "1\n"
    assert (
        root / "lib/ld-linux-aarch64.so.1"
    ).resolve() == root.resolve() / f"usr/lib/{MULTIARCH}/ld-linux-aarch64.so.1"


def test_usr_is_merged_where_packages_are_not(machine: Machine) -> None:
    """Debian's libc6 has /lib/… in bookworm; a root where /lib is a directory of its own would have two of all."""
    root = machine.made(name="debian:bookworm:arm64")
    for name in ("bin", "sbin", "lib", "lib64"):
        assert (root / name).readlink() == Path("usr") / name
    assert (root / f"usr/lib/{MULTIARCH}/libc.so.6").is_file()
    assert (root / "usr/bin/python3").resolve().name == "python3.11"


def test_lib64_where_loaders_are_there(machine: Machine) -> None:
    amd64 = replace(BOOKWORM, architecture="amd64").packages()
    machine.repository.suites["bookworm"] += amd64
    machine.repository.publish()
    root = machine.made(name="debian:bookworm:amd64")
    assert (root / "lib64").is_symlink()
    loader = root / "lib64/ld-linux-x86-64.so.2"
    assert loader.resolve() == root.resolve() / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"


def test_alternatives_are_set(machine: Machine) -> None:
    root = machine.made("libdemo-dev")
    library = root / f"usr/lib/{MULTIARCH}/libblas-demo.so"
    assert library.resolve() == root.resolve() / f"usr/lib/{MULTIARCH}/demo/libblas-demo.so"
    header = root / f"usr/include/{MULTIARCH}/blas-demo.h"
    assert header.resolve() == root.resolve() / f"usr/include/{MULTIARCH}/demo/blas-demo.h"


def test_the_best_alternative_wins_whatever_the_order(machine: Machine) -> None:
    def candidate(name: str, priority: int) -> Package:
        path = f"/usr/lib/{name}/libblas-demo.so"
        words = f"/usr/lib/{MULTIARCH}/libblas-demo.so libblas-demo.so-{MULTIARCH} {path} {priority}"
        script = f"#!/bin/sh\nupdate-alternatives --install {words}\n"
        return Package(name=name, files={path: name}, scripts={"postinst": script})

    machine.repository.suites["noble"] += [candidate("libbest-dev", 100), candidate("libaaa-dev", 5)]
    machine.repository.publish()
    assert (machine.made("libaaa-dev") / f"usr/lib/{MULTIARCH}/libblas-demo.so").read_text() == "libaaa-dev"
    assert (machine.made("libbest-dev") / f"usr/lib/{MULTIARCH}/libblas-demo.so").read_text() == "libbest-dev"
    machine.made("libdemo-dev")
    assert (machine.made() / f"usr/lib/{MULTIARCH}/libblas-demo.so").read_text() == "libbest-dev", "10 is less than 100"


def test_no_maintainer_script_runs(machine: Machine) -> None:
    evidence = machine.home / "evidence"
    text = f"#!/bin/sh\ntouch {evidence} $DPKG_ROOT/evidence\nupdate-alternatives --install /x x /usr/include/x.h 1\n"
    package = Package(name="libscript-dev", files={"/usr/include/x.h": ""}, scripts={"preinst": text, "postinst": text})
    machine.repository.suites["noble"].append(package)
    machine.repository.publish()
    root = machine.made("libscript-dev")
    assert (root / "usr/include/x.h").is_file()
    assert not evidence.exists()
    assert not list(root.rglob("evidence"))


def test_another_architecture_of_the_same_release(machine: Machine) -> None:
    root = machine.made("libdemo-dev", name="ubuntu:noble:armhf")
    assert (root / "usr/lib/arm-linux-gnueabihf/libdemo.so.1").is_file()
    assert not list(root.rglob(MULTIARCH))


def test_a_mirror_that_is_a_directory(machine: Machine) -> None:
    repository = machine.repository
    ended = machine.run("create", NOBLE, "libdemo-dev", "--mirror", repository.url, "--keyring", repository.keyring)
    assert ended.code == 0, ended.err
    (root,) = [one for one in machine.entries() if (one / "usr/include/demo.h").is_file()]
    assert (root / "usr/include/demo.h").is_file()


def test_versions_with_epochs(machine: Machine) -> None:
    machine.repository.suites["noble"].append(
        Package(name="libepoch-dev", version="2:1.0+dfsg-1~a", files={"/usr/include/e.h": ""})
    )
    machine.repository.publish()
    assert (machine.made("libepoch-dev") / "usr/include/e.h").is_file()


def test_an_exact_version(machine: Machine) -> None:
    newer = replace(machine.repository.package("libother-dev"), version="2.0-1", files={"/usr/include/other.h": "2\n"})
    machine.repository.suites["noble"].append(newer)
    machine.repository.publish()
    assert (machine.made("libother-dev=1.0-1") / "usr/include/other.h").read_text() == "#define OTHER 1\n"


def test_nothing_is_written_elsewhere(machine: Machine) -> None:
    before = tree(machine.home)
    machine.made("libdemo-dev", "-o", machine.home / "root")
    new = {name.partition("/")[0] for name in tree(machine.home).keys() - before.keys()}
    assert new == {"cache", "root"}


def test_a_link_of_one_package_does_not_lead_another_out(machine: Machine) -> None:
    """A directory may be a link to /run in one package, and another package have files below it."""
    outside = machine.home / "outside"
    outside.mkdir()
    machine.repository.suites["noble"] += [
        Package(name="aaa-link", links={"/var/lib/shared": str(outside)}),
        Package(name="libzzz-dev", depends="aaa-link", files={"/var/lib/shared/file": "", "/usr/include/z.h": ""}),
    ]
    machine.repository.publish()
    root = machine.made("libzzz-dev")
    assert not any(outside.iterdir())
    assert (root / "usr/include/z.h").is_file()
    assert inside(root / "var/lib/shared/file", root)


def test_packages_that_disagree_about_directories(machine: Machine) -> None:
    """What is a link in one is a directory in the next, and which of them is unpacked first is not said."""
    packages = []
    for pair in range(8):
        names = [f"/var/lib/shared{pair}-{number}" for number in range(60)]
        packages += [
            Package(name=f"lib{pair}-file", files={f"{name}/file": "" for name in names}),
            Package(name=f"lib{pair}-link", links=dict.fromkeys(names, f"/usr/share/common{pair}")),
        ]
    machine.repository.suites["noble"] += packages
    machine.repository.publish()
    root = machine.made(*[package.name for package in packages])
    for name in (name for package in packages for name in package.links):
        assert (root / name.lstrip("/") / "file").is_file()
        assert inside(root / name.lstrip("/"), root)


def test_directories_in_use_are_not_taken(machine: Machine) -> None:
    mine = machine.home / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    ended = machine.create("-o", mine)
    assert ended.code == 2
    assert str(mine) in ended.err
    assert tree(mine) == {"thesis.txt": b"years of work"}
    assert machine.server.asked == []


def test_an_empty_directory_is_taken(machine: Machine) -> None:
    (machine.home / "new").mkdir()
    assert (machine.made("-o", machine.home / "new") / MANIFEST).is_file()


def test_the_manifest_tells_where_it_came_from(machine: Machine) -> None:
    facts = json.loads((machine.made("libdemo-dev") / MANIFEST).read_text())
    assert facts["name"] == NOBLE
    assert facts["request"]["mirror"] == machine.server.url
    assert {package["name"] for package in facts["packages"]} > {"libc6", "libdemo1", "libdemo-dev"}


def test_it_is_a_host(machine: Machine) -> None:
    host = describe_host(str(machine.made()), python=None)
    assert isinstance(host, Host)
    assert (host.python_version[:2], host.platform.architecture.name) == ((3, 12), "aarch64")
    assert host.platform.libc_version == (2, 39)


def test_the_default_compiler_of_the_release_decides(machine: Machine) -> None:
    machine.repository.suites["jammy"] = Release(python=10, gcc=11, glibc="2.35").packages()
    machine.repository.publish()
    root = machine.made(name="ubuntu:jammy:arm64")
    assert [path.name for path in root.glob("usr/include/c++/*")] == ["11"]
    assert (root / "usr/include/python3.10/Python.h").is_file()


def test_failures_are_documents_too(machine: Machine) -> None:
    ended = machine.create("libnot-there-dev", "--json")
    assert ended.code == 11
    assert ended.json["sysroots"] == []
    assert ended.json["error"]["exit_code"] == 11
    assert "libnot-there-dev" in ended.json["error"]["what"]


def test_loud_and_quiet_at_once(machine: Machine) -> None:
    ended = machine.create("-v", "-q")
    assert ended.code == 2
    assert "-v and -q" in ended.err
    assert machine.server.asked == []
