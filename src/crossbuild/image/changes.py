"""What an installation, or a removal, changes in a root, worked out and judged before anything is written there."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import InstallError
from crossbuild.image.places import EscapeError, Places
from crossbuild.image.renames import STAGING, Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from crossbuild.image.installed import Installed
    from crossbuild.image.staged import Staged, StagedFile
    from crossbuild.image.wheel_layout import Layout


def plan_installation(staged: Sequence[Staged], layout: Layout, installed: Sequence[Installed]) -> Change:
    """Return what installs ``staged`` in place of the distributions of the same names.

    Raises InstallError, once for all: for a file that two distributions write with different content, one that
    belongs to a distribution that stays or to none and has other content, one that would be outside of the root, and a
    distribution to be replaced that does not say which files it has.
    """
    names = frozenset(one.distribution.name for one in staged)
    plan = _Plan.from_installed(layout, [one for one in installed if one.name in names], installed)
    for one in staged:
        for file in (*one.files, one.record):
            plan.add(file, one.distribution.name)
    plan.check_shapes()
    return plan.finished(
        layout,
        "Nothing was installed.",
        fix="Install into another directory or root, or leave out what is in the way.",
    )


def plan_removal(names: Sequence[str], layout: Layout, installed: Sequence[Installed]) -> Change:
    """Return what removes the distributions ``names`` (normalised).

    Raises InstallError where one is not there, or does not say which files it has.
    """
    removed = [one for one in installed if one.name in names]
    plan = _Plan.from_installed(layout, removed, installed)
    known = {one.name for one in removed}
    place = layout.root / layout.purelib.relative_to("/")
    plan.complaints += [f"{name} is not installed in {place}." for name in names if name not in known]
    return plan.finished(
        layout,
        "Nothing was removed.",
        fix="Give the --root, --prefix and --scheme, or the --target, that it was installed with.",
    )


@dataclass(frozen=True, kw_only=True)
class _Write:
    file: StagedFile
    owner: str


@dataclass(kw_only=True)
class _Plan:
    places: Places
    obsolete: dict[str, str]
    """What the replaced distributions have, each with its owner. Paths relative to the root, here and below."""
    foreign: dict[str, str]
    """What the others have."""
    complaints: list[str]
    writes: dict[str, _Write] = field(default_factory=dict)

    @classmethod
    def from_installed(cls, layout: Layout, replaced: Sequence[Installed], installed: Sequence[Installed]) -> _Plan:
        places = Places(root=layout.root)
        others = [one for one in installed if one not in replaced]
        return cls(
            places=places,
            obsolete={path: one.title for one in replaced for path in _files(one, places)},
            foreign={path: one.title for one in others for path in _recorded(one, places)},
            complaints=[_no_record(one) for one in replaced if not one.has_record],
        )

    def add(self, file: StagedFile, owner: str) -> None:
        """Plan that ``file`` is written, or complain."""
        try:
            path = _relative(file.path, self.places)
            _check_name(self.places.root / path)
        except EscapeError as error:
            self.complaints.append(f"{file.path} of {owner} {error}.")
            return
        except OSError as error:
            self.complaints.append(f"{file.path} of {owner} cannot be written: {error.strerror}.")
            return
        earlier = self.writes.get(path)
        if earlier is None:
            self.writes[path] = _Write(file=file, owner=owner)
            self._check_place(file, path, owner)
        elif earlier.file.digest != file.digest:
            self.complaints.append(f"{file.path} is in {earlier.owner} and in {owner}, with different content.")
        if any(part.startswith(STAGING) for part in PurePosixPath(path).parts):
            self.complaints.append(f"{file.path} of {owner} has a name that is crossbuild's own.")

    def _check_place(self, file: StagedFile, path: str, owner: str) -> None:
        place = self.places.root / path
        if path in self.obsolete or not os.path.lexists(place) or _is_bytecode(path):
            return
        if place.is_dir() and not place.is_symlink():
            if not self._is_obsolete(place):
                self.complaints.append(f"{file.path} of {owner} is a directory in the root.")
        elif not _is_same(place, file):
            whose = f"{self.foreign[path]} has it" if path in self.foreign else "it is of no distribution"
            self.complaints.append(f"{file.path} of {owner} is there already, with other content: {whose}.")

    def _is_obsolete(self, directory: Path) -> bool:
        """Return whether ``directory``, and all directories in it, are removed with their last files."""
        files = {self.places.root / path for path in self.obsolete.keys() - self.foreign.keys()}
        parents = {parent for file in files for parent in file.parents}
        return all(path in files or path in parents for path in (directory, *directory.rglob("*")))

    def check_shapes(self) -> None:
        """Complain of files in the place of directories that other files are in."""
        for path, write in self.writes.items():
            for parent in PurePosixPath(path).parents:
                above = self.writes.get(str(parent))
                if above:
                    self.complaints.append(f"{above.file.path} of {above.owner} is a directory of {write.owner}.")

    def _check_directories(self, paths: Iterable[str]) -> None:
        """Complain about directories in which no file can be made or removed."""
        for directory in sorted({_nearest(self.places.root / path) for path in paths}):
            if not os.access(directory, os.W_OK | os.X_OK):
                self.complaints.append(f"{directory} is not writable.")

    def finished(self, layout: Layout, outcome: str, *, fix: str) -> Change:
        """Return the change, unless there are complaints."""
        # What another distribution has recorded, too, stays for that.
        gone = self.obsolete.keys() - self.writes.keys() - self.foreign.keys()
        self._check_directories((*self.writes, *gone))
        if self.complaints:
            raise InstallError(outcome, why="\n".join(dict.fromkeys(self.complaints)), fix=fix)
        return Change(
            writes={path: _staged_name(write.file.source) for path, write in self.writes.items()},
            removals=tuple(sorted(gone)),
            kept=tuple(sorted(_kept(layout, self.places))),
        )


def _staged_name(source: Path) -> str:
    return f"{source.parent.name}/{source.name}"


def _relative(path: PurePosixPath, places: Places) -> str:
    return str(places.find(path).relative_to(places.root))


def _check_name(place: Path) -> None:
    """Raise OSError if the file system cannot hold a file of that name, or one of the directories that it needs."""
    directory = _nearest(place)
    names = (directory / part for part in place.relative_to(directory).parts)
    for path in (place, *names):
        with suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()


def _nearest(place: Path) -> Path:
    """Return the directory in which the change for ``place`` begins: the innermost one that exists."""
    return next(parent for parent in place.parents if parent.is_dir())


def _is_bytecode(path: str) -> bool:
    """Return whether any Python may make or replace the file, whoever has installed its module."""
    return path.endswith(".pyc") and "/__pycache__/" in path


def _is_same(place: Path, file: StagedFile) -> bool:
    if place.is_symlink() or not place.is_file() or place.stat().st_size != file.source.stat().st_size:
        return False
    return place.read_bytes() == file.source.read_bytes()


def _recorded(one: Installed, places: Places) -> Iterator[str]:
    for path in one.files:
        try:
            yield _relative(path, places)
        except EscapeError:
            continue


def _files(one: Installed, places: Places) -> Iterator[str]:
    """Yield what goes with ``one``: what it recorded and is there, its metadata, and the bytecode of its modules."""
    caches: dict[Path, list[str]] = {}
    about = _relative(one.directory, places) if one.has_record else ""
    inside = _names(places.root / about) if about else []
    for path in (*_recorded(one, places), *(f"{about}/{name}" for name in inside)):
        real = places.root / path
        if os.path.lexists(real) and (real.is_symlink() or not real.is_dir()):
            yield path
        # Bytecode is made by whoever imports the module first, and is in no RECORD.
        if path.endswith(".py"):
            cache = real.parent / "__pycache__"
            names = caches.setdefault(cache, _names(cache))
            start = f"{real.stem}."
            found = (name for name in names if name.startswith(start) and name.endswith(".pyc"))
            yield from (str((cache / name).relative_to(places.root)) for name in found)


def _names(directory: Path) -> list[str]:
    is_own = directory.is_dir() and not directory.is_symlink()
    return sorted(path.name for path in directory.iterdir()) if is_own else []


def _kept(layout: Layout, places: Places) -> Iterator[str]:
    for directory in layout.directories:
        for path in (directory, *directory.parents):
            try:
                # By a file in it, since only the directories above a path have their links followed.
                yield _relative(path / "x", places).removesuffix("x").rstrip("/")
            except EscapeError:
                continue


def _no_record(one: Installed) -> str:
    whom = f" It was installed by {one.installer}." if one.installer and one.installer != "pip" else ""
    return f"{one.title} cannot be replaced or removed: it has no RECORD, so its files are not known.{whom}"
