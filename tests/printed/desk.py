"""Where the commands of a page are typed: a directory with the files that they name, and the programs."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.commands import PROJECTS
from tests.examples import runner_environ
from tests.printed.files import FILES
from tests.printed.means import MEANS, PROGRAMS
from tests.printed.session import Session
from tests.testbed.cpython import build_python
from tests.testbed.debian_python import SUITES
from tests.testbed.hosts import release_host
from tests.testbed.roots import link_or_copy
from tests.testbed.tools import native_compilers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.commands import BuiltWheels, Crossbuild
    from tests.testbed.hosts import HostRoot

_OWN_KINDS = {"locks", "places", "sysroot"}
"""What a command may change, or remove, for all that use the same cache."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The place for the commands ``text``, which are all that is going to be typed there."""

    directory: Path
    text: str
    fixture: Callable[[str], Any]
    crossbuild: Crossbuild
    wheels: BuiltWheels
    environ: dict[str, str] = field(default_factory=dict)
    """Further variables."""
    before: list[str] = field(default_factory=list)
    """What was typed before."""

    @property
    def here(self) -> Path:
        """The directory that they are typed in."""
        return self.directory / "here"

    @property
    def temporary(self) -> Path:
        """Where builds are kept that fail."""
        return self.directory / "temporary"

    @property
    def cache(self) -> Path:
        """crossbuild's cache: that of the tests, or one of its own where the commands change it."""
        is_own = re.search(r"crossbuild (?:cache|sysroot)\b", self.text)
        return self.directory / "cache" if is_own else self.crossbuild.cache_dir

    def host(self, name: str) -> HostRoot:
        """Return the host of the test bed that a fixture is called."""
        found: HostRoot = self.fixture(name)
        return found

    def program(self, name: str, script: str) -> Path:
        """Write a program."""
        file = self.directory / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def meant(self, text: str) -> str:
        """Return ``text`` with what its words stand for here."""
        for word, meaning in MEANS.items():
            if word in text:
                text = re.sub(rf"(?<![\w.-]){word}(?![\w-])", str(meaning(self)), text)
        return text

    def session(self) -> Session:
        """Lay out what the commands name, and return a shell."""
        shutil.copytree(PROJECTS / "here", self.here, ignore=shutil.ignore_patterns("__pycache__"))
        self.temporary.mkdir()
        self.program("crossbuild", f'exec {sys.executable} -m crossbuild "$@"')
        self._lay_out_cache()
        for pattern, lay_out in FILES.items():
            if re.search(pattern, self.text, re.MULTILINE):
                lay_out(self)
        directories = [make(self).parent for name, make in PROGRAMS.items() if re.search(rf"\b{name} ", self.text)]
        session = Session(cwd=self.here, environ=self._variables(directories), files=self.directory)
        for line in self.before:
            assert not session.type(line).status
        return session

    def _lay_out_cache(self) -> None:
        if self.cache == self.crossbuild.cache_dir:
            return
        self.cache.mkdir()
        if "crossbuild sysroot" not in self.text:
            return
        for kind in self.crossbuild.cache_dir.iterdir():
            if kind.name not in _OWN_KINDS:
                (self.cache / kind.name).symlink_to(kind)
        links = self.cache / "sysroot/by-name"
        links.mkdir(parents=True)
        for release in set(re.findall(r"debian:\w+:\w+", self.meant(self.text))):
            shared = release_host(self.crossbuild.bed, release).root.resolve()
            own = self.cache / "sysroot" / shared.name
            shutil.copytree(shared, own, symlinks=True, copy_function=link_or_copy)
            (links / release.replace(":", "-")).symlink_to(own)

    def _pythons(self) -> Iterator[Path]:
        """Yield where the build Pythons are for the releases that are named: not every machine has them."""
        named = set(re.findall(r"debian:(\w+):", self.meant(self.text)))
        for version, suite in SUITES.items():
            if suite in named:
                yield build_python(self.crossbuild.bed, version).executable.parent

    def _variables(self, directories: list[Path]) -> dict[str, str]:
        environ = runner_environ(self.crossbuild.bed.environ)
        first = (self.directory / "venv/bin", self.directory / "bin", *directories, *self.crossbuild.programs)
        # Pages about other frontends also build for this machine. doctor would test these compilers, for minutes.
        compilers = () if "crossbuild doctor" in self.text else native_compilers(self.crossbuild.bed)
        last = (*compilers, *self._pythons())
        path = os.pathsep.join((*map(str, first), self.environ.get("PATH", ""), environ["PATH"], *map(str, last)))
        own = {"CROSSBUILD_CACHE_DIR": str(self.cache), "TMPDIR": str(self.temporary), "COLUMNS": "120"}
        return {**environ, **own, **self.environ, "PATH": path}
