"""A program between crossbuild and a build, which lets the kernel start the host's programs.

``namespace`` runs it as a script. It enters a user and a mount namespace of its own (user_namespaces(7)). For an
emulator, it mounts a private binfmt_misc there (Linux 6.7 and newer have one for each user namespace), and registers
it. For programs that this machine's CPU runs, it adds their loader and libraries to this machine's. Nothing of it is
seen outside, and nothing is left when the last process in it has ended. The build runs as the same user and group as
without; only for root do others keep their names, too (they show as nobody and nogroup).
"""

from __future__ import annotations

import ctypes
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_NEW_MOUNTS, _NEW_USERS = 0x20000, 0x10000000
_RECURSIVE, _PRIVATE = 0x4000, 0x40000
_DETACH = 2
_FORMATS = "/proc/sys/fs/binfmt_misc"
_PLACE = "/proc/sys/fs"
"""A directory that every machine has, and that the build can miss for a moment."""
DELIMITER = "\x1f"
"""Any character that no path has."""
_UNSUPPORTED, _NOT_STARTED = 125, 127
"""Exit statuses, those of env(1)."""
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)


def main(rule: str, added: str, persona: str, *command: str) -> int:
    """Become ``command``, where ``rule`` is registered (the kernel's Documentation/admin-guide/binfmt-misc.rst).

    ``added`` are paths that it finds there, each followed by the file that it finds. ``persona`` is what personality(2)
    calls so.
    """
    words = iter(added.split(DELIMITER) if added else ())
    try:
        if rule or added:
            _prepare(rule, dict(zip(words, words, strict=True)))
        if _LIBC.personality(ctypes.c_ulong(int(persona))) < 0:
            _raise_for("personality")
    except OSError as error:
        os.write(2, f"{error.filename}: {error.strerror}\n".encode())
        return _UNSUPPORTED
    for number in _IGNORED_BY_PYTHON:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    return _NOT_STARTED


def _prepare(rule: str, added: dict[str, str]) -> None:
    user, group = os.geteuid(), os.getegid()
    as_before = _enter_with_all_users() if user == 0 else _enter()
    if not as_before:
        _map_one(user=(0, user), group=(0, group))
    _mount("none", "/", "", _RECURSIVE | _PRIVATE)
    if rule:
        _mount("binfmt_misc", _FORMATS, "binfmt_misc")
        _write(f"{_FORMATS}/register", rule)
    if added:
        _add(added)
    if not as_before:
        # Another one below it: in this one the user is root, with whose rights tar and chown would fail.
        _unshare(_NEW_USERS)
        _map_one(user=(user, 0), group=(group, 0))


def _add(added: dict[str, str]) -> None:
    """Lay links to the files over the directories of their paths (the kernel's Documentation/filesystems/overlayfs)."""
    _mount("tmpfs", _PLACE, "tmpfs")
    for number, (directory, paths) in enumerate(_by_directory(added).items()):
        layer = Path(_PLACE, str(number))
        layer.mkdir()
        for name, path in paths.items():
            (layer / name).symlink_to(added[path])
        _mount("overlay", directory, "overlay", 0, f"lowerdir={layer}:{directory}")
    if _LIBC.umount2(os.fsencode(_PLACE), _DETACH):
        _raise_for(f"umount {_PLACE}")


def _by_directory(paths: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return ``paths`` by their directories, each file once: /lib may be a link to /usr/lib."""
    found: dict[str, dict[str, str]] = {}
    for path in paths:
        place = Path(path)
        found.setdefault(str(place.parent.resolve()), {})[place.name] = path
    return found


def _enter() -> bool:
    _unshare(_NEW_USERS | _NEW_MOUNTS)
    return False


def _enter_with_all_users() -> bool:
    """Enter the namespaces, and return whether all users and groups are there. Only root can do that, from outside."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.close(writing)
            if os.read(reading, 1):
                for kind in ("uid_map", "gid_map"):
                    _write(f"/proc/{os.getppid()}/{kind}", _as_here(f"/proc/self/{kind}"))
                code = 0
        finally:
            os._exit(code)
    os.close(reading)
    try:
        _enter()
        os.write(writing, b"-")
    finally:
        os.close(writing)
        _, status = os.waitpid(pid, 0)
    return status == 0


def _as_here(file: str) -> str:
    """Return the map in ``file`` of this namespace for one below it in which all have the same numbers."""
    with io.FileIO(file) as stream:
        ranges = [line.split() for line in stream.readall().decode().splitlines()]
    return "".join(f"{first} {first} {count}\n" for first, _, count in ranges)


def _map_one(*, user: tuple[int, int], group: tuple[int, int]) -> None:
    """Map one user and one group: what each is called in the new namespace, and in the one that it was made in."""
    # The kernel lets nobody else map groups otherwise.
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", "{} {} 1".format(*user))
    _write("/proc/self/gid_map", "{} {} 1".format(*group))


def _unshare(namespaces: int) -> None:
    if _LIBC.unshare(namespaces):
        _raise_for("unshare")


def _mount(source: str, target: str, kind: str, flags: int = 0, data: str = "") -> None:
    words = (os.fsencode(word) or None for word in (source, target, kind))
    if _LIBC.mount(*words, ctypes.c_ulong(flags), os.fsencode(data) or None):
        _raise_for(f"mount {target}")


def _raise_for(what: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, os.strerror(number), what)


def _write(file: str, text: str) -> None:
    descriptor = os.open(file, os.O_WRONLY)
    try:
        os.write(descriptor, os.fsencode(text))
    except OSError as error:
        error.filename = file
        raise
    finally:
        os.close(descriptor)


_LIBC = ctypes.CDLL(None, use_errno=True)

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
