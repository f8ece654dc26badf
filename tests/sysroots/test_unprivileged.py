"""Nobody has to be root. (Where the tests are not run by root, all others show it too.)"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sysroots.machine import MANIFEST, NOBLE
from tests.testbed.needs import not_run_here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sysroots.machine import Machine

pytestmark = pytest.mark.cross


@pytest.fixture
def user(machine: Machine) -> int:
    """The number of a user without rights: ``nobody`` if the tests are run by root."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()


@pytest.fixture
def theirs(machine: Machine, user: int) -> Iterator[Machine]:
    """The machine with a home of that user's; pytest's own directories are closed to others."""
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory) / "home"
        other = replace(machine, home=home)
        other.set_up()
        shutil.copy(machine.repository.keyring, home / "keyring.gpg")
        for path in (Path(directory), home, *home.rglob("*")):
            os.chown(path, user, -1)
        yield other


@pytest.fixture
def python(theirs: Machine, user: int) -> str:
    """A Python of this version that the user may run, with what crossbuild needs."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        command = [candidate, "-c", "import crossbuild.cli.app, filelock, platformdirs"]
        try:
            subprocess.run(command, env=theirs.environ, user=user, cwd=theirs.home, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return candidate
    raise not_run_here(f"a {version} for every user", "none that others than root may run has what crossbuild needs")


def test_an_unprivileged_user_makes_one(theirs: Machine, user: int, python: str) -> None:
    sources = ["--mirror", theirs.server.url, "--keyring", str(theirs.home / "keyring.gpg")]
    process = theirs.start("create", NOBLE, "libdemo-dev", *sources, user=user, python=python)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    (root,) = [one for one in theirs.entries() if (one / "usr/include/demo.h").is_file()]
    assert (root / MANIFEST).stat().st_uid == user
    assert {path.lstat().st_uid for path in root.rglob("*")} == {user}
    assert not [path for path in root.rglob("*") if path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID)]
