"""apt with a state of its own, for any suite and architecture, without root.

An empty status file makes it compute the whole closure of a package, and the machine's lists, locks and packages stay
as they are. The machine's apt.conf.d, auth.conf and keys stay in effect, so its proxies, certificates and passwords
are used. Sources: apt.conf(5), apt-get(8), sources.list(5).
"""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from crossbuild.errors import NetworkError, SysrootError
from crossbuild.sysroot.apt_conf import write_configuration
from crossbuild.sysroot.apt_sources import (
    MACHINE_SOURCES,
    login_lines,
    mirror_address,
    source_lines,
    usable_keyring,
)
from crossbuild.sysroot.download_progress import watched_files
from crossbuild.sysroot.downloads import Wanted, failures_in, fetch_files
from crossbuild.sysroot.refusals import (
    EarlierMayServeError,
    broken_supplements,
    complaints,
    packages_missing,
    packages_refused,
    passing_trouble,
    update_refused,
)
from crossbuild.system.cache import digest
from crossbuild.system.processes import CommandFailedError
from crossbuild.system.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.names import SysrootName
    from crossbuild.system.processes import Runner

Lists = Literal["new", "either", "kept"]
"""Which package lists will do: those of today, else those of an earlier time, or these without asking for others."""

_TASKS = {"apt-get": "fetches and verifies packages", "dpkg-deb": "unpacks packages"}
_FRESH = 600.0
"""For how many seconds lists that a process has updated are good enough for that process."""

# What `apt-get --simulate` prints: "Inst" for each package that would be unpacked, then "Conf" for the same ones again.
_TO_UNPACK = re.compile(r"^Inst (?P<name>\S+) (?:\[\S+\] )?\((?P<version>\S+) ", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class SysrootPackage:
    """A package that apt chose."""

    name: str
    version: str
    architecture: str
    """``all`` where it has none."""
    sha256: str
    """Of the ``.deb``, as the signed index has it."""
    size: int
    """Of the ``.deb``, in bytes."""
    path: str = field(default="", compare=False, repr=False)
    """Where archives have the ``.deb``."""

    @property
    def file_name(self) -> str:
        """What apt calls the file in its archives."""
        return f"{self.name}_{self.version}_{self.architecture}.deb".replace(":", "%3a")


@dataclass(frozen=True, kw_only=True)
class Apt:
    """apt for one release and architecture. To be used by one process at a time."""

    name: SysrootName
    directory: Path
    """Its state: configuration, lists, archives."""
    request: SourceRequest
    """Its ``mirror`` is where lists come from; the further ones are asked for packages that are missing there."""
    runner: Runner
    environ: Mapping[str, str]
    private: Path
    """A directory for what only apt may read, as long as it is at work."""
    lists: Lists = "either"
    offline: str = ""
    """What forbids to use more than the lists and packages that the state has: an option or a variable."""
    status: Path | None = None
    """The status file of a root whose packages count as installed."""

    @classmethod
    def prepare(
        cls,
        directory: Path,
        *,
        name: SysrootName,
        request: SourceRequest,
        runner: Runner,
        environ: Mapping[str, str],
        private: Path,
        lists: Lists = "either",
        offline: str = "",
    ) -> Apt:
        """Write the state's configuration and bring its package lists up to date. The runner's log is emptied.

        Raises SysrootError if there is no apt here, no known source, or one that is not signed as it should be;
        NetworkError if nothing can be reached and no lists are there from an earlier time, or only new ones will do.
        """
        _check_programs(environ)
        apt = cls(
            name=name,
            directory=directory,
            request=request,
            runner=runner,
            # apt translates what it says, and refusals.py reads it.
            environ={**environ, "LC_ALL": "C.UTF-8"},
            private=private,
            lists=lists,
            offline=offline,
        )
        runner.log.unlink(missing_ok=True)
        write_configuration(directory, name=name, request=request)
        apt._write_sources()
        apt._update()
        return apt

    def resolve(self, packages: Sequence[str]) -> tuple[SysrootPackage, ...]:
        """Return ``packages`` (``name`` or ``name=version``) and all that they depend on, as apt would install them.

        Raises SysrootError naming what does not exist or cannot be installed together.
        """
        try:
            plan = self.run("apt-get", "install", "--simulate", *packages)
        except CommandFailedError as error:
            raise packages_refused(error.output, packages, name=self.name, known=self.package_names) from None
        chosen = [found.groupdict() for found in _TO_UNPACK.finditer(plan)]
        names = [f"{one['name']}={one['version']}" for one in chosen]
        # The simulation says neither hashes nor sizes; the index has them, for all versions of a package.
        records = {(one["Package"], one["Version"]): one for one in self.records(names)}
        keys = sorted((one["name"].partition(":")[0], one["version"]) for one in chosen)
        return tuple(_package(records[key]) for key in keys)

    def package_names(self) -> frozenset[str]:
        """Return the names of all packages."""
        return frozenset(self._ask("pkgnames").split())

    def records(self, packages: Iterable[str]) -> list[dict[str, str]]:
        """Return the index's records of ``packages``, field by field. Raises CommandFailedError for unknown ones."""
        wanted = list(packages)
        return list(_paragraphs(self._ask("show", *wanted))) if wanted else []

    def download(self, closure: Sequence[SysrootPackage], *, only: Sequence[SysrootPackage]) -> list[Path]:
        """Return the files of the packages ``only``, a part of ``closure``, downloaded where they are not there yet.

        Raises PackagesMissingError if no mirror has one, or not as the signed index promised; NetworkError if none can
        be reached, or if it would have to be downloaded offline.
        """
        lacking = self._lacking(only)
        if lacking and self.offline:
            raise NetworkError(
                f"Packages of {self.name} are not in the cache: {', '.join(package.name for package in lacking)}.",
                fix=f"Fetch them once without {self.offline}.",
            )
        if lacking:
            self._fetch(closure, lacking)
        return list(map(self._file, only))

    def refresh(self) -> None:
        """Fetch the package lists again, past all caches on the way. Raises what :meth:`prepare` raises."""
        # A proxy that still has the old lists is one reason why packages are missing.
        self._fetch_lists("-o", "Acquire::http::No-Cache=true")

    def is_up_to_date(self) -> bool:
        """Return whether this process itself has just fetched these lists from these sources."""
        # Another process does not rely on them: the user may have published a package between two commands.
        try:
            age = time.time() - self._stamp.stat().st_mtime
            return 0 <= age < _FRESH and self._stamp.read_text(encoding="utf-8") == self._facts_of_update()
        except FileNotFoundError:
            return False

    def run(self, program: str, *arguments: str) -> str:
        """Run ``apt-get`` or another program of apt with this state and return what it printed."""
        logins = ("-o", f"Dir::Etc::netrc={self._logins}") if self._logins.exists() else ()
        status = ("-o", f"Dir::State::status={self.status}") if self.status else ()
        # -c is read after the machine's configuration, and -o after that, so these have the last word (apt.conf(5)).
        command = [program, "-c", str(self.directory / "apt.conf"), *logins, *status, *arguments]
        return self.runner.run(command, environ=self.environ, cwd=self.directory)

    def _ask(self, *arguments: str) -> str:
        """Return what ``apt-cache`` answers, which nobody wants to watch or to find in a log."""
        command = ["apt-cache", "-c", str(self.directory / "apt.conf"), *arguments]
        done = run_program(command, env=self.environ)
        if done.returncode:
            raise CommandFailedError(command, done.returncode, done.stderr)
        return done.stdout

    def _write_sources(self) -> None:
        keyring = usable_keyring(self.request.keyring, self.directory) if self.request.keyring else None
        request = replace(self.request, keyring=keyring)
        release_files = cache(self._machine_release_files)
        lines = source_lines(self.name, request, keyrings=Path("/"), release_files=release_files)
        self._sources.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if logins := login_lines(self.name, request, release_files=release_files):
            self._logins.write_text("\n".join(logins) + "\n", encoding="utf-8")

    @property
    def _logins(self) -> Path:
        return self.private / "auth.conf"

    @property
    def _sources(self) -> Path:
        return self.directory / "sources.list"

    def _machine_release_files(self) -> str:
        # apt itself says what its sources are: it knows both formats of sources.list, mirror lists and their options.
        nothing = self.directory / "none"
        (nothing / "partial").mkdir(exist_ok=True)
        command = ["apt-get", "update", "--print-uris", "-o", f"Dir::State::lists={nothing}"]
        return run_program(command, env=self.environ).stdout

    def _update(self) -> None:
        if self.offline or self.lists == "kept":
            if not self._has_lists(self.name.suite):
                raise NetworkError(
                    f"The package lists of {self.name} are not in the cache.",
                    fix=f"Fetch them once without {self.offline}." if self.offline else "",
                )
            return
        if not self.is_up_to_date():
            self._fetch_lists()
        self._check_lists()

    def _has_lists(self, suite: str) -> bool:
        return any((self.directory / "lists").glob(f"*_dists_{suite}_*_Packages*"))

    @property
    def _stamp(self) -> Path:
        return self.directory / "updated"

    def _facts_of_update(self) -> str:
        lists = sorted(file.name for file in (self.directory / "lists").iterdir())
        return "\n".join((str(os.getpid()), self._sources.read_text(encoding="utf-8"), *lists))

    def _fetch_lists(self, *options: str) -> None:
        try:
            # Without --error-on, `apt-get update` succeeds although lists could not be fetched (apt-get(8)).
            self.run("apt-get", "update", "-q", "--error-on=any", *options)
        except CommandFailedError as error:
            self._do_without(error.output, options)
        else:
            self._stamp.write_text(self._facts_of_update(), encoding="utf-8")

    def _do_without(self, output: str, options: tuple[str, ...]) -> None:
        """Go on after an update that ended with ``output``, with lists of an earlier time or without those of updates.

        Raises NetworkError or SysrootError if that is impossible.
        """
        broken, trouble = broken_supplements(output, self.name.suite), passing_trouble(output)
        unknown = [suite for suite in broken if not (trouble and self._has_lists(suite))]
        refusal = update_refused(output, name=self.name, request=self.request)
        if unknown and self._leave_out(unknown, complaints(output)):
            self._fetch_lists(*options)
        elif not (trouble and self._has_lists(self.name.suite)):
            raise refusal
        elif self.lists == "new":
            raise EarlierMayServeError(refusal.what, why=refusal.why, fix=refusal.fix)
        else:
            who = ", ".join(sorted(broken)) or self.name
            self.runner.reporter.warning(f"{who} {trouble}; using the lists from last time.")

    def _leave_out(self, suites: Collection[str], why: str) -> bool:
        """Do without ``suites``; return whether they were among the sources."""
        lines = self._sources.read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if not set(suites) & set(line.split())]
        if len(kept) == len(lines):
            return False
        self._sources.write_text("\n".join(kept) + "\n", encoding="utf-8")
        self.runner.reporter.warning(
            f"{self.name} comes without {', '.join(sorted(suites))}, which could not be fetched:\n{why}"
        )
        return True

    def _check_lists(self) -> None:
        if not any((self.directory / "lists").glob("*_Packages*")):
            raise SysrootError(
                f"{self.name.distribution} {self.name.suite} has no packages for {self.name.debian_architecture}.",
                fix="Other releases may have them: docs/reference/sysroots.md has a table.",
            )

    def _file(self, package: SysrootPackage) -> Path:
        return self.directory / "archives" / package.file_name

    def _lacking(self, packages: Iterable[SysrootPackage]) -> list[SysrootPackage]:
        return [package for package in packages if not self._file(package).is_file()]

    def _fetch(self, closure: Sequence[SysrootPackage], wanted: Sequence[SysrootPackage]) -> None:
        packages = [f"{package.name}={package.version}" for package in closure]
        files, total = list(map(self._file, wanted)), sum(package.size for package in wanted)
        try:
            with watched_files(self.runner.reporter, files, total=total):
                # All of the closure with its versions: of a part, apt would choose the rest again.
                self.run("apt-get", "install", "--yes", "-q", "--download-only", *packages)
        except CommandFailedError as error:
            self._fetch_elsewhere(self._lacking(wanted), error.output)

    def _fetch_elsewhere(self, lacking: Sequence[SysrootPackage], output: str) -> None:
        """Fetch what the mirror of the lists did not have from the others; ``output`` is what apt said of it."""
        mirrors = [mirror_address(mirror).rstrip("/") for mirror in self.request.bare.further_mirrors]
        files = {
            self._file(package): Wanted(
                place=self._file(package),
                sha256=package.sha256,
                addresses=tuple(f"{mirror}/{quote(package.path)}" for mirror in mirrors),
            )
            for package in lacking
        }
        failures = fetch_files(self, list(files.values()))
        if failures:
            elsewhere = [failure for several in failures.values() for failure in several]
            missing = [package for package in lacking if self._file(package) in failures]
            raise packages_missing(
                [*failures_in(output), *elsewhere], missing, output=output, name=self.name, request=self.request
            )


def state_directory(root: Path, name: SysrootName, request: SourceRequest) -> Path:
    """Return where apt's state for ``name`` is below ``root``; different sources never share one."""
    key = "machine" if request == MACHINE_SOURCES else digest(request.archive)
    return root / f"{name.distribution}-{name.suite}-{name.debian_architecture}-{key}"


def _check_programs(environ: Mapping[str, str]) -> None:
    lacking = [program for program in _TASKS if not shutil.which(program, path=environ.get("PATH", os.defpath))]
    if lacking:
        what = ", and no ".join(f"{program}, which {_TASKS[program]}" for program in lacking)
        raise SysrootError(
            f"This machine has no {what}.",
            fix="Install apt (Fedora, Arch and others package it, too), or give a sysroot of your own: --sysroot.",
        )


def _paragraphs(text: str) -> Iterator[dict[str, str]]:
    """Yield the fields of each deb822 paragraph; folded lines are left out."""
    for block in text.split("\n\n"):
        fields = dict(re.findall(r"^([\w-]+): ?(.*)$", block, flags=re.MULTILINE))
        if "Package" in fields:
            yield fields


def _package(record: Mapping[str, str]) -> SysrootPackage:
    """Read a package of the archive's index. Raises SysrootError if it lacks a field, or its size is no number."""
    try:
        return SysrootPackage(
            name=record["Package"],
            version=record["Version"],
            architecture=record["Architecture"],
            sha256=record["SHA256"],
            size=int(record["Size"]),
            path=record["Filename"],
        )
    except (KeyError, ValueError) as error:
        raise SysrootError(
            f"The archive's index describes the package {record['Package']} incompletely.",
            why=f"No {error.args[0]} is given." if isinstance(error, KeyError) else f"Its size is {record['Size']}.",
            fix="Name another mirror with --mirror.",
        ) from None
