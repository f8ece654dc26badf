"""A plain venv of the build Python: what a build needs to run here, installed by a Python that is never lied to."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crossbuild.errors import RequirementsError
from crossbuild.redaction import holds_login
from crossbuild.reporting import progress_of
from crossbuild.system.excerpt import excerpt
from crossbuild.system.killed import killed_lines
from crossbuild.system.processes import CommandFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from crossbuild.native.build_layout import BuildDirectory
    from crossbuild.system.processes import Runner

_CHECK = "Check the index settings and --build-constraint."
_PINNED = "Name an index or a directory that has this very file: --index-url URL, --find-links PLACE."
_SECTION = re.compile(r"^( +)\[std(?:out|err)\]$", re.MULTILINE)
"""What uv prints above the output of a build."""
_BUILT = re.compile(r"Failed to (?:download and )?build `([^`]+)`")


@dataclass(frozen=True, kw_only=True)
class BuildVenv:
    """A plain venv of the build Python, filled by uv."""

    build: BuildDirectory
    """The directory of the build that it is in."""
    runner: Runner
    environ: Mapping[str, str] = field(repr=False)
    """The variables for uv and the builds that it starts, without passwords of indexes."""
    uv_configuration: str = field(default="", repr=False)
    """A ``uv.toml`` with the indexes, which may hold their passwords."""
    fetching: Mapping[str, str] = field(default_factory=dict)
    """Variables that tell a hook's uv and pip which indexes to use, without passwords."""
    downloads: Mapping[str, str] = field(default_factory=dict)
    """Variables that tell crossbuild's own uv in hooks which indexes to use, without passwords."""
    advise: Callable[[str, Path | None], str] = lambda *_: ""
    """Returns a hint for a failure with that output, of that project if it is known."""
    locks: bool = False
    """Whether what is installed is locked first, so that its files are known by their hashes."""
    pins: Path | None = None
    """The requirements file with all that is installed, if that is known, and has hashes."""

    @property
    def directory(self) -> Path:
        """Where it is."""
        return self.build.venv

    @property
    def bin(self) -> Path:
        """Where its scripts are."""
        return self.directory / "bin"

    @property
    def python(self) -> Path:
        """Its Python."""
        return self.bin / "python"

    @property
    def site_packages(self) -> Path:
        """Its (only) site-packages directory."""
        return self._library / "site-packages"

    @property
    def headers(self) -> Path:
        """Where installers put the headers of projects, a directory each."""
        # sysconfig has no scheme for this. It is where pip has always put them in a venv, and uv puts them there, too.
        return self.directory / "include/site" / self._library.name

    @property
    def _library(self) -> Path:
        return next(self.directory.glob("lib/python*"))

    @property
    def installer_environ(self) -> dict[str, str]:
        """The variables for uv and the builds that it starts, which compile for this machine."""
        # The stand-ins come last: they are for machines without a compiler of their own.
        path = f"{self.environ.get('PATH', os.defpath)}{os.pathsep}{self.build.stand_ins}"
        return {**_without_python({**self.environ, **self.fetching}), "PATH": path}

    def create(self, base_python: Path) -> None:
        """Make it, as a venv of ``base_python``."""
        # Without --no-project, uv would look for a project in the directories above, and check its requires-python.
        command = ["venv", "--no-project", "--python", str(base_python), str(self.directory)]
        self._run(command, "make a virtual environment")

    def provide_pip(self) -> None:
        """Install pip into it, unless it is there."""
        if not (self.site_packages / "pip").exists():
            self._install(["pip"])

    def install(self, requirements: Iterable[str], constraints: Iterable[Path]) -> None:
        """Install ``requirements`` for the build machine. Raises RequirementsError with uv's message."""
        wanted = sorted(requirements)
        limits = [file.absolute() for file in constraints]
        refuse_logins((*wanted, *(file.read_text(encoding="utf-8", errors="replace") for file in limits)))
        if wanted:
            self._install(wanted, [word for file in limits for word in ("--constraint", str(file))])

    def _install(self, wanted: list[str], options: Iterable[str] = ()) -> None:
        what = f"install the build {'requirement' if len(wanted) == 1 else 'requirements'} {', '.join(wanted)}"
        if self.pins:
            wanted, options = ["--requirements", str(self.pins)], ("--require-hashes", "--no-deps")
        elif self.locks:
            wanted, options = self._lock(wanted, options, what), ()
        self._run(["pip", "install", "--python", str(self.python), *options, *wanted], what)

    def _lock(self, wanted: list[str], options: Iterable[str], what: str) -> list[str]:
        """Lock all that has been ``wanted`` so far; return the words with which uv installs that, hashes verified."""
        build = self.build
        with build.build_requirements.open("a", encoding="utf-8") as file:
            file.writelines(f"{one}\n" for one in wanted)
        # uv keeps the versions that the file has already. So what was installed before stays.
        into = ["--format", "pylock.toml", "--output-file", str(build.build_lock)]
        self._run(
            ["pip", "compile", "--python", str(self.python), *options, *into, str(build.build_requirements)], what
        )
        return ["--preview-features", "pylock", "--requirements", str(build.build_lock)]

    def _run(self, words: list[str], what: str) -> None:
        from uv import find_uv_bin

        # Indexes may have passwords. All users of this machine can read command lines, and builds that uv starts
        # inherit its environment.
        command = [find_uv_bin(), "--config-file", "/dev/stdin", "--quiet", *words]
        try:
            with progress_of(self.runner.reporter, f"{what[:1].upper()}{what[1:]}", unit="steps"):
                self.runner.run(
                    command, environ=self.installer_environ, cwd=self.build.path, stdin=self.uv_configuration
                )
        except CommandFailedError as error:
            raise self._failed(what, error.output) from None

    def _failed(self, what: str, output: str) -> RequirementsError:
        head, inner = _parted(output)
        said = excerpt(inner, rest="more lines in the log")
        # If a build requirement had no wheel and its own build failed, the index settings are not to blame.
        built = _BUILT.search(output)
        check = _PINNED if self.pins else _CHECK
        fix = f"uv had to build {built[1]} from source: no wheel of it fits this machine's Python." if built else check
        hints = (fix, *killed_lines(output), self.advise(inner, None)) if built else (self.advise(inner, None), fix)
        # What uv says of a build is in other words that it failed.
        return RequirementsError(
            f"Could not build the build requirement {built[1]}." if built else f"Could not {what}.",
            why=said if built and said else "\n".join([*filter(str.strip, head.splitlines()), said]),
            fix="\n".join(filter(None, hints)),
        )


def _parted(output: str) -> tuple[str, str]:
    """Return what uv says of a build that failed, and what that build printed, which uv indents; or only the latter."""
    found = _SECTION.search(output)
    if not found:
        return "", output
    # Behind it, what uv says of the failure is not indented.
    inner = (line for line in output[found.start() :].splitlines() if line.startswith(found[1]))
    return output[: found.start()], "\n".join(line.removeprefix(found[1]) for line in inner)


def _without_python(environ: Mapping[str, str]) -> dict[str, str]:
    """Return ``environ`` without what makes a Python look at another Python's files."""
    # _PYTHON_SYSCONFIGDATA_NAME, _PYTHON_HOST_PLATFORM and others are CPython's, for building itself for another host.
    return {name: value for name, value in environ.items() if not name.startswith(("PYTHON", "_PYTHON_"))}


def refuse_logins(requirements: Iterable[str]) -> None:
    """Raise RequirementsError if there is a user or a password in a URL of ``requirements``."""
    for one in filter(holds_login, requirements):
        raise RequirementsError(
            f"A build requirement or a constraint has a user or a password in its URL: {one.strip()}",
            why="Programs that fetch it would show them to all users of this machine.",
            fix="Put them into ~/.netrc, where uv and git look for them.",
        )
