"""Unpacking packages into a root, without dpkg's root rights and without any maintainer script.

dpkg's own database is kept as far as it is of use: which packages are there, and which files belong to them.
Source: deb(5); Debian's policy on merged /usr; dpkg(1) for the layout of /var/lib/dpkg.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crossbuild.errors import SysrootError
from crossbuild.sysroot.alternatives import set_alternatives
from crossbuild.sysroot.tree import Tree
from crossbuild.system.filesystem import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crossbuild.sysroot.apt import SysrootPackage

LEFT_OUT = ("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/info/", "usr/share/lintian/")
"""Directories that neither a compiler nor a Python reads."""
_COPYRIGHT = re.compile(r"usr/share/doc/[^/]+/copyright")
"""What has to come with copies of a package's files."""
_DOCUMENTS = re.compile(r"usr/share/doc/[^/]+")
DATABASE = Path("var/lib/dpkg")
_MERGED = ("bin", "sbin", "lib", "lib64")


def start_root(root: Path) -> None:
    """Make the directories that a merged /usr needs before anything is unpacked."""
    # Packages may still have files in /lib. Without the links, made first as debootstrap does, there would be two
    # directories, and what leads from one into the other by `..` would lead nowhere.
    for name in _MERGED:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    (root / DATABASE / "info").mkdir(parents=True)
    (root / DATABASE / "status").touch()


def unpack(packages: Iterable[tuple[SysrootPackage, Path]], *, root: Path) -> None:
    """Unpack ``packages`` with their files into ``root``, and do what of their scripts' work is needed.

    Raises SysrootError if a file is damaged, or not the one that the signed index promised.
    """
    tree = Tree(root=root)
    # The alternatives come last: their links lead to files that any of the packages may have.
    controls = [_unpack(package, file, tree) for package, file in packages]
    status = root / DATABASE / "status"
    _write(status, status.read_text(encoding="utf-8") + "".join(controls))
    set_alternatives(tree)


def _unpack(package: SysrootPackage, file: Path, tree: Tree) -> str:
    """Unpack one package and return its paragraph of the status file."""
    _verify(package, file)
    with _opened(file, "--fsys-tarfile") as archive:
        names = [tree.write(member, archive) for member in archive if not is_left_out(member)]
    info = tree.root / DATABASE / "info" / package.name
    # with_name(), since with_suffix() would take the end of python3.11 for a suffix.
    _write(info.with_name(f"{info.name}.list"), "".join(f"{name}\n" for name in names if name != "/"))
    control = _control_files(file)
    if "update-alternatives" in control.get("postinst", ""):
        _write(info.with_name(f"{info.name}.postinst"), control["postinst"])
    # Not "installed": no maintainer script has run. apt counts it as there all the same.
    return control["control"].rstrip("\n") + "\nStatus: install ok unpacked\n\n"


def _control_files(file: Path) -> dict[str, str]:
    with _opened(file, "--ctrl-tarfile") as archive:
        contents = ((member.name, archive.extractfile(member)) for member in archive)
        return {
            name.removeprefix("./"): content.read().decode(errors="replace") for name, content in contents if content
        }


@contextmanager
def _opened(file: Path, part: str) -> Iterator[tarfile.TarFile]:
    """Give one of the two archives in the package ``file``. Raises SysrootError if it is damaged."""
    with subprocess.Popen(["dpkg-deb", part, file], stdout=subprocess.PIPE) as process:
        try:
            # "r|": a pipe cannot seek, so every member is read as it comes.
            with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
                yield archive
        except tarfile.TarError as error:
            raise SysrootError(f"{file} cannot be unpacked.", why=str(error)) from None
    if process.returncode:
        raise SysrootError(f"{file} cannot be unpacked.", why=f"dpkg-deb ended with status {process.returncode}.")


def is_left_out(member: tarfile.TarInfo) -> bool:
    """Return whether a root does without ``member`` of a package."""
    name = member.name.removeprefix("./")
    # Packages of one source may share a directory of documents, by links.
    kept = _COPYRIGHT.fullmatch(name) or (member.issym() and _DOCUMENTS.fullmatch(name))
    return name.startswith(LEFT_OUT) and not kept


def _verify(package: SysrootPackage, file: Path) -> None:
    try:
        found = sha256_of(file)
    except FileNotFoundError:
        raise SysrootError(f"apt has not downloaded {package.file_name}.", fix="Try again.") from None
    if found != package.sha256:
        file.unlink()
        raise SysrootError(
            f"{package.file_name} is not the file that the signed index promises.",
            why=f"Its SHA-256 is {found}, the index says {package.sha256}.",
            fix="It was removed; try again, and distrust the mirror if this comes back.",
        )


def _write(file: Path, text: str) -> None:
    """Write a file that may be a hard link into another root: that one keeps its content."""
    # Not system.filesystem.write_text(): the whole root is renamed at the end, so nothing has to be safe on disk here.
    file.unlink(missing_ok=True)
    file.write_text(text, encoding="utf-8")
