"""The sysroots of the cache, and those that users keep in directories of their own.

In the cache each is an immutable entry; a link beside them, named after the release, tells which one stands for it.
Adding packages makes another entry, with hard links to what is the same, and exchanges the link: builds that use the
old one are not disturbed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock

from crossbuild.errors import SysrootError
from crossbuild.sysroot.apt import Apt, state_directory
from crossbuild.sysroot.apt_sources import MACHINE_SOURCES
from crossbuild.sysroot.attempts import first_that_serves
from crossbuild.sysroot.contents import fetch_contents
from crossbuild.sysroot.directories import check_free, point, remove_trees, replacing
from crossbuild.sysroot.model import MANIFEST, Sysroot
from crossbuild.sysroot.names import SysrootName, is_sysroot_name
from crossbuild.sysroot.populate import base_packages, fetch, fill
from crossbuild.sysroot.recipe import Recipe, bare_name, bare_names, with_added, without
from crossbuild.system.cache import digest
from crossbuild.system.kept_places import register
from crossbuild.system.processes import Runner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from crossbuild.reporting import Reporter
    from crossbuild.sysroot.apt import Lists
    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.contents import Contents
    from crossbuild.system.cache import Cache

_Answer = TypeVar("_Answer")
_KIND, _STATES = "sysroot", "apt"
"""The kinds of cache entries for sysroots, and for apt's states."""


@dataclass(frozen=True, kw_only=True)
class SysrootStore:
    """Makes and finds sysroots. Safe to share between processes."""

    cache: Cache
    reporter: Reporter
    environ: Mapping[str, str]
    offline: str = ""
    """What forbids to download anything: an option or a variable."""

    def provide(
        self, name: SysrootName, packages: Iterable[str] = (), request: SourceRequest = MACHINE_SOURCES
    ) -> Sysroot:
        """Return the shared sysroot of ``name``, made on first use; with ``packages``, one that has them too.

        It is that which :meth:`find` finds, if there is one. Raises SysrootError or NetworkError.
        """
        # Found without the lock, since links are exchanged in one step: builds do not wait for one that adds packages.
        link = self._present(name, request)
        self._use(link)
        if (link / MANIFEST).is_file():
            return self.with_packages(self._read(link).reached_by(request), packages)
        with self._alone(self._link(name, request)):
            shared = self._shared(name, request)
        return self.with_packages(shared, packages)

    def with_packages(self, base: Sysroot, packages: Iterable[str]) -> Sysroot:
        """Return a sysroot that has what ``base`` has and ``packages``; ``base`` stays as it is."""
        wanted = with_added(base.requested, packages)
        return base if wanted == base.requested else self._entry(Recipe.over(base, wanted))

    def create(
        self,
        name: SysrootName,
        packages: Iterable[str] = (),
        *,
        request: SourceRequest = MACHINE_SOURCES,
        into: Path | None = None,
        locked: Iterable[str] = (),
        locked_at: str = "",
    ) -> Sysroot:
        """Make the sysroot of ``name`` with ``packages``, in the cache or in the new directory ``into``.

        One that is in the cache already gets the packages that it lacks, unless there are ``locked`` ones: all that it
        is to have, as ``name=version``. The snapshot of the time ``locked_at`` is asked for those that are gone.
        Raises SysrootError or NetworkError; UsageError if ``into`` is there already.
        """
        recipe = Recipe(
            name=name,
            request=request,
            requested=with_added((), packages),
            locked=tuple(locked),
            locked_at=locked_at,
        )
        place = into or self._link(name, request)
        with self._alone(place):
            if into:
                check_free(into)
                return self._make_directory(into, recipe)
            if recipe.locked:
                made = self._entry(recipe)
            else:
                made = self.with_packages(self._shared(name, request), recipe.requested)
            self._point(made)
        return made

    def change(self, sysroot: Sysroot, *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Sysroot:
        """Return ``sysroot`` with packages added and removed, in its place: builds that go on keep the old one.

        Raises SysrootError for packages to remove that were not requested.
        """
        place = self._place(sysroot)
        with self._alone(place):
            # Somebody else may have changed it since it was found.
            present = self._read(place).reached_by(sysroot.request)
            recipe = self._with_removed(present, set(remove)) if remove else Recipe.over(present, present.requested)
            recipe = replace(recipe, requested=with_added(recipe.requested, add))
            if recipe.requested == present.requested:
                return present
            if not self._is_ours(place):
                return self._make_directory(place, recipe)
            made = self._entry(recipe)
            self._point(made)
        return made

    def _with_removed(self, sysroot: Sysroot, packages: set[str]) -> Recipe:
        unknown = bare_names(packages) - bare_names(sysroot.requested)
        if unknown:
            raise SysrootError(
                f"{', '.join(sorted(unknown))} was not requested for {sysroot.directory}.",
                why=f"Beyond Python and the compilers' libraries it has {', '.join(sysroot.requested) or 'nothing'}, "
                "and what these depend on.",
            )
        left = without(sysroot.requested, packages)
        locked = self._without_dependencies(sysroot, left) if sysroot.locked else ()
        return replace(Recipe.over(sysroot, left), locked=locked, base=None)

    def _without_dependencies(self, sysroot: Sysroot, left: Iterable[str]) -> tuple[str, ...]:
        """Return what is locked in ``sysroot`` but for what only the requested ones need that are not ``left``."""
        with self.apt(sysroot.name, sysroot.request) as apt:
            always = base_packages(apt)
            before, after = (
                {package.name for package in apt.resolve([*always, *map(bare_name, requested)])}
                for requested in (sysroot.requested, left)
            )
        return without(sysroot.locked, before - after)

    def find(self, text: str, request: SourceRequest = MACHINE_SOURCES) -> Sysroot:
        """Return the sysroot that ``text`` names, a release or a directory. Raises SysrootError if there is none.

        For the machine's own sources, a release's only one from others will do.
        """
        place = self._named(text, request)
        if is_sysroot_name(text) and not (place / MANIFEST).is_file():
            raise _missing(text)
        return self._read(place).reached_by(request)

    def all(self) -> list[Sysroot]:
        """Return the shared sysroots of the cache, by name."""
        links = sorted(self._links.glob("[!.]*"))
        return [Sysroot.from_directory(link.resolve()) for link in links if (link / MANIFEST).is_file()]

    def remove(self, text: str, request: SourceRequest = MACHINE_SOURCES) -> None:
        """Remove the sysroot that ``text`` names as for :meth:`find`, and with one of the cache all layers over it.

        Builds that use it must have ended. If this is interrupted, it can be called again. Raises SysrootError.
        """
        place = self._named(text, request)
        if not is_sysroot_name(text):
            place = self._place(Sysroot.from_directory(place))
        elif not place.is_symlink():
            raise _missing(text)
        with self._alone(place):
            if place.parent == self._links:
                # The link goes last: as long as it is there, the same command can be given again.
                remove_trees(self._entries, f"{place.name}.", beginning=True)
                place.unlink(missing_ok=True)
            else:
                remove_trees(place.parent, place.name)

    @contextmanager
    def apt(self, name: SysrootName, request: SourceRequest) -> Iterator[Apt]:
        """Give apt for ``name``, with lists that are up to date, to this process alone.

        Of several mirrors it is that of the first one that has such lists.
        """
        with self._first(name, request.one_by_one(), lambda apt: apt) as apt:
            yield apt

    def contents(self, name: SysrootName, request: SourceRequest) -> Contents:
        """Return which package of ``name`` has a file. Raises SysrootError or NetworkError if nothing tells it."""
        with self._first(name, request.one_by_one(), fetch_contents) as contents:
            return contents

    @contextmanager
    def _first(
        self, name: SysrootName, sources: Sequence[SourceRequest], ask: Callable[[Apt], _Answer]
    ) -> Iterator[_Answer]:
        """Give what ``ask`` returns for the first of ``sources`` that it does not fail for; that one is held."""
        with ExitStack() as held:

            def attempt(source: SourceRequest, lists: Lists) -> _Answer:
                # What the answer needs, apt's lock above all, is kept with it; after a failure it is let go at once.
                with ExitStack() as own:
                    answer = ask(own.enter_context(self._apt(name, source, lists)))
                    held.enter_context(own.pop_all())
                    return answer

            yield first_that_serves(name, sources, attempt, self.reporter)

    @contextmanager
    def _apt(self, name: SysrootName, source: SourceRequest, lists: Lists) -> Iterator[Apt]:
        # A state of its own for each release, architecture and archive: different ones do not wait for each other.
        directory = self.cache.open(_STATES, state_directory(self.cache.path(_STATES), name, source).name)
        runner = Runner(log=directory / "log.txt", reporter=self.reporter)
        with FileLock(directory / ".lock"), tempfile.TemporaryDirectory(prefix="crossbuild-") as private:
            yield Apt.prepare(
                directory,
                name=name,
                request=source,
                runner=runner,
                environ=self.environ,
                private=Path(private),
                lists=lists,
                offline=self.offline,
            )

    @property
    def _entries(self) -> Path:
        return self.cache.root / _KIND

    @property
    def _links(self) -> Path:
        return self._entries / "by-name"

    def _link(self, name: SysrootName, request: SourceRequest) -> Path:
        plain = f"{name.distribution}-{name.suite}-{name.debian_architecture}"
        key = plain if request == MACHINE_SOURCES else f"{plain}-from-{digest(request.archive)}"
        return self._links / key

    def _present(self, name: SysrootName, request: SourceRequest) -> Path:
        """Return the link of the sysroot that serves for ``request``, or where it is to be if there is none."""
        link = self._link(name, request)
        # A link whose sysroot was removed from the cache leads nowhere.
        others = [other for other in self._links.glob(f"{link.name}-from-*") if other.exists()]
        return others[0] if request == MACHINE_SOURCES and not link.exists() and len(others) == 1 else link

    def _named(self, text: str, request: SourceRequest) -> Path:
        """Return the link or the directory that ``text`` names, be it there or not."""
        return self._present(SysrootName.from_text(text), request) if is_sysroot_name(text) else Path(text).resolve()

    def _read(self, place: Path) -> Sysroot:
        """Return the sysroot at ``place``. Raises SysrootError."""
        directory = place.resolve()  # once: a link may be exchanged meanwhile
        self._use(directory)
        return Sysroot.from_directory(directory)

    def _use(self, place: Path) -> None:
        """Let nobody remove the entry of the cache that ``place`` is or leads to, if it does."""
        if self._is_ours(place):
            self.cache.use(_KIND, place.resolve().name)

    def _is_ours(self, directory: Path) -> bool:
        """Return whether ``directory`` is an entry of the cache, which nobody may change, or leads to one."""
        return directory.resolve().parent == self._entries.resolve()

    def _place(self, sysroot: Sysroot) -> Path:
        """Return what is to be exchanged if ``sysroot`` is to change: the link to it, or its directory."""
        ours = self._is_ours(sysroot.directory)
        return self._link(sysroot.name, sysroot.request) if ours else sysroot.directory.resolve()

    @contextmanager
    def _alone(self, place: Path) -> Iterator[None]:
        """Let nobody else change what is at ``place``, by a link or by its own name."""
        locks = self._entries / "locks"
        locks.mkdir(parents=True, exist_ok=True)
        with FileLock(locks / digest(place.parent.resolve() / place.name)):
            yield

    def _shared(self, name: SysrootName, request: SourceRequest) -> Sysroot:
        """Return the shared sysroot, made if it is not there. Only for who is alone with its link."""
        link = self._link(name, request)
        if not (link / MANIFEST).is_file():
            self._point(self._entry(Recipe(name=name, request=request)))
        return self._read(link).reached_by(request)

    def _point(self, entry: Sysroot) -> None:
        point(self._link(entry.name, entry.request), f"../{entry.directory.name}")

    def _entry(self, recipe: Recipe) -> Sysroot:
        ours = recipe.base is None or self._is_ours(recipe.base.directory)
        # What is in the cache never changes. In a directory of the user's a file may, and every link to it with it.
        copy = os.link if ours else shutil.copy2
        key = f"{self._link(recipe.name, recipe.request).name}.{recipe.key}"
        entry = self.cache.entry(_KIND, key, lambda root: self._fill(root, recipe, copy))
        return Sysroot.from_directory(entry).reached_by(recipe.request)

    def _make_directory(self, directory: Path, recipe: Recipe) -> Sysroot:
        with replacing(directory) as scratch:
            self._fill(scratch, recipe, os.link)
        register(self.cache, "sysroots", directory)
        return Sysroot.from_directory(directory)

    def _fill(self, root: Path, recipe: Recipe, copy: Callable[[str, str], object]) -> None:
        what = f"Make the sysroot {recipe.name}" + (f" with {', '.join(recipe.requested)}" if recipe.requested else "")
        with (
            self.reporter.step(what),
            self._first(recipe.name, recipe.sources, partial(fetch, recipe)) as filling,
        ):
            fill(root, filling, copy=copy, reporter=self.reporter)
        made = Sysroot(
            directory=root,
            name=recipe.name,
            request=recipe.request,
            requested=recipe.requested,
            packages=filling.closure,
            locked=recipe.locked,
            locked_at=recipe.locked_at,
        )
        made.write_manifest(root)


def _missing(text: str) -> SysrootError:
    near = SysrootName.from_text(text).near
    return SysrootError(
        f"There is no sysroot {text} in the cache.",
        fix=f"Did you mean {near}?" if near else f"`crossbuild sysroot create {text}` makes it.",
    )
