"""Files that say something about the machine they are on: headers, libraries, the name of the system, its CPU.

Code in a cross Python that reads them means the host. It gets the host's own file if the host's root is here. Else it
gets this machine's, and the build ends with a warning.
"""

import _io
import posix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Self

    from .start import Facts

_BEGINNINGS = ("/usr/", "/lib", "/etc/", "/opt/", "/proc/", "/sys/firmware/devicetree/")
_BEGINNINGS_IN_BYTES = tuple(map(str.encode, _BEGINNINGS))
_HEADERS = ("/usr/include/", "/usr/local/include/")
_KERNEL = ("/proc/cpuinfo", "/proc/device-tree/", "/sys/firmware/devicetree/")
_SHARED = ("/opt/", "/usr/share/", "/usr/lib/pkgconfig/")
"""Where the host may have what this machine does not have. What both have may be there for programs that run here."""
_NAMES_OF_SYSTEMS = ("-release", "_release", "-version", "_version")
_MOST_LINKS = 40
_WRITING = posix.O_WRONLY | posix.O_RDWR | posix.O_CREAT

# Ours are asked before `os` exists, and must not ask themselves.
_lstat, _readlink = posix.lstat, posix.readlink


def install(facts: "Facts") -> "Places":
    """Answer for the host in ``open`` and in those functions of ``os`` that look at files.

    ``os`` takes them from ``posix``, and ``io`` from ``_io``: neither has been imported yet.
    """
    places = Places(facts)
    kinds = {
        Asking: ("stat", "access", "getxattr", "listxattr"),
        AskingForLinks: ("lstat", "readlink"),
        Listing: ("listdir",),
        Scanning: ("scandir",),
        OpeningDescriptors: ("open",),
    }
    for kind, names in kinds.items():
        vars(posix).update((name, kind(getattr(posix, name), places)) for name in names)
    vars(_io)["open"] = Opening(_io.open, places)
    return places


class Asking:
    """A function of a path, which gets another one where that has the host's answer.

    It is no function itself: those become methods where a class has them as attributes, and builtins do not.
    """

    __slots__ = ("original", "places")

    def __init__(self, original: "Callable[..., Any]", places: "Places") -> None:
        self.original = original
        self.places = places

    def __call__(self, *arguments: "Any", **named: "Any") -> "Any":
        """Call the original, with the host's path."""
        if arguments:
            path = arguments[0]
            # __class__ comparisons instead of isinstance(): this runs for every file that any code looks at.
            if path.__class__ is not str and path.__class__ is not bytes:
                path = _path_of(path)
            if path and path.startswith(_BEGINNINGS if path.__class__ is str else _BEGINNINGS_IN_BYTES):
                text = path if path.__class__ is str else path.decode("utf-8", "surrogateescape")
                answer = self.answer(text, arguments, named)
                if answer != text:
                    there = answer if path.__class__ is str else answer.encode("utf-8", "surrogateescape")
                    return self.returned(self.original(there, *arguments[1:], **named), path)
        return self.original(*arguments, **named)

    def answer(self, path: str, _: "Any", named: "Any") -> str:
        """Return the path to look at."""
        return self.places.find(path, follow=named.get("follow_symlinks", True))

    def returned(self, result: "Any", _: "Any") -> "Any":
        """Return what to return for the ``result`` of the original, which looked at another path than it was given."""
        return result

    def __getattr__(self, name: str) -> "Any":
        return getattr(self.original, name)

    def __repr__(self) -> str:
        return repr(self.original)


class AskingForLinks(Asking):
    """A function that does not follow symbolic links."""

    __slots__ = ()

    def answer(self, path: str, _: "Any", __: "Any") -> str:
        """Return the path to look at."""
        return self.places.find(path, follow=False)


class Listing(Asking):
    """A function that reads a directory."""

    __slots__ = ()

    def answer(self, path: str, _: "Any", __: "Any") -> str:
        """Return the directory to read."""
        return self.places.find(path, lists=True)


class Scanning(Listing):
    """``scandir``, whose entries know their paths."""

    __slots__ = ()

    def returned(self, result: "Any", path: "Any") -> "Any":
        """Return entries of ``path``."""
        return Entries(result, path)


class Entries:
    """What ``scandir`` finds for a directory in another one."""

    def __init__(self, found: "Any", directory: "Any") -> None:
        self._found = found
        slash = directory[:1]
        self._start = directory.rstrip(slash) + slash

    def __iter__(self) -> "Self":
        return self

    def __next__(self) -> "Entry":
        entry = next(self._found)
        return Entry(entry, self._start + entry.name)

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Read no more."""
        self._found.close()


class Entry:
    """An entry that is found at one path, and answers with another."""

    __slots__ = ("_found", "path")

    def __init__(self, found: "Any", path: "Any") -> None:
        self._found = found
        self.path = path

    def __fspath__(self) -> "Any":
        return self.path

    def __getattr__(self, name: str) -> "Any":
        return getattr(self._found, name)


class Opening(Asking):
    """``open``, of which only reading is a question."""

    __slots__ = ()

    def answer(self, path: str, arguments: "Any", named: "Any") -> str:
        """Return the file to open."""
        mode = arguments[1] if arguments[1:] else named.get("mode", "r")
        return path if any(letter in mode for letter in "wax+") else self.places.find(path)


class OpeningDescriptors(Asking):
    """``os.open``, too."""

    __slots__ = ()

    def answer(self, path: str, arguments: "Any", named: "Any") -> str:
        """Return the file to open."""
        flags = arguments[1] if arguments[1:] else named.get("flags", 0)
        return path if flags & _WRITING else self.places.find(path)


def _path_of(path: "Any") -> "Any":
    """Return the path that an object stands for; nothing for descriptors, and for what is no path."""
    found = path.__fspath__() if hasattr(path, "__fspath__") else ""
    return found if isinstance(found, (str, bytes)) else ""


class Places:
    """Knows where the host's copy of a file is."""

    def __init__(self, facts: "Facts") -> None:
        self._root = facts["root"]
        own = facts["build_multiarch"]
        self.libraries = facts["libraries"]
        here = ("/usr/lib/" + own, "/lib/" + own) if own else ()
        self._libraries = {*self.libraries, "/usr/lib64", "/lib64", *here}
        self._below = tuple(place + "/" for place in self._libraries if "-linux-" in place)

    def find(self, path: str, *, follow: bool = True, lists: bool = False) -> str:
        """Return where ``path`` of the host is: ``path`` if it means no file of the host, or the host's is not here."""
        kind = self.kind(path)
        if not kind or (kind == "directory" and not follow):  # a link of this machine on the way to its files
            return path
        if self._has(kind, path):
            return self._followed(self._root + path) if follow else self._root + path
        if (lists or kind != "directory") and is_there(path):
            from . import noticed

            noticed.reading(path)
        return path

    def kind(self, path: str) -> str:
        """Return what kind of file ``path`` is; nothing if it is not one that differs between machines."""
        path = path.rstrip("/")
        runs_here = "/bin/" in path
        directory, _, name = path.rpartition("/")
        if path in self._libraries or path + "/" in _HEADERS:
            return "directory"
        if path.startswith(_HEADERS):
            return "header"
        if (path.startswith(self._below) and not runs_here) or (directory in self._libraries and _is_library(name)):
            return "library"
        if path.startswith(_KERNEL):
            return "kernel"
        if directory == "/etc" or path == "/usr/lib/os-release":
            return "system" if name.endswith(_NAMES_OF_SYSTEMS) or name.startswith("ld.so.") else ""
        return "shared" if path.startswith(_SHARED) and not runs_here and not is_there(path) else ""

    def library(self, name: str) -> str:
        """Return where the host has a library of this file name; nothing if its root is not here, or lacks it."""
        if self._root and "/" not in name:
            for directory in self.libraries:
                if is_there("{}{}/{}".format(self._root, directory, name)):
                    return "{}/{}".format(directory, name)
        return ""

    def library_names(self, start: str) -> "list[str]":
        """Return the file names of the host's libraries that begin with ``start``."""
        found = []
        for directory in self.libraries:
            try:
                found += [name for name in posix.listdir(self._root + directory) if name.startswith(start)]
            except OSError:
                continue
        return found

    @property
    def are_here(self) -> bool:
        """Whether the host's root is here, with its libraries."""
        return bool(self._root) and (is_there(self._root + "/usr/lib") or is_there(self._root + "/lib"))

    def _has(self, kind: str, path: str) -> bool:
        """Return whether the root answers for ``path``, be it that there is no such file."""
        if not self._root or kind == "kernel":
            return False
        if is_there(self._root + path):
            return True
        if kind in ("system", "shared"):
            return False
        of_headers = (path.rstrip("/") + "/").startswith(_HEADERS)
        return is_there(self._root + _HEADERS[0]) if of_headers else self.are_here

    def _followed(self, path: str) -> str:
        """Return what ``path``, below the root, leads to: links to absolute paths lead to files below the root."""
        for _ in range(_MOST_LINKS):
            try:
                goal = _readlink(path)
            except OSError:
                break
            path = self._root + goal if goal.startswith("/") else path.rstrip("/").rpartition("/")[0] + "/" + goal
        return path


def _is_library(name: str) -> bool:
    return name == "pkgconfig" or (name.startswith("lib") and (".so" in name or name.endswith(".a")))


def is_there(path: str) -> bool:
    """Return whether there is such a file, or a link."""
    try:
        _lstat(path)
    except (OSError, ValueError):
        return False
    return True
