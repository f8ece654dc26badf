"""A Debian-like archive made to order: packages, indexes, and signatures that apt verifies; no tool but Python needed.

Sources: deb(5), https://wiki.debian.org/DebianRepository/Format, OpenPGP's cleartext signatures (RFC 9580, section 7).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Self

from pysequoia import Profile, SignatureMode, Tsk, sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

SCRIPTS = ("./preinst", "./postinst", "./prerm", "./postrm")
_HTTP_DATE = "%a, %d %b %Y %H:%M:%S UTC"


@dataclass(frozen=True, kw_only=True)
class Package:
    """A package, with what it contains. Names of files are absolute, as on the host."""

    name: str
    version: str = "1.0-1"
    architecture: str = "arm64"
    depends: str = ""
    component: str = "main"
    fields: Mapping[str, str] = field(default_factory=dict)
    """Further ones for its control file, such as Multi-Arch."""
    files: Mapping[str, str | bytes] = field(default_factory=dict)
    """Those with ``bin`` as their directory are executable."""
    links: Mapping[str, str] = field(default_factory=dict)
    """Symbolic ones; unpacked before ``files``."""
    scripts: Mapping[str, str] = field(default_factory=dict)
    """``postinst`` and kin, to their text."""

    @property
    def file_name(self) -> str:
        """What an archive calls the file: without the version's epoch."""
        version = self.version.partition(":")[2] or self.version
        return f"{self.name}_{version}_{self.architecture}.deb"

    @property
    def section(self) -> str:
        return "libdevel" if self.name.endswith("-dev") else "libs"

    def control(self) -> dict[str, str]:
        """Return the fields of its control file."""
        own = {"Package": self.name, "Version": self.version, "Architecture": self.architecture}
        depends = {"Depends": self.depends} if self.depends else {}
        who = {"Maintainer": "Tests <tests@example.org>", "Section": self.section, "Priority": "optional"}
        return {**own, **depends, **who, **self.fields, "Description": f"sample {self.name}"}

    def deb(self) -> bytes:
        """Return the file that dpkg takes."""
        control = {"./control": _paragraph(self.control()).encode()}
        control |= {f"./{name}": text.encode() for name, text in self.scripts.items()}
        data = {f".{name}": _bytes(content) for name, content in self.files.items()}
        links = {f".{name}": where for name, where in self.links.items()}
        members = {"debian-binary": b"2.0\n", "control.tar": _tar(control, {}), "data.tar": _tar(data, links)}
        return b"!<arch>\n" + b"".join(_ar_member(name, content) for name, content in members.items())


@dataclass
class Repository:
    """An archive in a directory. What is changed in it shows after :meth:`publish`, unless said otherwise."""

    directory: Path
    """With ``dists`` and ``pool``."""
    key: Tsk
    suites: dict[str, list[Package]]

    @classmethod
    def made(cls, directory: Path, suites: Mapping[str, Iterable[Package]]) -> Self:
        """Make an archive with ``suites`` below ``directory``, signed with a new key, and publish it."""
        repository = cls(
            directory / "archive", new_key(), {suite: list(packages) for suite, packages in suites.items()}
        )
        repository.publish()
        return repository

    @property
    def url(self) -> str:
        return f"file:{self.directory}"

    @property
    def keyring(self) -> Path:
        """The key that has signed the archive, for ``signed-by``: beside the archive, not in it."""
        return self.directory.with_name("keyring.gpg")

    def package(self, name: str, architecture: str = "arm64") -> Package:
        """Return the package of that name that was added last."""
        found = [one for packages in self.suites.values() for one in packages if one.name == name]
        return next(one for one in reversed(found) if one.architecture in {architecture, "all"})

    def file(self, suite: str, package: Package) -> Path:
        """Return where a suite has the file of a package; two suites may have different packages of one version."""
        return self.directory / "pool" / suite / package.component / package.file_name

    def upgrade(self, newer: Package) -> None:
        """Put ``newer`` in the place of the package of that name and architecture, in all suites, and publish."""
        own = (newer.name, newer.architecture)
        for packages in self.suites.values():
            packages[:] = [newer if (one.name, one.architecture) == own else one for one in packages]
        self.publish()

    def publish(self, *, valid: timedelta | None = None) -> None:
        """Write the packages and the indexes, and sign these. ``valid``: for how long from now."""
        self.keyring.parent.mkdir(parents=True, exist_ok=True)
        self.keyring.write_bytes(bytes(self.key.extract_certificate()))
        for suite, packages in self.suites.items():
            self._write_indexes(suite, packages)
            self._release(suite).write_text(self._described(suite, packages, valid), encoding="utf-8")
        self.resign(self.key)

    def resign(self, key: Tsk) -> None:
        """Sign what the suites' ``Release`` say now with ``key``, which the keyring may not have."""
        for suite in self.suites:
            text = self._release(suite).read_bytes()
            signed = sign(key.signer(), text, mode=SignatureMode.CLEAR)
            self._release(suite).with_name("InRelease").write_bytes(signed)
            detached = sign(key.signer(), text, mode=SignatureMode.DETACHED)
            self._release(suite).with_name("Release.gpg").write_bytes(detached)

    def sign_with_other_key(self) -> None:
        """Sign with a key of somebody else, at once."""
        self.resign(new_key())

    def unsign(self) -> None:
        """Take the signatures away, at once; ``Release`` stays."""
        for suite in self.suites:
            for name in ("InRelease", "Release.gpg"):
                self._release(suite).with_name(name).unlink()

    def tamper(self, name: str, old: bytes, new: bytes) -> None:
        """Change bytes of a package, at once; the indexes go on promising what it was.

        If ``new`` is as long as ``old`` and both are from a file's content, dpkg sees nothing wrong.
        """
        files = [
            self.file(suite, one) for suite, packages in self.suites.items() for one in packages if one.name == name
        ]
        contents = [file.read_bytes() for file in files]
        assert any(old in content for content in contents)
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content.replace(old, new))

    def tamper_with_index(self, suite: str, old: bytes, new: bytes) -> None:
        """Change the list of packages, at once; the signed ``Release`` goes on promising what it was."""
        files = sorted((self.directory / "dists" / suite).rglob("Packages.gz"))
        texts = [gzip.decompress(file.read_bytes()) for file in files]
        assert any(old in text for text in texts)
        for file, text in zip(files, texts, strict=True):
            file.write_bytes(gzip.compress(text.replace(old, new), compresslevel=0, mtime=0))

    def _release(self, suite: str) -> Path:
        return self.directory / "dists" / suite / "Release"

    def _write_indexes(self, suite: str, packages: Iterable[Package]) -> None:
        entries: dict[Path, list[str]] = {}
        contents: dict[Path, list[str]] = {}
        architectures = _architectures(packages)
        for package in packages:
            entry = self._write_package(self.file(suite, package), package)
            below = self.directory / "dists" / suite / package.component
            for architecture in architectures if package.architecture == "all" else [package.architecture]:
                entries.setdefault(below / f"binary-{architecture}/Packages", []).append(entry)
                contents.setdefault(below / f"Contents-{architecture}", []).extend(_contents(package))
        for file, found in entries.items():
            _write_compressed(file, "\n".join(found))
        for file, found in contents.items():
            _write_compressed(file, "".join(sorted(found)))

    def _write_package(self, file: Path, package: Package) -> str:
        """Put the package into the pool and return its entry in an index."""
        content = package.deb()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        facts = {
            "Filename": str(file.relative_to(self.directory)),
            "Size": str(len(content)),
            "SHA256": hashlib.sha256(content).hexdigest(),
        }
        return _paragraph({**package.control(), **facts})

    def _described(self, suite: str, packages: Iterable[Package], valid: timedelta | None) -> str:
        """Return the text of a suite's ``Release``."""
        now = datetime.now(UTC)
        own = self._release(suite).parent
        indexes = [(file.relative_to(own), file.read_bytes()) for file in sorted(own.rglob("*.gz"))]
        indexes += [(path.with_suffix(""), gzip.decompress(content)) for path, content in indexes]
        sums = "".join(f"\n {hashlib.sha256(content).hexdigest()} {len(content)} {path}" for path, content in indexes)
        facts = {
            "Origin": "Tests",
            "Suite": suite,
            "Codename": suite,
            "Date": (now - timedelta(days=1)).strftime(_HTTP_DATE),
            "Architectures": " ".join(_architectures(packages)),
            "Components": " ".join(sorted({package.component for package in packages})),
        }
        until = {"Valid-Until": (now + valid).strftime(_HTTP_DATE)} if valid is not None else {}
        return _paragraph({**facts, **until, "SHA256": sums})


def new_key() -> Tsk:
    """Return a key that gpgv of any age knows how to verify with."""
    return Tsk.generate("Tests <tests@example.org>", profile=Profile.RFC4880)


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


def _architectures(packages: Iterable[Package]) -> list[str]:
    return sorted({package.architecture for package in packages} - {"all"})


def _paragraph(fields: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def _contents(package: Package) -> Iterator[str]:
    for name in (*package.files, *package.links):
        yield f"{name.lstrip('/'):<60} {package.section}/{package.name}\n"


def _write_compressed(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(text.encode(), compresslevel=0, mtime=0))


def _tar(files: Mapping[str, bytes], links: Mapping[str, str]) -> bytes:
    """Return an archive with the directories that the members are in, the links, and then the files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for directory in sorted(_directories((*files, *links)) - links.keys()):
            archive.addfile(_member(directory, tarfile.DIRTYPE, mode=0o755))
        for name, where in links.items():
            member = _member(name, tarfile.SYMTYPE, mode=0o777)
            member.linkname = where
            archive.addfile(member)
        for name, content in files.items():
            runs = name in SCRIPTS or PurePosixPath(name).parent.name == "bin"
            member = _member(name, tarfile.REGTYPE, mode=0o755 if runs else 0o644)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def _directories(names: Iterable[str]) -> set[str]:
    return {f"./{above}" for name in names for above in PurePosixPath(name).parents if above.parts}


def _member(name: str, kind: bytes, *, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.mode = kind, mode
    member.uname = member.gname = "root"
    member.mtime = 1_700_000_000
    return member


def _ar_member(name: str, content: bytes) -> bytes:
    """Return a member of an archive as ar(5) has it: a header of 60 bytes, and content padded to an even length."""
    header = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
    return header.encode() + content + b"\n" * (len(content) % 2)
