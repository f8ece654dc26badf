"""Where the files of a wheel go, as the host's own installers place them.

Sources: CPython's Lib/sysconfig (the schemes ``posix_prefix`` and ``venv``), Debian's patches of that file and its
``_distutils_system_mod.py`` (``posix_local`` where no prefix, or /usr/local, is given, ``deb_system`` for what Debian
itself installs), pip's ``locations/_sysconfig.py`` (headers in a directory for each project, those of a venv below
``include/site``) and pip's ``--target``.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from crossbuild.errors import HostError, InstallError
from crossbuild.host.reading.files import follow, read_text
from crossbuild.wheels.prefix_install import host_interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crossbuild.host.model import Host

_DEBIAN_SCHEME = "deb_system"


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The directories that files are installed into, as the host calls them."""

    root: Path
    """What the host's ``/`` is on this machine; absolute, its links followed."""
    scheme: str
    """One of :data:`SCHEMES`, or ``target``."""
    purelib: PurePosixPath
    platlib: PurePosixPath
    scripts: PurePosixPath
    headers: PurePosixPath
    """In it, each project has a directory."""
    data: PurePosixPath
    interpreter: str
    """The Python that scripts start, as the host calls it."""
    below: tuple[PurePosixPath, ...] = ()
    """Further directories that packages are imported from, those of the distribution's own, which stay as they are."""

    @classmethod
    def from_host(
        cls, host: Host, root: Path, *, scheme: str = "", prefix: PurePosixPath | None = None, interpreter: str = ""
    ) -> Layout:
        """Return the layout of ``scheme``, by default the one that pip has on ``host``.

        ``prefix``: as the host calls it; by default its Python's own. Of ``posix_local`` it may be the one above
        ``local``, and of ``venv`` it is the venv's directory. Raises InstallError for what cannot be meant.
        """
        real = _real(root)
        chosen = scheme or _usual_scheme(host, real, prefix)
        if chosen not in SCHEMES:
            raise InstallError(f"There is no scheme {chosen!r}.", fix=f"Give one of {', '.join(SCHEMES)}.")
        if chosen == "venv" and prefix is None:
            raise InstallError(
                "The scheme venv needs a prefix: the directory of the venv on the host.", fix="Give --prefix."
            )
        base = _normal(prefix or _own_prefix(host))
        found = SCHEMES[chosen](host, real, base)
        return replace(found, interpreter=interpreter) if interpreter else found

    @classmethod
    def from_target(cls, host: Host, directory: Path, *, interpreter: str = "") -> Layout:
        """Return the layout of pip's ``--target``: all in ``directory``, which stands for the root."""
        top = PurePosixPath("/")
        return cls(
            root=_real(directory),
            scheme="target",
            purelib=top,
            platlib=top,
            scripts=top / "bin",
            headers=top / "include",
            data=top,
            interpreter=interpreter or host_interpreter(host),
        )

    @property
    def libraries(self) -> tuple[PurePosixPath, ...]:
        """The directories that packages are imported from, each once."""
        return tuple(dict.fromkeys((self.purelib, self.platlib)))

    @property
    def directories(self) -> tuple[PurePosixPath, ...]:
        """All its directories."""
        return (*self.libraries, self.scripts, self.headers, self.data)

    def directory(self, kind: str, project: str) -> PurePosixPath:
        """Return where the files of ``project`` go that are of ``kind``: a key of a wheel's ``.data`` directory."""
        if kind == "headers":
            return self.headers / project
        known = {"purelib": self.purelib, "platlib": self.platlib, "scripts": self.scripts, "data": self.data}
        return known[kind]


def is_debian(host: Host, root: Path) -> bool:
    """Whether the host's Python is Debian's, or of a system made from it.

    The schemes that Debian adds to sysconfig tell, in ``root`` or in the host's sysroot; where there is no such file,
    the place of its libraries does: ``/usr/lib/<multiarch>``.
    """
    texts = [text for place in (root, host.sysroot) if place for text in _sysconfigs(host, place)]
    if texts:
        return any(_DEBIAN_SCHEME in text for text in texts)
    recorded = host.build_time_vars
    own = f"/usr/lib/{host.multiarch}"
    return not host.synthesised and str(_own_prefix(host)) == "/usr" and recorded.get("LIBDIR") == own


def _sysconfigs(host: Host, root: Path) -> Iterator[str]:
    for name in ("sysconfig.py", "sysconfig/__init__.py"):
        path = root / f"usr/lib/python{host.version}/{name}"
        try:
            yield read_text(follow(path, root=root))
        except HostError:
            continue


def _usual_scheme(host: Host, root: Path, prefix: PurePosixPath | None) -> str:
    if not is_debian(host, root):
        return "posix_prefix"
    # Debian's sysconfig puts what is not its own into /usr/local (posix_local) and keeps /usr for packages of Debian.
    by_prefix = {"": "posix_local", "/usr/local": "posix_local", "/usr": "deb_system"}
    return by_prefix.get(str(_normal(prefix)) if prefix else "", "posix_prefix")


def _own_prefix(host: Host) -> PurePosixPath:
    known = None if host.synthesised else host.build_time_vars.get("prefix")
    return PurePosixPath(str(known or "/usr"))


def _posix_prefix(host: Host, root: Path, base: PurePosixPath) -> Layout:
    # PLATLIBDIR is where a distribution keeps its 64-bit libraries apart: lib64 (bpo-1294959).
    own = "lib" if host.synthesised else str(host.build_time_vars.get("PLATLIBDIR") or "lib")
    return Layout(
        root=root,
        scheme="posix_prefix",
        purelib=base / "lib" / _versioned(host) / "site-packages",
        platlib=base / own / _versioned(host) / "site-packages",
        scripts=base / "bin",
        headers=_headers(host, base),
        data=base,
        interpreter=host_interpreter(host),
    )


def _posix_local(host: Host, root: Path, base: PurePosixPath) -> Layout:
    base = base.parent if base.name == "local" else base
    packages = base / "local/lib" / _versioned(host) / "dist-packages"
    return Layout(
        root=root,
        scheme="posix_local",
        purelib=packages,
        platlib=packages,
        scripts=base / "local/bin",
        headers=_headers(host, base),
        data=base / "local",
        interpreter=host_interpreter(host),
        below=(base / "lib/python3/dist-packages",),
    )


def _deb_system(host: Host, root: Path, base: PurePosixPath) -> Layout:
    # One directory for all versions, as the packages of Debian have it.
    packages = base / "lib/python3/dist-packages"
    return replace(_posix_prefix(host, root, base), scheme="deb_system", purelib=packages, platlib=packages)


def _venv(host: Host, root: Path, base: PurePosixPath) -> Layout:
    return replace(
        _posix_prefix(host, root, base),
        scheme="venv",
        headers=base / "include/site" / f"python{host.version}",
        interpreter=str(base / "bin/python"),
    )


SCHEMES = {"posix_prefix": _posix_prefix, "posix_local": _posix_local, "deb_system": _deb_system, "venv": _venv}
"""The layouts that a user can name."""


def _versioned(host: Host) -> str:
    return f"python{host.version}{'t' if 't' in host.abi_flags else ''}"


def _headers(host: Host, base: PurePosixPath) -> PurePosixPath:
    return base / "include" / f"python{host.version}{host.abi_flags}"


def _normal(prefix: PurePosixPath) -> PurePosixPath:
    """Return ``prefix`` without ``..``; a relative one begins at the root."""
    return PurePosixPath(os.path.normpath(PurePosixPath("/") / prefix))


def _real(directory: Path) -> Path:
    """Return ``directory`` with this machine's links followed, whether it exists or not."""
    return Path(os.path.realpath(directory))
