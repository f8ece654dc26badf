"""Builds that are begun again with the libraries that they were missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from crossbuild.building.sysroot_packages import advise, packages_to_add
from crossbuild.errors import AuditError, BackendError
from crossbuild.system.scratch import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crossbuild.session.session import Session
    from crossbuild.sources.project import Source

_T = TypeVar("_T")
_MOST_ATTEMPTS = 6
"""How often a build is begun, with more libraries each time: most stop at the first one that is missing."""
_NOT_OURS = (
    "This error comes from the project's own build. Check that it builds for this machine with pip, or try another "
    "version of it."
)
"""What to do about an error that nothing is known about."""


def with_libraries(
    attempt: Callable[[Sequence[Source], frozenset[str]], _T],
    sources: Sequence[Source],
    wanted: frozenset[str],
    *,
    session: Session,
    added: frozenset[str] = frozenset(),
    attempts: int = 1,
) -> tuple[_T, frozenset[str]]:
    """Call ``attempt`` with ``sources`` and the packages ``wanted`` and ``added``; return its result, and the packages.

    If libraries are missing, it is called again with their packages in the sysroot, or the error names them. Every hook
    runs inside such an attempt.
    """
    packages = wanted | added
    try:
        return attempt(sources, packages), packages
    except (BackendError, AuditError) as error:
        toolchain = session.target(packages).toolchain
        advice = advise(error, session.plan(packages), session, toolchain=toolchain)
        may_add = session.options.auto_sysroot and attempts < _MOST_ATTEMPTS
        more = packages_to_add(advice, packages, session) if may_add else frozenset()
        if not more:
            error.fix = "\n".join(filter(None, (advice.text, error.fix))) or _NOT_OURS
            raise
        lacked, new = f"lacked {advice.lacking}", ", ".join(sorted(more - packages))
        session.reporter.note(f"{', '.join(source.label for source in sources)} {lacked}: added {new}")
        # The user only needs the build directory of the last attempt.
        if error.kept:
            remove_tree(error.kept)
    again = [source.unpacked_again() for source in sources]
    return with_libraries(attempt, again, wanted, session=session, added=added | more, attempts=attempts + 1)
