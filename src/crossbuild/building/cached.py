"""Wheels for the host and their metadata: those of sdists are kept, and taken again if all is the same."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from crossbuild import __version__
from crossbuild.building.added_libraries import with_libraries
from crossbuild.building.emulated import with_emulation
from crossbuild.building.second_build import build_again
from crossbuild.building.sysroot_packages import tell_what_was_added, wanted_packages
from crossbuild.building.wheel import build_project, project_metadata
from crossbuild.provenance.inputs import Inputs
from crossbuild.system.cache import digest
from crossbuild.system.filesystem import sha256_of
from crossbuild.toolchain.compilers import SITE_VARIABLE
from crossbuild.wheels.bundled import bundled_libraries
from crossbuild.wheels.distribution import Distribution, Origin
from crossbuild.wheels.prefix_install import installed_records
from crossbuild.wheels.summary import metadata_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crossbuild.building.overlay.provide import HostWheels
    from crossbuild.session.session import Session
    from crossbuild.session.target import Target
    from crossbuild.sources.project import Source

_WHEELS, _METADATA = "host-wheels", "wheel-metadata"
"""The kinds of cache entries that hold a wheel, and the METADATA of one as its backend prepared it."""
_PACKAGES = "packages.txt"
"""The file beside a cached wheel or its metadata that lists the packages its sysroot had."""
_EMULATION = "emulation.json"
"""The file beside a built wheel that says what of its build was emulated."""
_EMULATED = {
    "programs": "Programs for the host were run by {by}: {why}",
    "python": "The build's Python code was run by the host's Python and {by}: {why}",
}
"""What the user hears of it, by level."""


@dataclass(frozen=True, kw_only=True)
class Builder:
    """Builds projects for the host of ``session``."""

    session: Session
    host_wheels: HostWheels
    """Has those of build requirements that are compiled against."""

    def wheel(self, source: Source, *, origin: Origin, scratch: Path) -> Distribution:
        """Return the host's wheel of ``source``, kept if an sdist was built before with all the same, else built.

        That of a directory is built in ``scratch``, and never kept: any file may have changed. Nor is one that is built
        again to be compared. Raises what building raises.
        """
        wanted = wanted_packages(source, self.session)
        if source.sdist and not self.session.job.pins:
            made = replace(self._kept(source, wanted), origin=origin)
        else:
            made = self._build(source, wanted, origin=origin, scratch=scratch)
        if made.is_kept:
            self.session.reporter.note(f"{source.label} is unchanged; using its wheel from the cache")
        if made.emulation:
            self.session.reporter.note(_EMULATED[made.emulation["level"]].format_map(made.emulation))
        for library in bundled_libraries(made.wheel):
            self.session.reporter.note(f"It brings along: {library}")
        tell_what_was_added(made.packages - wanted, [source], self.session)
        return made

    def kept(self, source: Source, *, origin: Origin) -> Distribution | None:
        """Return what :meth:`wheel` would take from the cache; None if it would build."""
        cache = self.session.services.cache
        # Its key takes prepared compilers, so first see whether any wheel of that version was ever built.
        built = map(Distribution.from_wheel, cache.path(_WHEELS, "").glob("*/*.whl"))
        if source.sdist is None or not any(_is_of(one, source) for one in built):
            return None
        entry = cache.path(_WHEELS, _key(source, wanted_packages(source, self.session), self.session))
        if not any(entry.glob("*.whl")):
            return None
        return _in_entry(entry, origin, is_kept=True)

    def metadata(self, source: Source) -> bytes:
        """Return the METADATA that the host's wheel of the sdist ``source`` has, by its backend's hook or by building.

        It is cached, with the packages that its sysroot had. Raises what building raises.
        """
        session, wanted = self.session, wanted_packages(source, self.session)

        def ask(sources: Sequence[Source], packages: frozenset[str]) -> bytes | None:
            (one,), target = sources, session.target(packages)

            def attempt(source: Source, session: Session) -> bytes | None:
                return project_metadata(source, target=target, session=session, host_wheels=self.host_wheels)

            return with_emulation(attempt, one, session=session, packages=packages)

        def make(scratch: Path) -> None:
            told, packages = with_libraries(ask, [source], wanted, session=session)
            if told is None:
                # The hooks that ran may have left files in the project, and this wheel is for the cache.
                told = metadata_of(self._kept(source.unpacked_again(), wanted, packages).wheel)
            (scratch / "METADATA").write_bytes(told)
            _keep_packages(scratch, packages)

        entry = session.services.cache.entry(_METADATA, _key(source, wanted, session), make)
        return (entry / "METADATA").read_bytes()

    def _kept(self, source: Source, wanted: frozenset[str], added: frozenset[str] = frozenset()) -> Distribution:
        """Return the cached wheel of ``source``, or build it, starting with ``added`` and what its metadata needed."""
        session, key = self.session, _key(source, wanted, self.session)
        cache = session.services.cache
        origin, new = Origin(url=source.origin), list[Distribution]()

        def make(scratch: Path) -> None:
            # What the hook for the metadata turned out to need, the build will need: that saves a failed attempt.
            missed = added | _kept_packages(cache.path(_METADATA, key))
            new.append(self._build(source, wanted, missed, origin=origin, scratch=scratch))
            _keep_packages(scratch, new[0].packages)

        final = cache.path(_WHEELS, key)
        # One that this command built earlier, to read its metadata, is not from an earlier time.
        was_built = final.is_dir() and final not in cache.made
        # Another thread or process may be building the same wheel. While this one waits, others get its job.
        resting = session.job.jobserver.resting if session.job.jobserver else nullcontext
        entry = cache.entry(_WHEELS, key, make, while_waiting=resting)
        kept = _in_entry(entry, origin, is_kept=was_built)
        return replace(new[0], wheel=kept.wheel) if new else kept

    def _build(
        self,
        source: Source,
        wanted: frozenset[str],
        added: frozenset[str] = frozenset(),
        *,
        origin: Origin,
        scratch: Path,
    ) -> Distribution:
        session = self.session

        def build(sources: Sequence[Source], packages: frozenset[str]) -> Distribution:
            (one,), target = sources, session.target(packages)

            def attempt(source: Source, session: Session) -> Distribution:
                return self._build_once(source, target, session, packages=packages, origin=origin, scratch=scratch)

            return with_emulation(attempt, one, session=session, packages=packages)

        built, _ = with_libraries(build, [source], wanted, session=session, added=added)
        return built

    def _build_once(
        self,
        source: Source,
        target: Target,
        session: Session,
        *,
        packages: frozenset[str],
        origin: Origin,
        scratch: Path,
    ) -> Distribution:
        host_wheels = self.host_wheels
        wheel, report = build_project(
            source, target=target, session=session, wheel_dir=scratch, host_wheels=host_wheels
        )
        if session.options.reproducible:
            build_again(wheel, source.unpacked_again(), target=target, session=session, host_wheels=host_wheels)
        facts = session.job.emulation.facts
        (scratch / _EMULATION).write_text(json.dumps(facts), encoding="utf-8")
        inputs = Inputs.from_directory(scratch)
        return Distribution.from_wheel(
            wheel, origin=origin, packages=packages, inputs=inputs, report=report, emulation=facts
        )


def _in_entry(entry: Path, origin: Origin, *, is_kept: bool) -> Distribution:
    """Return the wheel in an entry of the cache."""
    (wheel,) = entry.glob("*.whl")
    return Distribution.from_wheel(
        wheel,
        origin=origin,
        packages=_kept_packages(entry),
        is_kept=is_kept,
        inputs=Inputs.from_directory(entry),
        emulation=_kept_emulation(entry),
    )


def _is_of(built: Distribution, source: Source) -> bool:
    own = (canonicalize_name(source.name or ""), source.version)
    return own == (built.name, str(built.version))


def _keep_packages(directory: Path, packages: frozenset[str]) -> None:
    (directory / _PACKAGES).write_text("\n".join(sorted(packages)), encoding="utf-8")


def _kept_packages(directory: Path) -> frozenset[str]:
    """Return the packages that :func:`_keep_packages` wrote into ``directory``; none if it did not."""
    file = directory / _PACKAGES
    return frozenset(file.read_text(encoding="utf-8").split()) if file.is_file() else frozenset()


def _kept_emulation(directory: Path) -> dict[str, str]:
    file = directory / _EMULATION
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def _key(source: Source, wanted: Collection[str], session: Session) -> str:
    """Return the digest of all that decides what comes out of building the sdist ``source``."""
    options, settings = session.options, session.settings(source)
    # What a cross environment has installed for the host is there to be compiled against, too.
    site = session.services.environ.get(SITE_VARIABLE)
    installed = installed_records(Path(site)) if site else []
    contents = [sha256_of(file) for file in (source.sdist, *options.build_constraints, *installed) if file]
    # pass_env says which variables may be passed. What counts is those that were, with their values.
    environ, said = session.passed(settings).decisive, vars(replace(settings, pass_env=()))
    # The prefix of a cross Python is named by a digest of the build Python, the host and the compilers.
    prefix = session.target(frozenset(wanted)).cross_python.prefix
    changes = list(map(str, options.environment_changes))
    chosen = [session.job.config_settings, sorted(session.job.host_requires)]
    may = [
        options.auto_sysroot,
        settings.emulate or options.emulate,
        options.allow_missing_extensions,
        session.waives(source.project_name),
        vars(options.repair),
        options.reproducible,
        # One that was built without has nothing beside it that could be told.
        options.provenance,
    ]
    ignored = sorted(options.ignore)  # for this project only, they are among the settings
    said_here = [changes, chosen, may, ignored]
    return digest(__version__, str(source.subdirectory), contents, str(prefix), said, environ, said_here)
