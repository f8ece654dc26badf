"""Debian packages of any suite and architecture, unpacked by an unprivileged user with the machine's own apt.

apt gets a state directory of its own: an empty status file makes it compute the whole closure of a package, and the
machine's lists, locks and packages stay as they are. The machine's apt.conf.d, auth.conf and keys stay in effect, so
proxies and mirrors that need a password work. No maintainer script runs.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from crossbuild.cache import digest
from tests.testbed.bed import BedError

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.testbed.bed import Bed

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LEFT_OUT = ("./usr/share/doc/*", "./usr/share/man/*", "./usr/share/locale/*", "./usr/share/info/*")
"""Members of packages that no test looks at, as tar's --exclude takes them."""

_RELEASE_FILE = re.compile(r"^'(?P<mirror>.+?)/?/dists/(?P<suite>[^/]+)/InRelease'", re.MULTILINE)
_TO_UNPACK = re.compile(r"^Inst (?P<name>\S+) (?:\[\S+\] )?\((?P<version>\S+) .*\[(?P<arch>\S+)\]\)", re.MULTILINE)

# apt reads -c after the machine's configuration, so that only here lists can be cleared: the hooks that run after
# an update are about the machine's own state. apt drops its privileges if it has any, and is then shut out of $HOME.
_CONFIGURATION = """\
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Install-Recommends "false";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "{directory}";
Dir::State::lists "{directory}/lists";
Dir::State::status "{directory}/status";
Dir::Cache "{directory}";
Dir::Cache::archives "{directory}/archives";
Dir::Log "{directory}";
Dir::Etc::sourcelist "{directory}/sources.list";
Dir::Etc::sourceparts "{directory}/none";
Dir::Etc::preferences "{directory}/none/preferences";
Dir::Etc::preferencesparts "{directory}/none";
"""


@dataclass(frozen=True, kw_only=True)
class Apt:
    """apt for one suite and architecture, with a state of its own. To be used by one process at a time."""

    bed: Bed
    directory: Path

    @classmethod
    def prepared(cls, bed: Bed, suite: str, architecture: str, *, kind: str = "deb") -> Apt:
        """Write the state's configuration and bring its package lists up to date, if the mirror can be reached.

        ``kind`` is ``deb`` for packages, ``deb-src`` for their sources.
        """
        apt = cls(bed=bed, directory=_state(bed, suite, architecture, kind))
        for name in ("lists/partial", "archives/partial", "none"):
            (apt.directory / name).mkdir(parents=True, exist_ok=True)
        (apt.directory / "status").touch()
        configuration = _CONFIGURATION.format(architecture=architecture, directory=apt.directory)
        (apt.directory / "apt.conf").write_text(configuration)
        signed_by = f"signed-by={KEYRING}" if KEYRING.is_file() else ""
        options = f"[ arch={architecture} {signed_by} ]"
        (apt.directory / "sources.list").write_text(f"{kind} {options} {mirror(bed)} {suite} main\n")
        apt.update()
        return apt

    def update(self) -> None:
        """Fetch the package lists; without the network, those of the last time serve."""
        try:
            self.run("update", "-q")
        except BedError:
            if not any((self.directory / "lists").glob("*_InRelease")):
                raise

    def download(self, packages: Collection[str]) -> list[Path]:
        """Return the files of ``packages`` and of everything that they depend on."""
        plan = self.run("install", "--simulate", *packages)
        self.run("install", "--yes", "-q", "--download-only", *packages)
        archives = self.directory / "archives"
        names = ("{name}_{version}_{arch}.deb".format(**found.groupdict()) for found in _TO_UNPACK.finditer(plan))
        return [archives / name.replace(":", "%3a") for name in names]

    def download_source(self, package: str, directory: Path) -> None:
        """Put the files of the source package ``package`` into ``directory``; signatures and hashes are checked."""
        self.run("source", "-q", "--download-only", package, cwd=directory)

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        return self.bed.run(["apt-get", "-c", self.directory / "apt.conf", *arguments], cwd=cwd)


def _state(bed: Bed, suite: str, architecture: str, kind: str) -> Path:
    return bed.cache.path("apt", f"{suite}-{architecture}-{kind}")


def apt_lock(bed: Bed, suite: str, architecture: str, *, kind: str = "deb") -> FileLock:
    """Return the lock to hold while an :class:`Apt` is in use."""
    directory = _state(bed, suite, architecture, kind)
    directory.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(directory.with_name(f".{directory.name}.lock"))


def mirror(bed: Bed) -> str:
    """Return the address that this machine has its Debian packages from.

    ``CROSSBUILD_TEST_DEBIAN`` says it where the machine is not a Debian (its Debian keyring must be installed).
    """
    said = bed.environ.get("CROSSBUILD_TEST_DEBIAN")
    if said:
        return said
    system = platform.freedesktop_os_release()
    suites = {"stable", "testing", "unstable", "sid", system.get("VERSION_CODENAME")}
    nothing = bed.cache.path("apt", ".no-lists")
    (nothing / "partial").mkdir(parents=True, exist_ok=True)
    asked = bed.run(["apt-get", "update", "--print-uris", "-o", f"Dir::State::lists={nothing}"])
    found = [(entry["mirror"], entry["suite"]) for entry in _RELEASE_FILE.finditer(asked)]
    # Others too call a suite after Debian's; but only Debian has updates of it.
    votes = Counter(where for where, suite in found if suite.removesuffix("-updates") in suites)
    if system["ID"] != "debian" or not votes:
        raise BedError("This machine's apt names no Debian mirror; name one in CROSSBUILD_TEST_DEBIAN.")
    return votes.most_common(1)[0][0]


def machine_architecture(bed: Bed) -> str:
    """Return Debian's name of the build machine's architecture."""
    return bed.run(["dpkg", "--print-architecture"]).strip()


def debian_root(bed: Bed, suite: str, architecture: str, packages: Collection[str]) -> Path:
    """Return a directory with ``packages`` of ``suite`` and everything that they depend on, unpacked."""
    key = f"{suite}-{architecture}-{digest(sorted(packages))}"
    return bed.cache.entry("debian", key, lambda scratch: unpack(bed, suite, architecture, packages, into=scratch))


def unpack(
    bed: Bed,
    suite: str,
    architecture: str,
    packages: Collection[str],
    *,
    into: Path,
    without: Collection[str] = (),
) -> None:
    """Unpack ``packages`` and what they depend on, except the packages named in ``without``, in ``into``."""
    with apt_lock(bed, suite, architecture):
        files = Apt.prepared(bed, suite, architecture).download(packages)
        for name in ("bin", "sbin", "lib", "lib64"):
            (into / "usr" / name).mkdir(parents=True, exist_ok=True)
            (into / name).symlink_to(f"usr/{name}")
        for file in files:
            if file.name.split("_")[0] not in without:
                _unpack_file(file, into)
    _make_links_relative(into)


def _unpack_file(package: Path, root: Path) -> None:
    """Unpack as dpkg would on a merged /usr; ``dpkg-deb --extract`` replaces the link /lib by a directory."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as members:
        tar = ["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(root)]
        subprocess.run([*tar, *(f"--exclude={name}" for name in LEFT_OUT)], stdin=members.stdout, check=True)
    if members.returncode:
        raise BedError(f"{package} cannot be unpacked.")


def _make_links_relative(root: Path) -> None:
    for directory, directories, files in os.walk(root):
        for link in (Path(directory, name) for name in (*directories, *files)):
            if link.is_symlink() and (target := link.readlink()).is_absolute():
                link.unlink()
                link.symlink_to(os.path.relpath(f"{root}{target}", directory))
