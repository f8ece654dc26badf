"""The directory of a build, or of a cross environment that lasts: what its parts are called, and nothing else.

What runs in a build is told of them by variables; only Python code in the cross Python may have to guess (see
``backend_shim``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.errors import CrossbuildError


@dataclass(frozen=True, kw_only=True)
class BuildDirectory:
    """A build's directory, there or not."""

    path: Path

    @property
    def log(self) -> Path:
        """The file with the whole output of the build."""
        return self.path / "log.txt"

    @property
    def record(self) -> Path:
        """Where compilers, tools and the watch write down what they were asked."""
        return self.path / "record"

    @property
    def sources(self) -> Path:
        """Where the project is, with what surrounds it."""
        return self.path / "source"

    @property
    def project(self) -> Path:
        """A link to the project in ``sources``."""
        return self.path / "project"

    @property
    def venv(self) -> Path:
        """The venv of the build Python, with what the build requires."""
        return self.path / "build-venv"

    @property
    def cross_venv(self) -> Path:
        """The venv of the cross Python, which runs the hooks."""
        return self.path / "cross-venv"

    @property
    def host_site(self) -> Path:
        """The prefix with the host's copies of what the build requires, where the host's Python runs the hooks."""
        return self.path / "host-site"

    @property
    def native(self) -> Path:
        """What Meson, CMake and configure scripts read."""
        return self.path / "native"

    @property
    def bin(self) -> Path:
        """Programs that come before the compilers' on the PATH of hooks."""
        return self.path / "bin"

    @property
    def host_bin(self) -> Path:
        """Programs that answer for the host, after those of the build requirements."""
        return self.path / "host-bin"

    @property
    def fetchers(self) -> Path:
        """Programs that fetch for hooks, such as pip."""
        return self.path / "fetchers"

    @property
    def stand_ins(self) -> Path:
        """Compilers for this machine, if it has none of its own."""
        return self.path / "build-compilers"

    @property
    def libraries(self) -> Path:
        """The host's libraries that a linker here could not follow."""
        return self.path / "libraries"

    @property
    def scratch(self) -> Path:
        """For the compilers' own files."""
        return self.path / "scratch"

    @property
    def temporary(self) -> Path:
        """The TMPDIR of hooks."""
        return self.path / "tmp"

    @property
    def sdists(self) -> Path:
        """Where an sdist is made."""
        return self.path / "sdist"

    @property
    def wheels(self) -> Path:
        """Where the backend puts the wheel."""
        return self.path / "dist"

    @property
    def metadata(self) -> Path:
        """Where the backend prepares metadata."""
        return self.path / "metadata"

    @property
    def constraints(self) -> Path:
        """The file with the constraints that the configuration has for the project."""
        return self.path / "constraints.txt"

    @property
    def build_requirements(self) -> Path:
        """The file with the build requirements that were asked for, where they are locked before they are installed."""
        return self.path / "build-requirements.txt"

    @property
    def build_lock(self) -> Path:
        """The lock file of what is installed then (PEP 751)."""
        return self.path / "pylock.build.toml"

    @property
    def fetching(self) -> Path:
        """The file that says where hooks may look for distributions; it has no passwords."""
        return self.path / "fetching.json"

    @property
    def uv_configuration(self) -> Path:
        """The ``uv.toml`` of hooks."""
        return self.path / "uv.toml"

    def make(self) -> None:
        """Make the directories that are there before anything is written."""
        for part in (
            *(self.native, self.bin, self.host_bin, self.fetchers, self.libraries),
            *(self.record, self.scratch, self.temporary),
        ):
            part.mkdir()

    def explain(self, error: CrossbuildError) -> None:
        """Let ``error``, which ended the build, say where to look."""
        error.kept, error.log, error.record = self.path, self.log, self.record
