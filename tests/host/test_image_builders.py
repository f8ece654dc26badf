"""The examples for Buildroot and Yocto: GNU make and BitBake's parser read them, and what these would run is run.

Neither's own tree is there: what the examples use of it is stood in for, as the few lines that they see of it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import installer
import pytest

from tests.commands import copy_project
from tests.examples import EXAMPLES, REPOSITORY, runner_environ
from tests.host.test_samples import facts_on
from tests.testbed.hosts import run_on_host
from tests.testbed.roots import link_or_copy

if TYPE_CHECKING:
    from collections.abc import Callable

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import Crossbuild
    from tests.testbed.hosts import HostRoot

pytestmark = pytest.mark.host

GNU = "arm-linux-gnueabihf"

BUILDROOT = r"""
pkgname = python-example
UPPERCASE = PYTHON_EXAMPLE
PYTHON3_VERSION_MAJOR = 3.11
PARALLEL_JOBS = 1
TARGET_MAKE_ENV = GIT_DIR=. PATH="$(HOST_DIR)/bin:$(PATH)"
PKG_PYTHON_PEP517_ENV = PYTHONNOUSERSITE=1
PKG_PYTHON_PEP517_INSTALL_TARGET_CMD = \
	-m installer --no-compile-bytecode --destdir=$(TARGET_DIR) --prefix=/usr dist/*

define inner-generic-package
$(1)-build: PKG = $(2)
$(1)-build:
	$$($$(PKG)_BUILD_CMDS)
$(1)-install: PKG = $(2)
$(1)-install: $(1)-build
	$$($$(PKG)_INSTALL_TARGET_CMDS)
$(1)-show-depends:
	@echo $$($(2)_DEPENDENCIES)
endef

include $(BR2_EXTERNAL_CROSSBUILD_PATH)/external.mk
"""
"""What Buildroot has where an external tree's makefile is read; for its own install script, installer's."""

OPENEMBEDDED = {
    "base": "",
    "python3native": 'DEPENDS:append = " python3-native"\nexport STAGING_INCDIR\nexport STAGING_LIBDIR\n',
    "python_pep517": (
        'PEP517_SOURCE_PATH ?= "${S}"\nPEP517_WHEEL_PATH ?= "${WORKDIR}/dist"\n'
        "python_pep517_do_compile () {\n    exit 1\n}\nEXPORT_FUNCTIONS do_compile\n"
    ),
}
"""The classes of OpenEmbedded-Core that the example inherits, as far as they matter to it."""


@pytest.fixture
def environ(crossbuild: Crossbuild) -> dict[str, str]:
    inherited = runner_environ(crossbuild.bed.environ, CROSSBUILD_CACHE_DIR=str(crossbuild.cache_dir))
    path = ":".join((*map(str, crossbuild.programs), inherited["PATH"]))
    return inherited | {"PATH": path, "PYTHONPATH": str(REPOSITORY / "src")}


@pytest.fixture
def native_python(build_python: Callable[[tuple[int, int]], BuildPython], tmp_path: Path) -> Path:
    """A Python as Buildroot and Yocto build one for their own use, with the library ``installer``."""
    directory = tmp_path / "native"
    build = build_python((3, 11)).executable
    subprocess.run([build, "-m", "venv", "--without-pip", directory], check=True)
    (site,) = directory.glob("lib/python*/site-packages")
    (site / "installer").symlink_to(Path(installer.__file__).parent)
    return directory / "bin/python3"


def test_buildroot_builds_and_installs_a_package(
    environ: dict[str, str], native_python: Path, debian_armhf: HostRoot, gnu_armhf: Path, tmp_path: Path
) -> None:
    project = copy_project("setuptools-c", tmp_path / "build")
    variables = {
        "BR2_EXTERNAL_CROSSBUILD_PATH": EXAMPLES / "buildroot",
        "STAGING_DIR": debian_armhf.root,
        "TARGET_DIR": tmp_path / "target",
        "HOST_DIR": native_python.parents[1],
        "TARGET_CROSS": gnu_armhf / f"{GNU}-",
        "PYTHON_EXAMPLE_BUILDDIR": project,
        "PYTHON_EXAMPLE_CROSSBUILD_OPTS": "--verbose",
        "CROSSBUILD": f"{sys.executable} -m crossbuild",
    }
    (tmp_path / "Makefile").write_text(BUILDROOT)

    def make(goal: str) -> str:
        command = ["make", goal, *(f"{name}={value}" for name, value in variables.items())]
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    assert make("python-example-show-depends").split() == ["host-python3", "python3", "host-python-installer"]
    output = make("python-example-install")
    assert f"Compiler: {GNU}-gcc (" in output
    (wheel,) = project.glob("dist/*.whl")
    assert wheel.name.endswith("armv7l.whl")
    site = tmp_path / "target/usr/lib/python3.11/site-packages"
    assert (site / "setuptools_c-1.0.dist-info/RECORD").exists()
    done = run_on_host(debian_armhf, "import setuptools_c; print(setuptools_c.facts()['sizeof_pointer'])", site)
    assert done.stdout == "4\n", done.stderr


def test_yocto_compiles_a_recipe(
    environ: dict[str, str], native_python: Path, debian_armhf: HostRoot, gnu_armhf: Path, tmp_path: Path
) -> None:
    """BitBake's own parser makes the script of do_compile; its sysroot has no executables, as Yocto's has not."""
    project = copy_project("setuptools-c", tmp_path / "sources/example-1.0")
    sysroot = tmp_path / "recipe-sysroot"
    for directory in ("usr/lib", "usr/include", "lib"):
        shutil.copytree(debian_armhf.root / directory, sysroot / directory, symlinks=True, copy_function=link_or_copy)
    for name, text in OPENEMBEDDED.items():
        file = tmp_path / f"meta/classes-recipe/{name}.bbclass"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    gcc = f"{gnu_armhf}/{GNU}-"
    variables = {
        "BBPATH": f"{EXAMPLES / 'yocto'}:{tmp_path / 'meta'}",
        "OVERRIDES": "class-target",
        "PV": "1.0",
        "UNPACKDIR": project.parent,
        "WORKDIR": tmp_path,
        "PYTHON": native_python,
        "PYTHON_BASEVERSION": "3.11",
        "STAGING_DIR_TARGET": sysroot,
        "STAGING_EXECPREFIXDIR": sysroot / "usr",
        "STAGING_INCDIR": sysroot / "usr/include",
        "STAGING_LIBDIR": sysroot / "usr/lib",
        "CC": f"{gcc}gcc -march=armv7-a+fp --sysroot={sysroot}",
        "CXX": f"{gcc}g++ -march=armv7-a+fp --sysroot={sysroot}",
        "AR": f"{gcc}gcc-ar",
        "CROSSBUILD": f"{sys.executable} -m crossbuild",
    }
    script = _bitbake_script("do_compile", variables, environ, tmp_path)
    assert "DEPENDS: python3-native python3" in " ".join(script.split())
    done = subprocess.run(
        ["sh", "-e", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    assert facts_on(debian_armhf, wheel, tmp_path)


def _bitbake_script(task: str, variables: dict[str, object], environ: dict[str, str], directory: Path) -> str:
    """Return what BitBake would let the shell run for the example's ``task``."""
    modules = directory / "bitbake"
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(modules), "bitbake-setup>=2.19"]
    subprocess.run(uv, env=environ, check=True)
    recipe = EXAMPLES / "yocto/recipes/python3-example_1.0.bb"
    program = REPOSITORY / "tests/bitbake_script.py"
    settings = [f"{name}={value}" for name, value in variables.items()]
    done = subprocess.run(
        [sys.executable, program, recipe, task, *settings],
        cwd=directory,
        env=environ | {"PYTHONPATH": str(modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
