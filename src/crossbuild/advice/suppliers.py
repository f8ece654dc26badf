"""Which of a distribution's packages have what a build lacked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crossbuild.advice.missing_files import Lack
    from crossbuild.advice.phrases import Kind
    from crossbuild.sysroot.contents import Contents, Entry

_LIBRARIES = "usr/lib"
_MODULES = "usr/(?:lib|share)/pkgconfig"
_PROGRAMS = "usr/s?bin"

# A header that so many packages keep in directories of their own is nobody's in particular (config.h).
_TOO_MANY = 6
_UNRELATED = 2


@dataclass(frozen=True, kw_only=True)
class Supplier:
    """The package that has what a build lacked."""

    lack: Lack
    package: str | None
    """None if the distribution has no package with it."""
    kind: Literal["sysroot", "build-machine"] = "sysroot"
    """Where it belongs: a library's package into the sysroot, that of a program onto the build machine."""
    others: tuple[str, ...] = ()
    """Packages that have it as well, and no worse."""


@dataclass(frozen=True, kw_only=True)
class _Form:
    """One way to have what lacks: a file with this name in this directory, both regular expressions."""

    directory: str
    """Without the multiarch part."""
    name: str
    private: bool = False
    """Whether nothing looks into that directory unasked."""

    def fits(self, entry: Entry) -> bool:
        directory, _, name = entry.path.rpartition("/")
        return bool(
            re.fullmatch(self.name, name)
            and re.fullmatch(self.directory, directory)
            and not (self.private and not _is_development(entry))
        )


def find_suppliers(lacks: Sequence[Lack], contents: Contents, *, multiarch: str) -> tuple[Supplier, ...]:
    """Return for each of ``lacks`` the package that has it, found in one pass over ``contents``.

    ``multiarch`` is the host's, ``aarch64-linux-gnu``. Of several packages the best has the file where it is found
    without further options, is a development package (Debian's section ``libdevel``), and keeps it the least deep.
    """
    if not lacks:
        return ()
    forms = {lack: tuple(_FORMS[lack.kind](lack.name)) for lack in lacks}
    # One expression for everything that lacks: the index of an architecture has hundreds of thousands of lines.
    names = "|".join(sorted({_lower(form.name) for several in forms.values() for form in several}))
    # Packages from before merged /usr list files in /lib, and the multiarch directory is the same place to a compiler.
    plain = re.compile(rf"^(?:usr/)?(lib|include|s?bin)(?:64)?(?:/{re.escape(multiarch)})?/")
    entries = [entry._replace(path=plain.sub(r"usr/\1/", entry.path)) for entry in contents.matching(re.compile(names))]
    return tuple(_best(lack, several, entries) for lack, several in forms.items())


def _best(lack: Lack, forms: Sequence[_Form], entries: Sequence[Entry]) -> Supplier:
    for form in forms:
        fitting = [entry for entry in entries if form.fits(entry)]
        best = min((_rank(entry, lack) for entry in fitting), default=None)
        equals = sorted(entry for entry in fitting if _rank(entry, lack) == best)
        if equals and not (form.private and _is_a_guess(lack, fitting, equals)):
            package, *others = sorted({entry.package for entry in equals})
            runs_here = form.directory == _PROGRAMS and not any(map(_is_development, equals))
            kind: Literal["sysroot", "build-machine"] = "build-machine" if runs_here else "sysroot"
            return Supplier(lack=lack, package=package, kind=kind, others=tuple(others))
    return Supplier(lack=lack, package=None)


def _is_a_guess(lack: Lack, fitting: Sequence[Entry], equals: Sequence[Entry]) -> bool:
    """Return whether several packages have it that are called otherwise, or very many a header of this name."""
    distances = {entry.package: _distance(entry.package, lack.name) for entry in equals}
    is_common = lack.kind == "header" and len({entry.package for entry in fitting}) >= _TOO_MANY
    return (is_common and 0 not in distances.values()) or list(distances.values()).count(_UNRELATED) > 1


def _rank(entry: Entry, lack: Lack) -> tuple[bool, bool, int, int]:
    is_other = not entry.section.endswith("libdevel")
    return is_other, not _is_development(entry), _distance(entry.package, lack.name), entry.path.count("/")


def _distance(package: str, name: str) -> int:
    """Return 0 if ``package`` is called as what lacks, 1 if it has it in its name, else 2."""
    stem = re.sub(r"^lib|\.h\w*$", "", name.partition("/")[0].lower())
    # Debian calls the development package of libfoo libfoo-dev (policy 8.4).
    if re.fullmatch(rf"(?:lib)?{re.escape(stem)}(?:-dev)?", package):
        return 0
    return 1 if stem in package else _UNRELATED


def _lower(pattern: str) -> str:
    return pattern.replace("(?i:", "(?:").lower()


def _is_development(entry: Entry) -> bool:
    return entry.section.endswith("libdevel") or entry.package.endswith("-dev")


def _header(name: str) -> Iterator[_Form]:
    directory, _, base = re.escape(name).rpartition("/")
    below = f"/{directory}" if directory else ""
    yield _Form(directory=f"usr/include{below}", name=base)
    for prefix in ("usr/include/[^/]+", "usr/include/.+", "usr/lib/.+"):
        yield _Form(directory=prefix + below, name=base, private=True)


def _library(name: str) -> Iterator[_Form]:
    exact = re.escape(name)
    yield _Form(directory=_LIBRARIES, name=rf"lib{exact}\.so")
    yield _Form(directory=_LIBRARIES, name=rf"lib{exact}\.a")
    yield _Form(directory=_MODULES, name=rf"(?:lib)?{exact}\.pc")
    yield _Form(directory=f"{_LIBRARIES}/.+", name=rf"lib{exact}\.so", private=True)
    # What a person calls lcms is liblcms2, and FindHDF5 means libhdf5.
    yield _Form(directory=_LIBRARIES, name=rf"(?i:lib{exact}[-.\d]*)\.so")
    yield _Form(directory=f"{_LIBRARIES}/.+", name=rf"(?i:lib{exact})\.so", private=True)


def _module(name: str) -> Iterator[_Form]:
    exact = re.escape(name)
    yield _Form(directory=_MODULES, name=rf"{exact}\.pc")
    yield _Form(directory=".+/pkgconfig", name=rf"{exact}\.pc", private=True)
    yield _Form(directory=_MODULES, name=rf"(?i:{exact})\.pc")
    yield from _configuration(name)
    yield from _library(name.removeprefix("lib"))


def _cmake(name: str) -> Iterator[_Form]:
    """Yield CMake's own files first; what one of its modules (FindZLIB) finds may have pkg-config's, or a library."""
    yield from _configuration(name)
    yield _Form(directory=_MODULES, name=rf"(?i:(?:lib)?{re.escape(name)})\.pc")
    yield from _library(re.sub("^(?i:lib)", "", name))


def _configuration(name: str) -> Iterator[_Form]:
    exact, lower = re.escape(name), re.escape(name.lower())
    yield _Form(directory=".+", name=rf"(?:{exact}Config|{lower}-config)\.cmake")
    yield _Form(directory=".+", name=rf"(?i:{exact}Config|{exact}-config)\.cmake")


def _program(name: str) -> Iterator[_Form]:
    yield _Form(directory=_PROGRAMS, name=re.escape(name))


_FORMS: dict[Kind, Callable[[str], Iterator[_Form]]] = {
    "header": _header,
    "library": _library,
    "module": _module,
    "cmake": _cmake,
    "program": _program,
}
