"""What pip on a device makes of a wheelhouse: the choice that it would have made itself, and an index."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from tests.testbed.images import image_of, run_in

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot
    from tests.testbed.images import Image

pytestmark = pytest.mark.host

ANY = "py3-none-any"
ARM = "manylinux_2_17_aarch64.manylinux2014_aarch64"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A wheel that is to be had."""

    release: str
    """``name-1.0``"""
    tag: str = ANY
    headers: tuple[str, ...] = ()
    """Lines of its metadata."""

    def write(self, directory: Path) -> None:
        """Write it into ``directory``, with a module of its own name that says its version."""
        name, version = self.release.split("-")[:2]
        info = f"{name}-{version}.dist-info"
        metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *self.headers, ""]
        members = {
            f"{name}.py": f"version = {version!r}\n",
            f"{info}/METADATA": "\n".join(metadata),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {self.tag}\n",
        }
        record = io.StringIO()
        rows = [(path, f"sha256={_digest(text)}", len(text)) for path, text in members.items()]
        csv.writer(record, lineterminator="\n").writerows([*rows, (f"{info}/RECORD", "", "")])
        with zipfile.ZipFile(directory / f"{self.release}-{self.tag}.whl", "w") as archive:
            for path, text in {**members, f"{info}/RECORD": record.getvalue()}.items():
                archive.writestr(path, text)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def offer(release: str, *headers: str, tag: str = ANY, requires: tuple[str, ...] = ()) -> Offer:
    return Offer(release=release, tag=tag, headers=(*headers, *(f"Requires-Dist: {one}" for one in requires)))


WORLD = [
    *(offer(f"leaf-{version}") for version in ("1.0", "1.5", "2.0", "2.1b1")),
    *(offer(f"early-{version}") for version in ("0.1a1", "0.1a2")),
    *(offer(f"epoch-{version}") for version in ("2024.1", "1!0.5", "1!0.5.post1", "1!0.6.dev1")),
    *(offer(f"local-{version}") for version in ("1.0", "1.0+board.2", "1.0+board.10")),
    *(offer(f"{name}-1.0") for name in ("arm", "intel", "cpython", "pypy", "linux", "windows", "fast", "safe")),
    offer(
        "machine-1.0",
        requires=(
            "arm; platform_machine == 'aarch64'",
            "intel; platform_machine == 'x86_64'",
            "leaf<2; platform_machine in 'aarch64 arm64'",
        ),
    ),
    offer(
        "version-1.0",
        requires=(
            "leaf==1.0; python_full_version < '3.11'",
            "leaf==1.5; python_full_version >= '3.11' and python_version < '3.12'",
            "absent; python_full_version >= '3.12'",
        ),
    ),
    offer(
        "implementation-1.0",
        requires=(
            "cpython; implementation_name == 'cpython'",
            "pypy; platform_python_implementation == 'PyPy'",
            "leaf<2; implementation_version >= '3.11' and implementation_version < '3.12'",
        ),
    ),
    offer(
        "system-1.0",
        requires=(
            "linux; sys_platform == 'linux' and os_name == 'posix'",
            "windows; platform_system == 'Windows' or sys_platform == 'win32'",
        ),
    ),
    offer(
        "extras-1.0",
        "Provides-Extra: fast",
        "Provides-Extra: safe",
        "Provides-Extra: all",
        requires=(
            "fast; extra == 'fast' and platform_machine == 'aarch64'",
            "intel; extra == 'fast' and platform_machine != 'aarch64'",
            "safe; extra == 'safe'",
            "extras[fast,safe]; extra == 'all'",
        ),
    ),
    offer("python-1.0", "Requires-Python: >=3.7"),
    offer("python-2.0", "Requires-Python: >=3.7, <3.12"),
    offer("python-3.0", "Requires-Python: >=3.12"),
    offer("tags-1.0", requires=("leaf",)),
    offer("tags-2.0", tag=f"cp39-abi3-{ARM}"),
    offer("tags-2.0", tag=f"cp311-cp311-{ARM}"),
    offer("tags-2.0", tag="py3-none-any"),
    offer("tags-3.0", tag="cp311-cp311-manylinux_2_17_x86_64"),
    offer("tags-4.0", tag="cp311-cp311-musllinux_1_2_aarch64"),
    offer("tags-5.0", tag="cp311-cp311-manylinux_2_38_aarch64"),
    offer("tags-6.0", tag="cp312-cp312-manylinux_2_17_aarch64"),
    offer("builds-1.0-1", tag=ANY),
    offer("builds-1.0-2", tag=ANY),
    offer("newest-1.0", requires=("leaf<2",)),
    offer("newest-2.0", requires=("leaf>=2", "arm; platform_machine == 'aarch64'")),
    offer("newest-3.0", requires=("leaf>=2", "absent; platform_machine == 'aarch64'")),
    offer("elder-1.0", requires=("leaf>=1.5,<2",)),
    offer("cycle_a-1.0", requires=("cycle-b",)),
    offer("cycle_b-1.0", requires=("cycle-a", "leaf!=2.0")),
]
SETS = {
    "machine": "machine",
    "version": "version\nabsent; python_full_version < '3.11.0'",
    "implementation": "implementation\nsystem",
    "extras": "extras[all]",
    "extra-that-is-not": "extras[fast,none]\nleaf[none]",
    "constraints": "leaf\nextras[safe]\n-c constraints.txt",
    "pre-releases": "early\nleaf>=2.1b1\nepoch",
    "all-pre-releases": "--pre\nearly\nleaf\nepoch",
    "requires-python": "python",
    "tags": "tags\nbuilds",
    "backtracking": "newest\nelder",
    "local": "local\nepoch>=2024\nleaf~=1.0",
    "cycle": "cycle.A",
}
CONSTRAINTS = "leaf<2; platform_machine == 'aarch64'\nleaf<1.5; platform_machine == 'x86_64'\nfast==9; extra == 'x'\n"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with all that is to be had, and the requirement sets."""
    directory = tmp_path_factory.mktemp("world")
    for one in WORLD:
        one.write(directory)
    for name, text in SETS.items():
        (directory / f"{name}.txt").write_text(f"{text}\n")
    (directory / "constraints.txt").write_text(CONSTRAINTS)
    return directory


@pytest.fixture(scope="module")
def device(
    bed: Bed, debian_arm64: HostRoot, crossbuild: Crossbuild, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Image]:
    """A device with pip."""
    image = image_of(bed, debian_arm64, tmp_path_factory.mktemp("device") / "image")
    done = crossbuild("install", "pip", "--compile", "--root", image.root, host=debian_arm64)
    assert done.returncode == 0, done.stderr
    yield image
    shutil.rmtree(image.root)


# pip's start takes seconds there; what it is imported for is its command line.
ASK = """
import json, pathlib, sys
from pip._internal.cli.main import main
options = ["--dry-run", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--report"]
told = {}
for name, *source in json.loads(sys.argv[1]):
    report = pathlib.Path("/tmp/report.json")
    report.unlink(missing_ok=True)
    failed = main(["install", *options, str(report), "-r", f"/world/{name}.txt", *source])
    found = [] if failed else json.loads(report.read_text())["install"]
    told[name] = [one["download_info"]["url"].rpartition("/")[2] for one in found]
print(json.dumps(told))
"""


def chosen_by_pip(device: Image, binds: dict[Path, str], *sets: list[str]) -> dict[str, set[str]]:
    """Return, by the names of ``sets``, the wheels that pip on the device would install; none if it fails.

    A set is its name and the options that say where its wheels are.
    """
    done = run_in(device, "python3", "-c", ASK, json.dumps(sets), binds=binds)
    assert done.returncode == 0, done.stderr
    told: dict[str, list[str]] = json.loads(done.stdout)
    return {name: set(map(unquote, wheels)) for name, wheels in told.items()}


def test_the_versions_are_those_that_pip_chooses(
    world: Path, device: Image, crossbuild: Crossbuild, tmp_path: Path
) -> None:
    chosen = {}
    for name in SETS:
        wheels, index = tmp_path / "wheels" / name, tmp_path / "indexes" / name
        words = ("-r", world / f"{name}.txt", "--no-index", "--find-links", world)
        done = crossbuild("wheel", *words, "-w", wheels, "--index", index, host=device.host)
        assert done.returncode == 0, done.stderr
        chosen[name] = {path.name for path in wheels.iterdir()}
    binds = {world: "/world", tmp_path / "indexes": "/indexes"}
    everything = [[name, "--no-index", "--find-links=/world"] for name in SETS]
    assert chosen_by_pip(device, binds, *everything) == chosen
    just_that = [[name, f"--index-url=file:///indexes/{name}"] for name in SETS]
    assert chosen_by_pip(device, binds, *just_that) == chosen


@pytest.fixture(scope="module")
def index(
    debian_arm64: HostRoot, crossbuild: Crossbuild, built_wheels: BuiltWheels, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """An index with an application: wheels of the index, and an extension that was built."""
    directory = tmp_path_factory.mktemp("application")
    built = built_wheels.sample("setuptools-c", "--toolchain", "zig", host=debian_arm64)
    (directory / "app.txt").write_text(f"httpx\npyyaml\n{built}\n")
    places = ("-w", directory / "wheels", "--index", directory / "index")
    done = crossbuild("wheel", "-r", directory / "app.txt", *places, host=debian_arm64)
    assert done.returncode == 0, done.stderr
    return directory / "index"


def install_on(device: Image, index: Path, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Let pip on the device install from ``index`` into ``directory``, which the device calls ``/app``."""
    options = ("--disable-pip-version-check", "--no-cache-dir", "--no-compile", "--target", "/app")
    binds = {index: "/index", directory: "/app"}
    return run_in(device, "pip", "install", *options, "--index-url", "file:///index", *words, binds=binds)


def hashed(index: Path) -> str:
    """Return a requirements file for what is in ``index``, as that tells the hashes."""
    pages = [json.loads(page.read_text()) for page in index.glob("*/index.json")]
    files = [(page["name"], page["files"][0]) for page in pages]
    return "\n".join(
        f"{name}=={file['filename'].split('-')[1]} --hash=sha256:{file['hashes']['sha256']}" for name, file in files
    )


def test_pip_installs_from_the_index(device: Image, index: Path, tmp_path: Path) -> None:
    (tmp_path / "hashed.txt").write_text(hashed(index))
    done = install_on(device, index, tmp_path, "--require-hashes", "-r", "/app/hashed.txt")
    assert done.returncode == 0, done.stderr
    code = "import httpx, setuptools_c, yaml; print(setuptools_c.facts()['PY_VERSION'], yaml.CLoader.__name__)"
    done = run_in(device, "python3", "-c", code, environ={"PYTHONPATH": "/app"}, binds={tmp_path: "/app"})
    assert re.fullmatch(r"3\.11\.\d+ CLoader\n", done.stdout), done.stderr


def test_pip_refuses_a_damaged_wheel(device: Image, index: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "index"
    shutil.copytree(index, damaged)
    (wheel,) = damaged.rglob("httpx-*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    (tmp_path / "app").mkdir()
    done = install_on(device, damaged, tmp_path / "app", "httpx", "--verbose")
    assert re.search(r"Obtaining dependency information for httpx\S* from file:///index/\S+\.metadata", done.stdout)
    assert done.returncode == 1
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in done.stderr
    assert not any((tmp_path / "app").iterdir())
