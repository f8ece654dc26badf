"""Trying one source of packages after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from crossbuild.errors import NetworkError, SysrootError
from crossbuild.sysroot.refusals import OTHER_SOURCES, EarlierMayServeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossbuild.reporting import Reporter
    from crossbuild.sysroot.apt import Lists
    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.names import SysrootName

    Failures = dict[SourceRequest, SysrootError | NetworkError]

_Found = TypeVar("_Found")


def first_that_serves(
    name: SysrootName,
    sources: Sequence[SourceRequest],
    attempt: Callable[[SourceRequest, Lists], _Found],
    reporter: Reporter,
) -> _Found:
    """Return what ``attempt`` returns for the first of ``sources`` for which it does not fail.

    Lists in the cache are used only if no source has new ones. Raises SysrootError or NetworkError, which say what was
    wrong with each source.
    """
    if len(sources) == 1:
        return attempt(sources[0], "either")
    failures: Failures = {}
    # In two rounds: new lists of a later mirror are better than old ones of the first, which may promise what is gone.
    for lists in ("new", "kept"):
        held = [source for source, error in failures.items() if isinstance(error, EarlierMayServeError)]
        for source in sources if lists == "new" else held:
            try:
                found = attempt(source, lists)
            except (SysrootError, NetworkError) as error:
                # Its first failure says more than that its old lists do not serve either.
                if failures.setdefault(source, error) is error:
                    reporter.warning(f"From {source}: {error.what}")
            else:
                if lists == "kept":
                    reporter.warning(f"No source of {name} has usable indexes; using cached ones from {source}.")
                return found
    raise _all_failed(name, failures)


def _all_failed(name: SysrootName, failures: Failures) -> SysrootError | NetworkError:
    errors = list(failures.values())
    if len({str(error) for error in errors}) == 1:
        return errors[0]
    kind = NetworkError if all(isinstance(error, NetworkError) for error in errors) else SysrootError
    said = {error.what for error in errors}
    if len(said) == 1:
        # The reasons have the addresses.
        lines = dict.fromkeys(line for error in errors for line in error.why.splitlines())
        return kind(said.pop(), why="\n".join(lines), fix=_fix(errors))
    return kind(
        f"None of the {len(errors)} sources of {name} can be used.",
        why="\n".join(f"From {source}:\n{_indented(error)}" for source, error in failures.items()),
        fix=_fix(errors),
    )


def _indented(error: SysrootError | NetworkError) -> str:
    return "\n".join(f"  {line}" for line in f"{error.what}\n{error.why}".splitlines() if line)


def _fix(errors: Sequence[SysrootError | NetworkError]) -> str:
    fixes = {error.fix for error in errors}
    return fixes.pop() if len(fixes) == 1 else OTHER_SOURCES
