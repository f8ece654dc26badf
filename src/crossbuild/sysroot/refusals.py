"""What apt says when it refuses: read from its output, and said to users.

The messages are those of apt 2.x in the C locale (apt-pkg/acquire-item.cc, apt-pkg/cacheset.cc, methods/).
"""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from crossbuild.errors import NetworkError, SysrootError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from crossbuild.sysroot.apt import SysrootPackage
    from crossbuild.sysroot.apt_sources import SourceRequest
    from crossbuild.sysroot.downloads import Failure
    from crossbuild.sysroot.names import SysrootName

OTHER_SOURCES = (
    "Try again later, name other mirrors with --mirror URL (repeat it for several), or take the packages of an "
    "earlier time from the distribution's snapshot archive: --snapshot TIME, such as 20260101T000000Z, and no --mirror."
)
"""What to do if mirrors lack something."""

_CHECK_NETWORK = "Check the network and apt's proxy, or name another mirror with --mirror."
_COMPLAINT = re.compile(r"^(?:(?:E|W|Err)[:0-9]| \S+ : | +(?:Pre)?Depends: )")
_UNKNOWN = re.compile(r"^E: (?:Unable to locate package|Package '?)\s*(?P<name>[^\s']+)", re.MULTILINE)
_GONE = re.compile(r"^E: Version '(?P<version>[^']+)' for '(?P<name>[^']+)' was not found", re.MULTILINE)
_UNREACHABLE = re.compile(
    r"Could not (?:connect|resolve|handshake)|Temporary failure|Connection (?:failed|refused|reset|timed out)|timed out"
    r"|Error reading from server|Undetermined Error|Redirection loop|  5\d\d  |NOSPLIT"
)
_OUT_OF_STEP = re.compile(r"File has unexpected size|Hash Sum mismatch")
_UNTRUSTED = re.compile(
    r"not signed|no longer signed|NO_PUBKEY|signatures? (?:couldn't|were invalid|verif)|GPG error|BADSIG|EXPKEYSIG"
)
_NO_SUITE = re.compile(r"does not have a Release file|404 +Not Found")


class PackagesMissingError(SysrootError):
    """No mirror has the packages that a signed index lists, or not with the listed hashes."""


class EarlierMayServeError(NetworkError):
    """An archive cannot be used today, but the cache has what it had earlier."""


def complaints(output: str) -> str:
    """Return the lines of ``output`` that tell of errors, of warnings, or of unmet dependencies."""
    return "\n".join(line for line in output.splitlines() if _COMPLAINT.match(line))


def is_unreachable(output: str) -> bool:
    """Return whether an update failed for want of a network, and not because of what the archive said."""
    return bool(_UNREACHABLE.search(output)) and not _UNTRUSTED.search(output)


def passing_trouble(output: str) -> str:
    """Return what kept an update from what it may get another time, "" if it failed for something else.

    Lists of an earlier time, which were signed, then do: apt leaves them as they are. Whoever can damage an index on
    its way could as well keep it away.
    """
    if is_unreachable(output):
        return "cannot be reached"
    out_of_step = _OUT_OF_STEP.search(output) and not _UNTRUSTED.search(output)
    return "has indexes that are not what its signed release promises" if out_of_step else ""


def broken_supplements(output: str, suite: str) -> frozenset[str]:
    """Return the suites of updates that an update failed for, where ``suite`` itself is well and all is signed."""
    errors = "\n".join(line for line in output.splitlines() if line.startswith("E"))
    # A suite stands between blanks, or in the address of one of its files.
    if _UNTRUSTED.search(output) or re.search(rf"(?: |/dists/){re.escape(suite)}(?: |/)", errors):
        return frozenset()
    return frozenset(re.findall(rf"\b{re.escape(suite)}-(?:updates|security)\b", complaints(output)))


def update_refused(output: str, *, name: SysrootName, request: SourceRequest) -> SysrootError | NetworkError:
    """Return the error for an update that ended with ``output``."""
    why = complaints(output)
    what = f"The package lists of {name} cannot be fetched."
    if _UNTRUSTED.search(output):
        own = f"another file than {request.keyring} for " if request.keyring else ""
        return SysrootError(
            f"The packages of {name} are not signed by a key that is trusted here.",
            why=why,
            fix=f"Name {own}its keys with --keyring (Debian and Ubuntu have theirs in packages called "
            "debian-archive-keyring and ubuntu-archive-keyring), or another mirror with --mirror.",
        )
    if is_unreachable(output):
        fix = _CHECK_NETWORK
        if request.snapshot:
            fix = f"Snapshots come from {' and '.join(_hosts(output))}: check the network and apt's proxy, or name a "
            fix += "mirror of that archive with --mirror."
        return NetworkError(what, why=why, fix=fix)
    meant = f"Did you mean {name.near}? " if name.near else ""
    wrong_suite = f"{meant}Is there a release {name.suite!r} of {name.distribution} on this mirror?"
    fix = f"{wrong_suite if _NO_SUITE.search(output) else 'Try again.'} --mirror names another mirror."
    return SysrootError(what, why=why, fix=fix)


def packages_missing(
    failures: Collection[Failure],
    packages: Sequence[SysrootPackage],
    *,
    output: str,
    name: SysrootName,
    request: SourceRequest,
) -> PackagesMissingError | NetworkError:
    """Return the error for ``packages`` that came from nowhere; ``failures`` say why, and ``output`` is apt's."""
    by_file = {package.path.rpartition("/")[2]: package for package in packages}
    missing: dict[tuple[str, str], list[str]] = {}
    for failure in failures:
        address = unquote(failure.address)
        package = by_file.get(address.rpartition("/")[2])
        if package:
            place = (address.removesuffix(package.path).rstrip("/"), failure.why)
            missing.setdefault(place, []).append(package.path.rpartition("/")[2])
    lines = [f"{mirror}: {why}: {', '.join(files)}" for (mirror, why), files in missing.items()]
    what = f"{len(packages)} {'packages' if len(packages) > 1 else 'package'} of {name} cannot be downloaded."
    why = "\n".join(lines) or complaints(output)
    if failures and all(is_unreachable(failure.why) for failure in failures):
        return NetworkError(what, why=why, fix=_CHECK_NETWORK)
    return PackagesMissingError(
        what,
        why=why,
        fix="Choose another time with --snapshot." if request.snapshot else OTHER_SOURCES,
    )


def _hosts(output: str) -> list[str]:
    """Return the hosts in the addresses of ``output``."""
    return list(dict.fromkeys(re.findall(r"https?://([^/\s]+)", output)))


def packages_refused(
    output: str, packages: Sequence[str], *, name: SysrootName, known: Callable[[], Collection[str]]
) -> SysrootError:
    """Return the error for ``packages`` that cannot be installed; ``known`` returns the names that there are."""
    gone = [f"{found['name']}={found['version']}" for found in _GONE.finditer(output)]
    if gone:
        return SysrootError(
            f"{name} no longer has {', '.join(gone)}.",
            fix="Choose other versions, or take the packages of an earlier time with --snapshot TIME.",
        )
    unknown = {found["name"] for found in _UNKNOWN.finditer(output)} & {one.partition("=")[0] for one in packages}
    if not unknown:
        return SysrootError(
            f"{name} cannot provide {', '.join(packages)} together.",
            why=complaints(output) or output.strip()[-1500:],
            fix="Leave out what conflicts, or choose other versions.",
        )
    there = known()
    near = sorted({one for lacking in unknown for one in difflib.get_close_matches(lacking, there, n=3)})
    return SysrootError(
        f"{name} has no package {', '.join(sorted(unknown))}.",
        fix=f"Near names: {', '.join(near)}." if near else "Search its packages on the distribution's site.",
    )
