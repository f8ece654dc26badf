"""Where a distribution's packages come from: the machine's own apt sources, with another suite and architecture."""

from __future__ import annotations

import functools
import os
import platform
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, unquote, urlsplit

from crossbuild.declarations.option import Heading, Kind, Scope, option
from crossbuild.errors import SysrootError, UsageError
from crossbuild.redaction import holds_login, without_login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crossbuild.sysroot.names import SysrootName

_RELEASE_FILE = re.compile(r"^'(?P<mirror>.+?)/?/dists/(?P<suite>[^/]+)/InRelease'", re.MULTILINE)
# Debian keeps security updates in an archive of their own, Ubuntu all pockets of a release in one.
_SNAPSHOTS = {
    "debian": (
        "https://snapshot.debian.org/archive/debian/{date}",
        "https://snapshot.debian.org/archive/debian-security/{date}",
    ),
    "ubuntu": ("https://snapshot.ubuntu.com/ubuntu/{date}", "https://snapshot.ubuntu.com/ubuntu/{date}"),
}
_SPLIT = re.compile(r"[\s,]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_IN_ADDRESSES = "!#$%&'()*+,/:;=?@[]~"
"""What means something in addresses (RFC 3986, section 2)."""
_DATE = re.compile(r"\d{8}T\d{6}Z")
_COMPONENTS = {"debian": ("main",), "ubuntu": ("main", "universe")}
_KEYRINGS = {
    "debian": "/usr/share/keyrings/debian-archive-keyring.gpg",
    "ubuntu": "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
}
_UBUNTU_PORTS = "http://ports.ubuntu.com/ubuntu-ports"
"""Where Ubuntu keeps all architectures but amd64 and i386."""
_WITHOUT_UPDATES = ("sid", "unstable", "experimental")
_SECURITY = "-security"
_UPDATES = "-updates"
_KINDS = ("", _UPDATES, _SECURITY)
_of_archive = functools.partial(option, heading=Heading.LIBRARIES, scope=Scope.HOST)


@dataclass(frozen=True, kw_only=True)
class SourceRequest:
    """What the user said about where packages come from; what is left empty, the machine's apt decides."""

    mirror: str = field(
        default="",
        metadata=_of_archive(
            Kind.MIRRORS,
            "--mirror",
            also="further_mirrors",
            variable="CROSSBUILD_MIRROR",
            description="Archive of the distribution's packages. Repeat it to add mirrors for files that the first is "
            "missing. Default: the sources of this machine's apt.",
            in_table="The archive of the distribution's packages, or a list of archives to try in this order. "
            "Default: the sources of this machine's apt.",
        ),
    )
    """The address of an archive, the directory with ``dists``. The machine's apt is not asked then."""
    further_mirrors: tuple[str, ...] = ()
    """More archives of the same packages, to try in this order for missing files."""
    keyring: Path | None = field(
        default=None,
        metadata=_of_archive(
            Kind.REGULAR_FILE,
            "--keyring",
            variable="CROSSBUILD_KEYRING",
            description="The keys that the archive is signed with. Default: the distribution's, and those that apt "
            "trusts.",
        ),
    )
    """The keys that have signed them, an absolute path."""
    snapshot: str = field(
        default="",
        metadata=_of_archive(
            Kind.TEXT,
            "--snapshot",
            metavar="TIME",
            description="Take the packages of an earlier time. They come from the distribution's snapshot archive, as "
            "they were at TIME, such as 20260101T000000Z.",
        ),
    )

    @classmethod
    def from_mirrors(cls, mirrors: Iterable[str], *, keyring: Path | None = None, snapshot: str = "") -> Self:
        """Return the request for archives of which the first that serves is taken."""
        mirror, further = first_and_further(mirrors)
        return cls(mirror=mirror, further_mirrors=further, keyring=keyring, snapshot=snapshot)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Read what :attr:`facts` wrote, or an earlier crossbuild. Raises TypeError or KeyError."""
        keyring = Path(facts["keyring"]) if facts["keyring"] else None
        further = tuple(facts.get("further_mirrors", ()))
        return cls(**{**facts, "keyring": keyring, "further_mirrors": further})

    @property
    def archive(self) -> dict[str, Any]:
        """The archive and its keys. Further mirrors have the same files, so they make no difference."""
        return {"mirror": without_login(self.mirror), "keyring": self.keyring, "snapshot": self.snapshot}

    @property
    def facts(self) -> dict[str, Any]:
        """What :meth:`from_facts` reads, without logins: it is fit for a file."""
        return {**self.archive, "further_mirrors": self.bare.further_mirrors}

    @property
    def mirrors(self) -> tuple[str, ...]:
        """All archives that were named."""
        return (self.mirror, *self.further_mirrors) if self.mirror else ()

    def check(self) -> None:
        """Raise UsageError if packages can come from nowhere like that, although none may be needed."""
        self.check_moment()
        for mirror in self.mirrors:
            _check_mirror(mirror_address(mirror))

    def check_moment(self) -> None:
        """Raise UsageError if the snapshot is not the time of one, or beside a mirror."""
        if self.mirror and self.snapshot:
            raise UsageError(
                f"--snapshot {self.snapshot} and the mirror {without_login(self.mirror)} exclude each other.",
                why="A mirror has the packages of today.",
                fix="Name the address of a snapshot as the mirror, or leave the mirror out: --mirror, "
                "CROSSBUILD_MIRROR, or mirror in the configuration.",
            )
        if self.snapshot and not _is_moment(self.snapshot):
            raise UsageError(
                f"{self.snapshot!r} is not the time of a snapshot.", fix="Give a time such as 20260101T000000Z."
            )

    def one_by_one(self) -> list[Self]:
        """Return a request for each of the mirrors, with the others as its further ones."""
        return [self._beginning_with(mirror) for mirror in self.mirrors] or [self]

    def _beginning_with(self, mirror: str) -> Self:
        others = tuple(other for other in self.mirrors if other != mirror)
        return replace(self, mirror=mirror, further_mirrors=others)

    def __str__(self) -> str:
        """Return where the packages come from, in words."""
        if self.mirror:
            return self.mirror
        return f"the snapshot {self.snapshot}" if self.snapshot else "this machine's apt sources"

    def over(self, other: Self) -> Self:
        """Return this request; if it names no archive, that of ``other``, with the keys of this one if it has any."""
        if self.mirror or self.snapshot:
            return self
        return replace(other, keyring=self.keyring or other.keyring)

    @property
    def bare(self) -> Self:
        """The request without a user and a password in the addresses, fit for a file."""
        further = tuple(map(without_login, self.further_mirrors))
        return replace(self, mirror=without_login(self.mirror), further_mirrors=further)


MACHINE_SOURCES = SourceRequest()
"""The machine's own apt decides."""


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One suite of one archive."""

    mirror: str
    suite: str


def _is_moment(text: str) -> bool:
    with suppress(ValueError):
        return bool(_DATE.fullmatch(text) and time.strptime(text, "%Y%m%dT%H%M%SZ"))
    return False


def _check_mirror(address: str) -> None:
    directory = Path(unquote(address.removeprefix("copy:"))) if address.startswith("copy:") else None
    if directory and not directory.is_dir():
        raise UsageError(
            f"The mirror {directory} is not a directory.",
            fix="Give the address of an archive, such as http://deb.debian.org/debian, or a directory with one.",
        )
    if address.startswith(("http:", "https:")) and not _has_place(address):
        raise UsageError(
            f"The address of the mirror {without_login(address)} cannot be used: its host or its port is malformed.",
            fix="Give one such as http://deb.debian.org/debian.",
        )


def _has_place(address: str) -> bool:
    with suppress(ValueError):
        parts = urlsplit(address)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    return False


def source_lines(
    name: SysrootName, request: SourceRequest, *, keyrings: Path, release_files: Callable[[], str]
) -> tuple[str, ...]:
    """Return the lines of a ``sources.list`` for ``name`` (sources.list(5)).

    ``keyrings`` is the directory of the file system's root that system keyrings are looked for in; ``release_files``
    returns what ``apt-get update --print-uris`` prints on this machine. Raises SysrootError where nothing tells the
    mirror.
    """
    keyring = request.keyring or keyrings / _KEYRINGS[name.distribution].lstrip("/")
    # Without signed-by, apt takes the keys in trusted.gpg.d (sources.list(5)), which may be another distribution's.
    signed_by = f" signed-by={_word(str(keyring))}" if request.keyring or keyring.is_file() else ""
    components = " ".join(_COMPONENTS[name.distribution])
    return tuple(
        f"deb [ arch={name.debian_architecture}{signed_by} ] {_word(archive.mirror)} {archive.suite} {components}"
        for archive in _archives(name, request, release_files)
    )


def login_lines(name: SysrootName, request: SourceRequest, *, release_files: Callable[[], str]) -> tuple[str, ...]:
    """Return the lines of a file like ``auth.conf`` (apt_auth.conf(5)) with the logins in the addresses of archives."""
    archives = [one.mirror for one in _archives(name, request, release_files)]
    further = [mirror_address(mirror.rstrip("/")) for mirror in request.further_mirrors]
    return tuple(map(_login_line, filter(holds_login, dict.fromkeys((*archives, *further)))))


def _login_line(mirror: str) -> str:
    parts = urlsplit(mirror)
    login, _, place = parts.netloc.rpartition("@")
    user, password = (unquote(word) for word in login.partition(":")[::2])
    if re.search(r"\s", user + password):
        raise SysrootError(
            f"apt cannot use a user or a password with blanks: {mirror}", fix="Use another for this mirror."
        )
    return f"machine {parts.scheme}://{place}{parts.path} login {user}" + (f" password {password}" if password else "")


def usable_keyring(keyring: Path, directory: Path) -> Path:
    """Return ``keyring``, or a copy of it in ``directory``: apt splits what ``signed-by`` says at blanks and commas.

    Raises SysrootError if it cannot be read, or ``directory`` has such a path, too.
    """
    import shutil

    if not _SPLIT.search(str(keyring)):
        return keyring
    # apt tells keyrings that are armored from those that are not by the ends of their names.
    copy = directory / f"keyring{keyring.suffix if keyring.suffix == '.asc' else '.gpg'}"
    if _SPLIT.search(str(copy)):
        raise SysrootError(
            f"apt cannot be told of {keyring}: there are blanks or commas in its path.",
            why=f"Nor could it be told of a copy in the cache, {directory}.",
            fix="Name a copy of it in a directory without them.",
        )
    try:
        shutil.copyfile(keyring, copy)
    except OSError as error:
        raise SysrootError(
            f"{keyring} cannot be read.", why=str(error), fix="Name the file with the archive's keys with --keyring."
        ) from None
    return copy


def snapshot_time(seconds: float) -> str:
    """Return a moment, in seconds since 1970, as the archives of old states write it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def mirror_address(mirror: str) -> str:
    """Return ``mirror``, an address or a directory, as an address that does not depend on the current directory.

    apt copies packages out of a directory with ``copy:``; with ``file:`` it leaves them where they are.
    """
    if mirror and not _SCHEME.match(mirror):
        return _copied(mirror)
    if mirror.startswith("file:"):
        return _copied(unquote(mirror.removeprefix("file:")))
    return quote(mirror, safe=_IN_ADDRESSES)


def first_and_further(mirrors: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Return the addresses of ``mirrors``, each once: the first, empty if there is none, and the others."""
    first, *others = dict.fromkeys(map(mirror_address, mirrors)) or [""]
    return first, tuple(others)


def _copied(directory: str) -> str:
    # apt names its lists after addresses: one directory is to have one, and files' names have 255 bytes at most.
    return f"copy:{quote(os.path.normpath(Path(directory).absolute()))}"


def _word(address: str) -> str:
    """Return ``address`` as a word of ``sources.list``, where apt decodes percents once more (ParseQuoteWord).

    Everybody may read that file, so logins are for another.
    """
    return quote(without_login(address), safe="/:")


def _archives(name: SysrootName, request: SourceRequest, release_files: Callable[[], str]) -> Iterable[Archive]:
    request.check_moment()
    if request.mirror:
        return [Archive(mirror=mirror_address(request.mirror.rstrip("/")), suite=name.suite)]
    if request.snapshot:
        return _of_snapshot(name, request.snapshot)
    return _of_machine(name, release_files)


def _of_snapshot(name: SysrootName, date: str) -> list[Archive]:
    main, security = (address.format(date=date) for address in _SNAPSHOTS[name.distribution])
    own = [Archive(mirror=main, suite=name.suite)]
    if name.suite in _WITHOUT_UPDATES:
        return own
    return [*own, Archive(mirror=security, suite=name.suite + _SECURITY)]


def _of_machine(name: SysrootName, release_files: Callable[[], str]) -> list[Archive]:
    """Exchange the machine's own suite for that of ``name``, in all archives that it has its packages from."""
    system = _system()
    if system.get("ID") != name.distribution:
        raise SysrootError(
            f"This machine's apt has no sources for {name.distribution}: the machine is {system.get('ID', 'another')}.",
            fix=f"Name a mirror of {name.distribution} with --mirror, and the keys that sign it with --keyring.",
        )
    codename = system.get("VERSION_CODENAME", "")
    # sources.list may call the release by an alias.
    own = {codename, "stable", "testing", "unstable", "sid"} - {""}
    archives = list(dict.fromkeys(_exchanged(name, own, release_files())))
    if not any(archive.suite == name.suite for archive in archives):
        raise SysrootError(
            f"This machine's apt names no archive of {name.distribution} {codename}, which would lead to {name}.",
            fix="Name a mirror with --mirror, or fix /etc/apt/sources.list.",
        )
    return archives


def _exchanged(name: SysrootName, own: set[str], printed: str) -> Iterator[Archive]:
    found = [(match["mirror"], match["suite"]) for match in _RELEASE_FILE.finditer(printed)]
    # Others too call a suite after the distribution's; but only the distribution has updates of it.
    updated = {mirror for mirror, suite in found if suite.removesuffix(_UPDATES) in own and suite.endswith(_UPDATES)}
    for mirror, suite in found:
        base, dash, kind = suite.partition("-")
        if base not in own or (not kind and updated and mirror not in updated) or dash + kind not in _KINDS:
            continue
        if not kind or name.suite not in _WITHOUT_UPDATES:
            yield Archive(mirror=_for_architecture(mirror, name), suite=name.suite + dash + kind)


def _for_architecture(mirror: str, name: SysrootName) -> str:
    ports = name.distribution == "ubuntu" and name.debian_architecture not in ("amd64", "i386")
    return _UBUNTU_PORTS if ports and "ports" not in mirror else mirror


def _system() -> dict[str, str]:
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}
