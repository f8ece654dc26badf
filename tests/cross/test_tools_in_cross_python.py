"""Programs that find out for themselves what they run on: copies of packaging, virtualenv, uv, pip."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

from tests.cross.pythons import HOST_TAGS, NAMES, NEWEST, OLDEST, expected_platforms

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cross.pythons import Combination

pytestmark = pytest.mark.cross

COPIES = {
    # requirement: the modules of it that are packaging.tags
    "packaging==20.9": ["packaging.tags"],
    "packaging==21.3": ["packaging.tags"],
    "packaging==24.2": ["packaging.tags"],
    "packaging==26.0": ["packaging.tags"],
    "wheel==0.36.2": ["wheel.vendored.packaging.tags"],
    "wheel==0.45.1": ["wheel.vendored.packaging.tags"],
    "setuptools==59.6.0": ["setuptools.extern.packaging.tags", "pkg_resources.extern.packaging.tags"],
    "setuptools==75.3.0": ["setuptools._vendor.packaging.tags"],
    "pip==24.0": ["pip._vendor.packaging.tags"],
}
BEFORE_MUSLLINUX = ("packaging==20.9", "wheel==0.36.2")
BUILD_MACHINE = os.uname().machine

TELL_PLATFORMS = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
answers = {}
for name in sys.argv[2:]:
    tags = importlib.import_module(name)
    answers[name] = sorted({tag.platform for tag in tags.sys_tags()})
json.dump(answers, sys.stdout)
"""
TELL_HOST = """
import json, os, sys, sysconfig
json.dump([sysconfig.get_platform(), os.uname().machine, sysconfig.get_config_var("EXT_SUFFIX")], sys.stdout)
"""


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function of a requirement that installs it apart, once, and returns the directory."""
    root = tmp_path_factory.mktemp("copies")

    def install(requirement: str) -> Path:
        target = root / requirement
        if not target.exists():
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
            subprocess.run([*command, "--ignore-requires-python", requirement], check=True)
        return target

    return install


def tell(python: Path, code: str, *arguments: str | Path) -> object:
    answer = subprocess.run([python, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


@pytest.mark.parametrize("tag", [*HOST_TAGS, "manylinux_2_31_i686", "linux_armv6l", "linux_riscv64"])
@pytest.mark.parametrize("requirement", COPIES)
def test_every_copy_of_packaging_computes_the_hosts_tags(
    combine: Callable[[str, str], Combination], copies: Callable[[str], Path], requirement: str, tag: str
) -> None:
    combination = combine(OLDEST, tag)
    wanted = expected_platforms(combination.host.platform)
    if requirement in BEFORE_MUSLLINUX:
        wanted = {platform for platform in wanted if not platform.startswith("musllinux")}
    answers = tell(combination.python, TELL_PLATFORMS, copies(requirement), *COPIES[requirement])
    assert answers == {module: sorted(wanted) for module in COPIES[requirement]}


@pytest.mark.parametrize("tag", HOST_TAGS)
@pytest.mark.parametrize("version", NAMES)
@pytest.mark.parametrize("tool", ["virtualenv", "uv"])
def test_environments_that_other_tools_nest_answer_as_the_host(
    combine: Callable[[str, str], Combination], tool: str, version: str, tag: str, tmp_path: Path
) -> None:
    combination = combine(version, tag)
    nested = tmp_path / "nested"
    commands = {
        "virtualenv": [sys.executable, "-m", "virtualenv", "--quiet", "--no-download", "--without-pip"],
        "uv": [sys.executable, "-m", "uv", "venv", "--quiet", "--no-config", "--offline"],
    }
    environ = {**os.environ, "VIRTUALENV_OVERRIDE_APP_DATA": str(tmp_path), "UV_CACHE_DIR": str(tmp_path / "uv")}
    subprocess.run([*commands[tool], "--python", str(combination.python), str(nested)], env=environ, check=True)
    platform = combination.host.platform
    wanted = [platform.sysconfig_platform, platform.architecture.name, combination.host.ext_suffix]
    assert tell(nested / "bin/python", TELL_HOST) == wanted


@pytest.mark.parametrize("tag", [*HOST_TAGS, "linux_riscv64"])
def test_uv_chooses_wheels_for_the_host(combine: Callable[[str, str], Combination], tag: str, tmp_path: Path) -> None:
    """Which is why build requirements are never installed with the cross Python."""
    combination = combine(NEWEST, tag)
    platform = combination.host.platform
    write_wheel(tmp_path, "1.0", f"py3-none-{platform.wheel_tag}")
    write_wheel(tmp_path, "2.0", f"py3-none-manylinux_2_5_{BUILD_MACHINE}")
    uv = [sys.executable, "-m", "uv", "pip", "install", "--no-config", "--offline", "--no-index", "--dry-run"]
    done = subprocess.run(
        [*uv, "--find-links", tmp_path, "--python", combination.python, "probe"],
        env={**os.environ, "UV_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "+ probe==1.0" in done.stderr


@pytest.mark.parametrize("version", NAMES)
def test_what_a_build_fetches_with_pip_is_for_the_build_machine(
    combine: Callable[[str, str], Combination], version: str, tmp_path: Path
) -> None:
    """With or without a pip in the environment: that of ``CROSSBUILD_PIP`` is asked."""
    python = combine(version, HOST_TAGS[0]).python
    own_pip = tmp_path / "pip"
    own_pip.write_text('#!/bin/sh\necho "asked: $*"\n')
    own_pip.chmod(0o755)
    environ = {**os.environ, "CROSSBUILD_PIP": str(own_pip), "VIRTUAL_ENV": str(python.parent.parent)}
    words = ["--disable-pip-version-check", "wheel", "--no-deps", "a b"]
    done = subprocess.run([python, "-m", "pip", *words], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == "asked: --disable-pip-version-check wheel --no-deps a b\n"
    telling = subprocess.run([python, "-m", "pip", "debug"], env=environ, capture_output=True, text=True, check=False)
    importing = subprocess.run(
        [python, "-c", "import pip", "install"], env=environ, capture_output=True, text=True, check=False
    )
    assert "asked" not in telling.stdout + importing.stdout


def write_wheel(directory: Path, version: str, tag: str) -> None:
    metadata = f"probe-{version}.dist-info"
    with zipfile.ZipFile(directory / f"probe-{version}-{tag}.whl", "w") as wheel:
        wheel.writestr(f"{metadata}/METADATA", f"Metadata-Version: 2.1\nName: probe\nVersion: {version}\n")
        wheel.writestr(f"{metadata}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        wheel.writestr(f"{metadata}/RECORD", "")
