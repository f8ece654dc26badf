"""Where the host's Python runs hooks: its venv, and its copies of what is installed for this machine."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crossbuild.building.host_site import install_for_python
from crossbuild.emulation.host_venv import make_host_venv, seconds_in_python
from crossbuild.errors import RequirementsError
from crossbuild.wheels.distribution import Distribution
from crossbuild.wheels.prefix_install import site_packages
from tests.unit.session_samples import make_build_venv
from tests.unit.wheel_samples import make_elf, make_host, make_wheel

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from crossbuild.building.build_venv import BuildVenv

HOST = make_host(libc="glibc 2.36")
TOOL = "tool/bin/tool"
OWN, HOSTS = b"this machine's", make_elf()
FILES = {TOOL: make_elf(program=True), "tool/library.so": HOSTS}


class Wheels:
    """Has tool 1.0 and its library for the host, and counts who asks."""

    def __init__(self, directory: Path) -> None:
        self.asked: list[str] = []
        self.directory = directory

    def __call__(self, requirement: Requirement, *, may_build: bool) -> Distribution | None:
        self.asked.append(f"{requirement} {may_build}")
        if requirement.name != "tool":
            return None
        return Distribution.from_wheel(_executable(make_wheel(self.directory, FILES, project="tool-1.0")))


def _executable(wheel: Path) -> Path:
    """Return ``wheel`` with its program as one that can be started."""
    with zipfile.ZipFile(wheel) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(wheel, "w") as archive:
        for info, content in members:
            info.external_attr = (0o100755 if info.filename == TOOL else 0o100644) << 16
            archive.writestr(info, content)
    return wheel


def installed_here(venv: BuildVenv, project: str) -> None:
    about = venv.site_packages / f"{project}.dist-info"
    about.mkdir()
    name, version = project.split("-")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


@pytest.fixture
def venv(tmp_path: Path) -> BuildVenv:
    (tmp_path / "build").mkdir()
    venv = make_build_venv(tmp_path / "build")
    installed_here(venv, "tool-1.0")
    (venv.site_packages / "tool/bin").mkdir(parents=True)
    (venv.site_packages / TOOL).write_bytes(OWN)
    return venv


def test_the_host_gets_the_versions_that_are_installed_here_once(venv: BuildVenv, tmp_path: Path) -> None:
    wheels, prefix = Wheels(tmp_path), tmp_path / "host"
    (taken,) = install_for_python(venv, prefix, host=HOST, wheels=wheels)
    assert (taken.name, str(taken.version)) == ("tool", "1.0")
    assert (site_packages(prefix, HOST) / "tool/library.so").read_bytes() == HOSTS
    assert install_for_python(venv, prefix, host=HOST, wheels=wheels) == []
    assert wheels.asked == ["tool==1.0 True"]


def test_programs_are_this_machines(venv: BuildVenv, tmp_path: Path) -> None:
    install_for_python(venv, tmp_path / "host", host=HOST, wheels=Wheels(tmp_path))
    assert (site_packages(tmp_path / "host", HOST) / TOOL).read_bytes() == OWN


def test_what_the_host_cannot_have_is_named(venv: BuildVenv, tmp_path: Path) -> None:
    installed_here(venv, "other-2.0")
    with pytest.raises(RequirementsError, match=r"There is no other 2\.0 for linux_aarch64"):
        install_for_python(venv, tmp_path / "host", host=HOST, wheels=Wheels(tmp_path))


@dataclass(frozen=True, kw_only=True)
class HostVenv:
    """A virtual environment of this Python, as if it were the host's."""

    python: Path
    site_packages: Path


@pytest.fixture
def host_venv(tmp_path: Path) -> HostVenv:
    version = "python{}.{}".format(*sys.version_info)
    library = tmp_path / "host/lib" / version / "site-packages"
    recorded = tmp_path / "_sysconfigdata__linux_.py"
    recorded.write_text("build_time_vars = {'CFLAGS': '-O1'}\n")
    python = make_host_venv(
        tmp_path / "venv",
        Path(sys.base_prefix, "bin", version),
        site_packages=library,
        recorded=recorded,
        before=["/usr/bin/env", "FIRST=1"],
    )
    return HostVenv(python=python, site_packages=library)


def test_what_the_python_starts_with_its_own_name_is_the_same_python(host_venv: HostVenv, tmp_path: Path) -> None:
    (host_venv.site_packages / "installed.py").write_text("")
    child = "import installed, os, sys; print(sys.executable, sys.prefix, os.environ.get('FIRST'))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}], check=True)"
    assert said(host_venv.python, code).split() == [str(host_venv.python), str(tmp_path / "venv"), "1"]


def test_it_compiles_with_the_flags_of_the_cross_python(host_venv: HostVenv) -> None:
    assert said(host_venv.python, "import sysconfig; print(sysconfig.get_config_var('CFLAGS'))") == "-O1\n"


def test_the_time_that_its_processes_take_is_written_down(host_venv: HostVenv, tmp_path: Path) -> None:
    assert seconds_in_python(tmp_path) == 0
    work = "import time; start = time.process_time()\nwhile time.process_time() < start + 0.2: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    said(host_venv.python, code, CROSSBUILD_RECORD=str(tmp_path))
    assert len((tmp_path / "python-seconds").read_text().splitlines()) == 2
    assert 0.2 < seconds_in_python(tmp_path) < 5


def said(python: Path, code: str, **environ: str) -> str:
    return subprocess.run([python, "-c", code], env=environ, check=True, capture_output=True, text=True).stdout
