"""Images that things are installed into, and what a device does with them."""

from __future__ import annotations

import json
import shutil
import stat
from typing import TYPE_CHECKING

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.testbed.images import image_of, run_in
from tests.unit.wheel_samples import make_elf, make_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot
    from tests.testbed.images import Image

pytestmark = pytest.mark.host

SITE = "/usr/local/lib/python3.11/dist-packages"
TOOL = b"""
import json, pathlib, sys
import setuptools_c, yaml

def main():
    table = pathlib.Path(sys.prefix, "local/share/tool/table.yaml").read_text()
    told = dict(python=sys.executable, version=setuptools_c.facts()["PY_VERSION"], table=yaml.load(table, yaml.CLoader))
    print(json.dumps(told | dict(argv=sys.argv[1:], file=main.__code__.co_filename, cached=__cached__)))
    return 7
"""
TOOL_FILES = {
    "tool/__init__.py": TOOL,
    "tool-1.0.dist-info/entry_points.txt": b"[console_scripts]\ntool = tool:main\n",
    "tool-1.0.data/data/share/tool/table.yaml": b"[1, 2]",
    "tool-1.0.data/scripts/plain-tool": b"#!python\nimport tool\ntool.main()\n",
}


@pytest.fixture
def image(bed: Bed, debian_arm64: HostRoot, tmp_path: Path) -> Iterator[Image]:
    """A copy of a Debian root, which goes after the test: it is large."""
    made = image_of(bed, debian_arm64, tmp_path / "image")
    yield made
    shutil.rmtree(made.root)


@pytest.fixture
def install(crossbuild: Crossbuild, image: Image, gnu_aarch64: Path) -> Callable[..., str]:
    """A function that installs into the image, and returns what was reported."""

    def call(*words: str | Path) -> str:
        done = crossbuild("install", *words, "--root", image.root, host=image.host, compilers=gnu_aarch64)
        assert done.returncode == 0, done.stderr
        return done.stderr

    return call


@pytest.fixture
def uninstall(crossbuild: Crossbuild, image: Image) -> Callable[..., None]:
    def call(*names: str) -> None:
        done = crossbuild("uninstall", *names, "--root", image.root, host=image.host)
        assert done.returncode == 0, done.stderr

    return call


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    """A wheel with scripts and data, which needs pyyaml."""
    return make_wheel(tmp_path, TOOL_FILES, project="tool-1.0", tag="py3-none-any", requires=["pyyaml"])


@pytest.fixture
def extension(built_wheels: BuiltWheels, debian_arm64: HostRoot, gnu_aarch64: Path) -> Path:
    return built_wheels.sample("setuptools-c", "--toolchain", "gnu", host=debian_arm64, compilers=gnu_aarch64)


def files_of(image: Image) -> dict[str, tuple[int, str]]:
    """Return all but the directories: those that every installation makes stay."""
    return {name: facts for name, facts in image.tree().items() if not stat.S_ISDIR(facts[0])}


@pytest.mark.parametrize("script", ["tool", "plain-tool"])
def test_scripts_extensions_and_data_work(
    script: str, image: Image, install: Callable[..., str], tool: Path, extension: Path
) -> None:
    install(tool, extension, "--strip", *(["--compile"] if script == "tool" else []))
    done = run_in(image, script, "an argument")
    assert done.returncode == {"tool": 7, "plain-tool": 0}[script], done.stderr
    told = json.loads(done.stdout)
    assert told.pop("version").startswith("3.11.")
    assert told == {
        "python": "/usr/bin/python3.11",
        "table": [1, 2],
        "argv": ["an argument"],
        "file": f"{SITE}/tool/__init__.py",
        "cached": f"{SITE}/tool/__pycache__/__init__.cpython-311.pyc",
    }
    assert (image.root / told["cached"][1:]).is_file() == (script == "tool")


def test_bytecode_is_used_and_names_the_paths_of_the_device(
    image: Image, install: Callable[..., str], tool: Path
) -> None:
    install("click", "--compile")
    before = image.tree()
    code = "import click, traceback\ntry: click.IntRange(1)('x')\nexcept click.BadParameter: traceback.print_exc()"
    done = run_in(image, "python3", "-v", "-c", code, write_bytecode=True)
    cached = f"{SITE}/click/__pycache__/types.cpython-311.pyc"
    assert f"# {cached} matches {SITE}/click/types.py" in done.stderr
    assert f"# code object from '{cached}'" in done.stderr
    assert f'File "{SITE}/click/types.py", line ' in done.stderr
    written = {name for name in image.tree().keys() - before.keys() if "click" in name}
    assert not written


def test_upgraded_and_removed(image: Image, install: Callable[..., str], uninstall: Callable[..., None]) -> None:
    untouched = files_of(image)
    install("flask==3.0.3", "click==8.1.7", "--compile")
    older = files_of(image)
    install("click", "--compile")
    assert files_of(image) == older, "it will do"
    install("--upgrade", "flask", "--compile")
    assert not list(image.root.glob(f"{SITE[1:]}/flask-3.0.*"))
    assert list(image.root.glob(f"{SITE[1:]}/click-8.1.7.dist-info")), "nobody asked for another"
    shown = run_in(image, "flask", "--version").stdout
    assert "Flask 3." in shown
    assert "Flask 3.0.3" not in shown
    names = [path.name.partition("-")[0] for path in image.root.glob(f"{SITE[1:]}/*.dist-info")]
    uninstall(*names)
    assert files_of(image) == untouched


def test_installed_again_it_is_the_same(
    image: Image, install: Callable[..., str], uninstall: Callable[..., None], tool: Path, extension: Path
) -> None:
    words = (tool, extension, "--compile", "--strip")
    install(*words)
    first = image.tree()
    install(*words)
    assert image.tree() == first
    uninstall("tool", "setuptools-c", "pyyaml")
    install(*words)
    assert image.tree() == first


def test_a_library_that_the_device_lacks(
    image: Image, crossbuild: Crossbuild, install: Callable[..., str], tmp_path: Path
) -> None:
    native = make_elf(needed=("libc.so.6", "libnowhere.so.7"))
    make_wheel(tmp_path, {"lacking/native.abi3.so": native}, project="lacking-1.0", tag="cp311-abi3-linux_aarch64")
    words = ("lacking", "--no-index", "--find-links", tmp_path)
    lacks = f"libnowhere.so.7, which lacking needs ({SITE}/lacking/native.abi3.so)"
    assert f"warning: The image lacks {lacks}." in install(*words)
    done = crossbuild("install", *words, "--strict", "--root", image.root, host=image.host)
    assert done.returncode == 12
    assert lacks in done.stderr.partition("error: ")[2]
    told = crossbuild("install", *words, "--strict", "--json", "--root", image.root, host=image.host)
    document = json.loads(told.stdout)
    assert (document["error"]["exit_code"], document["missing"][0]["soname"]) == (12, "libnowhere.so.7")
    (image.root / "usr/lib/aarch64-linux-gnu/libnowhere.so.7").write_bytes(native)
    assert "warning" not in install(*words, "--strict")


def test_what_is_written_down_is_what_is_there(
    image: Image, install: Callable[..., str], tool: Path, extension: Path, tmp_path: Path
) -> None:
    before = files_of(image)
    bill, manifest = tmp_path / "bill.json", tmp_path / "manifest.json"
    install(tool, extension, "--compile", "--sbom", bill, "--manifest", manifest)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill.read_text()) is None
    components = json.loads(bill.read_text())["components"]
    assert {one["name"] for one in components} == {"pyyaml", "setuptools-c", "tool"}
    listed = [file for one in json.loads(manifest.read_text())["packages"] for file in one["files"]]
    content = {file["path"][1:]: file["sha256"] for file in listed}
    assert content == {name: facts[1] for name, facts in files_of(image).items() if name not in before}
