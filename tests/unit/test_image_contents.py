"""What is done to the files of an image, and what is said of them: bytecode, stripping, lists, missing libraries."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.direct_url import ArchiveInfo, DirectUrl

from crossbuild.errors import InstallError
from crossbuild.image.manifest import manifest
from crossbuild.image.missing_libraries import missing_libraries
from crossbuild.image.sbom import sbom
from crossbuild.image.wheel_layout import Layout
from crossbuild.reporting import SilentReporter
from crossbuild.wheels.distribution import Origin
from tests.unit.image_samples import HOST, SITE, files_of, make_distribution, put, take
from tests.unit.wheel_samples import make_elf

if TYPE_CHECKING:
    from crossbuild.host.model import Host
    from crossbuild.wheels.distribution import Distribution

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"
TAG = sys.implementation.cache_tag
LIBRARIES = f"usr/lib/python{VERSION}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


@pytest.fixture
def same() -> Host:
    """A host whose Python is the one that runs."""
    return replace(HOST, python_version=sys.version_info[:3])


class Warnings(SilentReporter):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warning(self, text: str) -> None:
        self.warnings.append(text)


def test_bytecode(tmp_path: Path, root: Path, same: Host) -> None:
    files = {"probe/a.py": b"def f(): pass\n", "probe/broken.py": b"def (:\n", "probe/b.py": b"x = '\\d'\n"}
    put(make_distribution(tmp_path, files), into=root, host=same, compile_with=Path(sys.executable))
    site = root / LIBRARIES / "site-packages"
    made = {name for name in files_of(root) if name.endswith(".pyc")}
    assert made == {f"{LIBRARIES}/site-packages/probe/__pycache__/{name}.{TAG}.pyc" for name in ("a", "b")}
    content = (site / f"probe/__pycache__/a.{TAG}.pyc").read_bytes()
    assert content[:4] == importlib.util.MAGIC_NUMBER
    assert content[4] == 3, "checked by the source's hash"
    assert content[8:16] == importlib.util.source_hash(b"def f(): pass\n")
    assert f"/{LIBRARIES}/site-packages/probe/a.py".encode() in content
    assert str(tmp_path).encode() not in content
    with (site / "probe-1.0.dist-info/RECORD").open(newline="") as stream:
        rows = [row for row in csv.reader(stream) if row[0].endswith(".pyc")]
    assert rows == [[f"probe/__pycache__/{name}.{TAG}.pyc", "", ""] for name in ("a", "b")]


def test_bytecode_goes_with_its_module(tmp_path: Path, root: Path) -> None:
    cache = root / SITE / "probe/__pycache__"
    put(make_distribution(tmp_path, {"probe/a.py": b""}), into=root)
    cache.mkdir()
    for name in ("a.cpython-311.pyc", "a.cpython-311.opt-1.pyc"):
        (cache / name).write_bytes(b"")
    take("probe", out_of=root)
    assert not files_of(root)


def test_a_root_with_other_bytecode(tmp_path: Path, root: Path, same: Host) -> None:
    cache = root / LIBRARIES / "__pycache__"
    cache.mkdir(parents=True)
    (cache / f"os.{TAG}.pyc").write_bytes(b"\0\0\r\n" + bytes(12))
    with pytest.raises(InstallError, match=f"Its bytecode is not that of the host's Python {VERSION}"):
        put(make_distribution(tmp_path, {"a.py": b""}), into=root, host=same, compile_with=Path(sys.executable))
    assert len(files_of(root)) == 1


def program(directory: Path, text: str) -> Path:
    path = directory / "strip"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


STRIPPED = make_elf(soname="probe.so", needed=("libc.so.6",))
FILES = {"probe/x.so": STRIPPED + b"debugging data", "probe/data.bin": b"data", "probe/lib.a": b"!<arch>\n"}


def test_stripped(tmp_path: Path, root: Path) -> None:
    strip = program(tmp_path, f'test "$1 $2" = "--strip-unneeded -o" && head -c {len(STRIPPED)} "$4" > "$3"')
    put(make_distribution(tmp_path, FILES), into=root, strip=strip)
    assert (root / SITE / "probe/x.so").read_bytes() == STRIPPED
    assert (root / SITE / "probe/data.bin").read_bytes() == b"data"
    with (root / SITE / "probe-1.0.dist-info/RECORD").open(newline="") as stream:
        sizes = {name: size for name, _, size in csv.reader(stream)}
    assert sizes["probe/x.so"] == str(len(STRIPPED))


@pytest.mark.parametrize(
    ("text", "why"),
    [("echo unknown format; exit 1", "unknown format"), ('head -c 100 "$4" > "$3"', "strip damages it")],
)
def test_what_cannot_be_stripped_stays(tmp_path: Path, root: Path, text: str, why: str) -> None:
    heard = Warnings()
    put(make_distribution(tmp_path, FILES), into=root, strip=program(tmp_path, text), reporter=heard)
    assert (root / SITE / "probe/x.so").read_bytes() == FILES["probe/x.so"]
    (warning,) = heard.warnings
    assert warning.startswith(f"/{SITE}/probe/x.so was not stripped: ")
    assert why in warning


def test_no_strip_at_all(tmp_path: Path, root: Path) -> None:
    with pytest.raises(InstallError, match="cannot be run"):
        put(make_distribution(tmp_path, FILES), into=root, strip=tmp_path / "nothing")
    assert not root.exists()


def missing(root: Path, sysroot: Path | None = None) -> list[str]:
    layout = Layout.from_host(HOST, root)
    found = missing_libraries(layout, put_in(root), replace(HOST, sysroot=sysroot))
    return [str(one) for one in found]


def put_in(root: Path) -> Any:
    from crossbuild.image.installed import installed_in

    return installed_in(Layout.from_host(HOST, root))


def library(root: Path, name: str, *needed: str) -> None:
    path = root / "usr/lib" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make_elf(soname=name, needed=needed))


def test_missing_libraries(tmp_path: Path, root: Path) -> None:
    files = {
        "probe/x.so": make_elf(needed=("libown.so", "libroot.so.1", "libsys.so.1", "libgone.so.1", "libc.so.6")),
        "probe.libs/libown.so": make_elf(soname="libown.so", needed=("libother.so",)),
    }
    sysroot = tmp_path / "sysroot"
    library(sysroot, "libc.so.6")
    library(root, "libroot.so.1", "libdeep.so.1")
    library(sysroot, "libsys.so.1")
    put(make_distribution(tmp_path, files), into=root)
    where = f"probe needs (/{SITE}/probe"
    assert sorted(missing(root, sysroot)) == [
        f"libdeep.so.1, which {where}/x.so)",
        f"libgone.so.1, which {where}/x.so)",
        f"libother.so, which {where}.libs/libown.so)",
    ]


@pytest.mark.parametrize(("place", "expected"), [("other/lib", 0), ("elsewhere", 1)])
def test_libraries_of_other_distributions(tmp_path: Path, root: Path, place: str, expected: int) -> None:
    library(root, "libc.so.6")
    uses = {"probe/x.so": make_elf(needed=("libshared.so",), runpath="$ORIGIN/../other/lib")}
    has = {f"{place}/libshared.so": make_elf(soname="libshared.so")}
    put(make_distribution(tmp_path, uses), make_distribution(tmp_path, has, project="other-1.0"), into=root)
    assert len(missing(root)) == expected


def test_libraries_for_another_machine_do_not_count(tmp_path: Path, root: Path) -> None:
    library(root, "libc.so.6")
    (root / "usr/lib/libz.so.1").write_bytes(make_elf("x86_64", soname="libz.so.1"))
    put(make_distribution(tmp_path, {"x.so": make_elf(needed=("libz.so.1",))}), into=root)
    assert len(missing(root)) == 1


def test_without_a_c_library_nothing_is_known(tmp_path: Path, root: Path) -> None:
    put(make_distribution(tmp_path, {"x.so": make_elf(needed=("libz.so.1",))}), into=root)
    assert not missing(root)


def app_and_probe(directory: Path, files: dict[str, bytes], root: Path) -> tuple[Distribution, Layout]:
    """Install an application and what it requires; return that, and the layout."""
    app = make_distribution(directory, {}, project="app-1.0", requires=["probe; sys_platform == 'linux'", "absent"])
    probe = make_distribution(directory, files)
    put(replace(app, requested=True), probe, into=root)
    return probe, Layout.from_host(HOST, root)


def test_the_manifest(tmp_path: Path, root: Path) -> None:
    _, layout = app_and_probe(tmp_path, {"a.py": b"a\n"}, root)
    app, probe = json.loads(json.dumps(manifest(layout, HOST)))["packages"]
    assert (app["name"], app["requested"], app["required-by"]) == ("app", True, [])
    assert (probe["version"], probe["requested"], probe["required-by"]) == ("1.0", False, ["app"])
    assert probe["origin"] == {
        "url": "https://index.example/probe-1.0-py3-none-any.whl",
        "filename": "probe-1.0-py3-none-any.whl",
        "hashes": {"sha256": "00" * 32},
        "index": "https://index.example/simple",
        "built": False,
    }
    assert {file["path"] for package in (app, probe) for file in package["files"]} == {
        f"/{name}" for name in files_of(root)
    }
    assert {
        "path": f"/{SITE}/a.py",
        "size": 2,
        "sha256": "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7",
    } in probe["files"]


def test_the_bill_of_materials(tmp_path: Path, root: Path) -> None:
    own = {"probe-1.0.dist-info/sboms/probe.cdx.json": b"{}"}
    probe, layout = app_and_probe(tmp_path, own, root)
    text = sbom(layout, HOST, timestamp=0)
    assert text == sbom(layout, HOST, timestamp=0)
    document = json.loads(text)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert document["metadata"]["timestamp"] == "1970-01-01T00:00:00+00:00"
    assert [one["purl"] for one in document["components"]] == ["pkg:pypi/app@1.0", "pkg:pypi/probe@1.0"]
    references = {one["type"]: one["url"] for one in document["components"][1]["externalReferences"]}
    assert references == {"bom": next(iter(own)), "distribution": probe.origin.url}
    graph = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    assert graph == {
        "root": ["pkg:pypi/app@1.0"],
        "pkg:pypi/app@1.0": ["pkg:pypi/probe@1.0"],
        "pkg:pypi/probe@1.0": [],
    }
    (root / SITE / "app-1.0.dist-info/METADATA").write_text("Name: app\nVersion: 1.0\nLicense-Expression: MIT\n")
    (licensed, _) = json.loads(sbom(layout, HOST))["components"]
    assert [one["license"]["id"] for one in licensed["licenses"]] == ["MIT"]


def test_what_an_installation_gave_before_is_in_the_bill(tmp_path: Path, root: Path) -> None:
    _, layout = app_and_probe(tmp_path, {}, root)
    whole = sbom(layout, HOST)
    take("app", out_of=root)
    assert len(json.loads(sbom(layout, HOST))["components"]) == 1
    app_and_probe(tmp_path, {}, root)
    assert sbom(layout, HOST) == whole


def test_a_bill_that_says_no_time_and_no_path_of_this_machine(tmp_path: Path, root: Path) -> None:
    found = make_distribution(tmp_path, {})
    url = f"file://{tmp_path}/x"
    put(
        replace(found, origin=Origin(url=url, filename="x", direct=DirectUrl(url=url, archive_info=ArchiveInfo()))),
        into=root,
    )
    text = sbom(Layout.from_host(HOST, root), HOST)
    assert "timestamp" not in json.loads(text)["metadata"]
    assert str(tmp_path) not in text
