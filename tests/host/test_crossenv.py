"""What one does with crossenv, done with it and with crossbuild: each row of "Coming from crossenv", run.

crossenv gets what its documentation asks for: a build Python that was compiled here, of the very version of the host's,
and a compiler that knows its sysroot.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands import BuiltWheels, copy_project
from tests.crossenv import VERSION, Rows, Shell, compilers_with_sysroot, only_wheel
from tests.host.packages import PACKAGES
from tests.host.test_samples import facts_on
from tests.testbed.cpython import native_python
from tests.testbed.hosts import run_on_host
from tests.testbed.tools import write_zig_compilers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from tests.commands import Crossbuild
    from tests.testbed.bed import Bed
    from tests.testbed.hosts import HostRoot

pytestmark = [pytest.mark.host, pytest.mark.matrix]

row = Rows()

SITE = "lib/python3.13/site-packages"
WHO = """
import json, os, platform, sys, sysconfig
print(json.dumps({
    "platform": sysconfig.get_platform(),
    "suffix": sysconfig.get_config_var("EXT_SUFFIX"),
    "machines": sorted({os.uname().machine, platform.machine(), platform.uname().machine}),
    "node": os.uname().nodename,
    "sys.cross_compiling": getattr(sys, "cross_compiling", None),
    "sys.build_path": hasattr(sys, "build_path"),
    "PYTHON_CROSSENV": "PYTHON_CROSSENV" in os.environ,
}))
"""
HOST = {"platform": "linux-aarch64", "suffix": ".cpython-313-aarch64-linux-gnu.so", "machines": ["aarch64"]}


# --- What is typed into --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plain(bed: Bed, crossbuild: Crossbuild) -> Shell:
    """A shell where nothing was activated, on whose PATH crossbuild is."""
    environ = {name: value for name, value in bed.environ.items() if not name.startswith(("CROSSBUILD_", "PYTHON"))}
    own = {"CROSSBUILD_CACHE_DIR": str(crossbuild.cache_dir), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    path = os.pathsep.join((*map(str, crossbuild.programs), environ.get("PATH", os.defpath)))
    return Shell(environ={**environ, **own, "PATH": path, "TMPDIR": str(crossbuild.temporary)})


@pytest.fixture(scope="module")
def crossenv_venv(bed: Bed, plain: Shell, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A venv of a Python that was compiled here, with crossenv."""
    directory = tmp_path_factory.mktemp("crossenv")
    plain(f"{native_python(bed)} -m venv own && own/bin/pip3 install --quiet crossenv=={VERSION}", cwd=directory)
    return directory / "own"


@pytest.fixture(scope="module")
def old(
    plain: Shell,
    crossenv_venv: Path,
    trixie_arm64: HostRoot,
    gnu_aarch64: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Shell:
    """A shell in which crossenv's environment is activated."""
    directory = tmp_path_factory.mktemp("old")
    compilers = compilers_with_sysroot(directory / "compilers", gnu_aarch64, trixie_arm64.root)
    shell = plain.on_path(compilers).where(
        {
            "/path/to/build/python3": str(crossenv_venv / "bin/python3"),
            "/path/to/host/python3": str(trixie_arm64.python),
            "venv": str(directory / "venv"),
            "numpy": "markupsafe",
        }
    )
    shell("/path/to/build/python3 -m crossenv /path/to/host/python3 venv", cwd=directory)
    return shell.after(". venv/bin/activate")


@pytest.fixture(scope="module")
def new(
    plain: Shell,
    crossbuild: Crossbuild,
    trixie_arm64: HostRoot,
    gnu_aarch64: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Shell:
    """A shell in which crossbuild's environment is activated."""
    directory = tmp_path_factory.mktemp("new")
    build_python = " ".join(crossbuild.build_python_for(trixie_arm64.version))
    shell = plain.on_path(gnu_aarch64).where(
        {
            "crossbuild": f"{sys.executable} -m crossbuild",
            "/path/to/host/python3": f"{trixie_arm64.python} {build_python}",
            "venv": str(directory / "venv"),
            "numpy": "markupsafe",
        }
    )
    shell("crossbuild env --host /path/to/host/python3 venv", cwd=directory)
    return shell.after(". venv/activate")


def who(shell: Shell, python: str = "python") -> dict[str, object]:
    """Return what a Python of an environment says of itself."""
    told: dict[str, object] = json.loads(shell(f"{python} -c '{WHO}'"))
    return told


def works_on(host: HostRoot, *sites: Path) -> None:
    """Assert that the markupsafe in one of ``sites`` works on ``host``."""
    done = run_on_host(host, PACKAGES["markupsafe"].smoke, *sites)
    assert done.returncode == 0, done.stderr


# --- The rows of the page --------------------------------------------------------------------------------------------


@row("pip install crossenv", "/path/to/build/pip3 install crossenv", here=("pip install crossbuild",))
def test_installing(plain: Shell, crossenv_venv: Path) -> None:
    assert plain(f"{crossenv_venv}/bin/python -m crossenv --version") == f"crossenv {VERSION}\n"
    assert plain(f"{sys.executable} -m crossbuild --version").startswith("crossbuild ")


@row("configure --prefix=/path/to/build-python")
def test_the_build_python_may_be_anybodys(
    crossbuild: Crossbuild, debian_arm64: HostRoot, gnu_aarch64: Path, tmp_path: Path
) -> None:
    project = copy_project("setuptools-c", tmp_path / "project")
    host = str(debian_arm64.python)  # no build Python is named
    done = crossbuild("wheel", project, "-w", tmp_path, "--toolchain", "gnu", host=host, compilers=gnu_aarch64)
    assert done.returncode == 0, done.stderr
    facts_on(debian_arm64, only_wheel(tmp_path), tmp_path / "site")


@row(
    "PATH=… ./configure --prefix=/path/to/host-python --host=…",
    "make",
    "make install",
    here=("crossbuild wheel numpy --host musllinux_1_2_aarch64",),
)
def test_a_host_python_of_ones_own(
    bed: Bed, plain: Shell, crossenv_venv: Path, crossbuild: Crossbuild, musl_aarch64: HostRoot, tmp_path: Path
) -> None:
    (tmp_path / "compilers").mkdir()
    write_zig_compilers(bed, tmp_path / "compilers", "aarch64-linux-musl", "aarch64-linux-musl-")
    old = plain.on_path(tmp_path / "compilers")
    project = copy_project("setuptools-c", tmp_path / "project")
    old(f"{crossenv_venv}/bin/python -m crossenv --without-cross-pip {musl_aarch64.python} venv", cwd=tmp_path)
    old = old.after(f". {tmp_path}/venv/bin/activate && build-pip install --quiet setuptools wheel")
    old(f"python setup.py --quiet bdist_wheel -d {tmp_path / 'old'}", cwd=project)
    # Nothing in its name tells this wheel from one for glibc.
    assert only_wheel(tmp_path / "old").name.endswith("-cp313-cp313-linux_aarch64.whl")
    facts_on(musl_aarch64, only_wheel(tmp_path / "old"), tmp_path / "old-site")
    build_python = crossbuild.build_python_for(musl_aarch64.version)
    for host in (musl_aarch64, "musllinux_1_2_aarch64"):
        options = ["--python", "3.13", *build_python] if isinstance(host, str) else []
        into = tmp_path / f"for-{host if isinstance(host, str) else host.name}"
        done = crossbuild("wheel", project, "-w", into, "--toolchain", "zig", *options, host=host)
        assert done.returncode == 0, done.stderr
        assert only_wheel(into).name.endswith("-cp313-cp313-musllinux_1_2_aarch64.whl")
        facts_on(musl_aarch64, only_wheel(into), into / "site")


@row(
    "/path/to/build/python3 -m crossenv /path/to/host/python3 venv",
    here=("crossbuild env --host /path/to/host/python3 venv",),
)
def test_making_an_environment(old: Shell, new: Shell) -> None:
    for shell in (old, new):
        assert shell("command -v cross-python") == f"{shell.path('venv')}/bin/cross-python\n"


@row(". venv/bin/activate", here=(". venv/activate",))
def test_activating(plain: Shell, old: Shell, new: Shell) -> None:
    for shell in (old, new):
        assert shell("command -v python3").startswith(str(shell.path("venv")))
        assert shell("deactivate; command -v python3") == plain("command -v python3")


@row("python -m sysconfig", "python3 -m sysconfig", here=("python -m sysconfig",))
def test_sysconfig(old: Shell, new: Shell) -> None:
    names = ("Platform", "Python version", "EXT_SUFFIX", "SOABI", "HOST_GNU_TYPE", "SIZEOF_LONG", "MULTIARCH")
    asked = re.compile(rf"^\s*({'|'.join(names)})(?:: | = )(.*)$", re.MULTILINE)
    here = dict(asked.findall(new("python -m sysconfig")))
    assert here == dict(asked.findall(old("python -m sysconfig")))
    assert (here["Platform"], len(here)) == ('"linux-aarch64"', len(names))


@row(
    "pip install numpy",
    "pip -v install numpy",
    "pip install bcrypt",
    "pip install cryptography",
    "pip install <whatever>",
    "pip install",
    here=("cross-pip install numpy",),
)
def test_installing_for_the_host(old: Shell, new: Shell, trixie_arm64: HostRoot) -> None:
    old("pip -v install numpy")
    works_on(trixie_arm64, old.path("venv") / "cross" / SITE)
    new("cross-pip install numpy")
    works_on(trixie_arm64, new.path("venv") / "host" / SITE)
    # On this machine crossenv's cross Python imports it, but not its compiled part: it is another program then.
    imported = "python -c 'import markupsafe; print(markupsafe._escape_inner.__module__)'"
    assert old(imported) == "markupsafe._native\n"
    assert "No module named 'markupsafe'" in new.typed(imported).stderr


@row(
    "pip download numpy",
    "unzip -q ./numpy-1.14.1.zip",
    "cd numpy-1.14.1",
    "python setup.py bdist_wheel",
    here=("crossbuild wheel numpy --host /path/to/host/python3",),
)
def test_a_wheel(old: Shell, new: Shell, trixie_arm64: HostRoot, tmp_path: Path) -> None:
    unpacked = "mkdir source && tar -xf *.tar.gz --strip-components=1 -C source"
    old(f"pip download --no-deps --no-binary=:all: numpy && {unpacked}", cwd=tmp_path)
    made = {}
    for name, shell in (("old", old), ("new", new)):
        shell("build-pip install --quiet setuptools wheel")
        project = shutil.copytree(tmp_path / "source", tmp_path / name)
        shell("python setup.py --quiet bdist_wheel -d made", cwd=project)
        made[name] = only_wheel(project / "made")
    new(f"deactivate; crossbuild wheel numpy --host /path/to/host/python3 -w {tmp_path / 'checked'}")
    made["checked"] = only_wheel(tmp_path / "checked")
    assert len({wheel.name for wheel in made.values()}) == 1
    for name, wheel in made.items():
        works_on(trixie_arm64, BuiltWheels.unpacked(wheel, tmp_path / name / "site"))


@row("pip install wheel", "build-pip install wheel", here=("build-pip install wheel",))
def test_a_program_of_the_build(old: Shell, new: Shell) -> None:
    for shell in (old, new):
        shell("build-pip install wheel")
        assert "wheel" in shell("build-python -m wheel version")


@row("python setup.py install", here=("cross-pip install .",))
def test_installing_a_directory(old: Shell, new: Shell, trixie_arm64: HostRoot, tmp_path: Path) -> None:
    facts = "import setuptools_c; assert setuptools_c.facts()['SIZEOF_LONG'] == 8"
    project = copy_project("setuptools-c", tmp_path / "project")
    old("build-pip install --quiet setuptools")
    old("python setup.py --quiet install", cwd=project)
    new("cross-pip install .", cwd=project)
    for site in (old.path("venv") / "cross" / SITE, new.path("venv") / "host" / SITE):
        done = run_on_host(trixie_arm64, facts, site)
        assert done.returncode == 0, done.stderr


@row(
    "build-pip install cffi",
    "build-pip install Cython",
    "build-pip install <whatever>",
    here=("build-pip install cffi",),
)
def test_what_a_project_fails_to_declare(
    old: Shell, new: Shell, trixie_arm64: HostRoot, installed: Callable[..., Path], tmp_path: Path
) -> None:
    runtime = installed("cffi", version=trixie_arm64.version, platform="aarch64-manylinux_2_28")
    for name, shell in (("old", old), ("new", new)):
        project = copy_project("setuptools-cffi", tmp_path / name)
        shell("build-pip install --quiet cffi setuptools")
        shell("python setup.py --quiet bdist_wheel -d made", cwd=project)
        site = BuiltWheels.unpacked(only_wheel(project / "made"), project / "site")
        facts_on_host = run_on_host(trixie_arm64, "import setuptools_cffi as it; print(it.facts())", site, runtime)
        assert facts_on_host.returncode == 0, facts_on_host.stderr


@row("cross-expose", "cross-expose Cython", "cross-expose --list", "cross-expose --unexpose Cython")
def test_what_is_installed_for_the_build_is_seen(old: Shell, new: Shell) -> None:
    needed = "python -m pip install --no-index iniconfig"
    for shell in (old, new):
        shell("build-pip install --quiet iniconfig")
    assert old.typed(needed).returncode != 0
    old("cross-expose iniconfig")
    assert (old("cross-expose --list"), "already satisfied" in old(needed)) == ("iniconfig\n", True)
    old("cross-expose --unexpose iniconfig")
    assert (old("cross-expose --list"), old.typed(needed).returncode != 0) == ("", True)
    assert "already satisfied" in new(needed)
    new("python -c 'import importlib.metadata as it, iniconfig; it.version(iniconfig.__name__)'")


@row("cross-python", "python", "build-python", here=("cross-python", "python", "build-python"))
def test_the_pythons(old: Shell, new: Shell) -> None:
    for shell in (old, new):
        for name in ("cross-python", "python", "python3", "python3.13"):
            assert who(shell, name)["machines"] == ["aarch64"]
        own = who(shell, "build-python")
        assert (own["machines"], own["sys.cross_compiling"]) == ([os.uname().machine], None)


@row("cross-pip", "build-pip", "pip", here=("cross-pip", "build-pip"))
def test_the_pips(old: Shell, new: Shell) -> None:
    for name in ("cross-pip", "build-pip", "pip"):
        old(f"{name} --version")
    for name in ("cross-pip", "build-pip"):
        new(f"{name} --help")
    refused = new.typed("pip install iniconfig")
    assert (refused.returncode != 0, *(name in refused.stderr for name in ("cross-pip", "build-pip"))) == (True,) * 3


# --- Where the two differ ------------------------------------------------------------------------------------------


def test_what_a_setup_script_finds(old: Shell, new: Shell) -> None:
    here, there = who(new), who(old)
    assert {name: here[name] for name in HOST} == {name: there[name] for name in HOST} == HOST
    assert here["sys.cross_compiling"] is there["sys.cross_compiling"] is True
    assert (here["sys.build_path"], there["sys.build_path"]) == (False, True)
    assert (here["PYTHON_CROSSENV"], there["PYTHON_CROSSENV"]) == (False, True)
    assert (here["node"], there["node"]) == (os.uname().nodename, "build")


def test_the_machine_of_a_32_bit_arm(
    plain: Shell,
    crossenv_venv: Path,
    build_python: Callable[[tuple[int, int]], BuildPython],
    debian_armhf: HostRoot,
    gnu_armhf: Path,
    crossbuild: Crossbuild,
    tmp_path: Path,
) -> None:
    """crossenv takes it for what a 64-bit kernel calls itself, in whose name no wheel for such a host is tagged."""
    python = build_python(debian_armhf.version).executable
    old = plain.on_path(gnu_armhf)
    crossenv = f"PYTHONPATH={crossenv_venv / SITE} {python} -m crossenv --without-pip"
    for machine, options in (("armv8l", ""), ("armv7l", "--machine armv7l")):
        old(f"{crossenv} {options} {debian_armhf.python} {machine}", cwd=tmp_path)
        assert who(old, f"{tmp_path / machine}/bin/cross-python")["platform"] == f"linux-{machine}"
    told = crossbuild("host", "show", debian_armhf.python, *crossbuild.build_python_for((3, 11)), "--json")
    assert json.loads(told.stdout)["platform"]["sysconfig"] == "linux-armv7l"
