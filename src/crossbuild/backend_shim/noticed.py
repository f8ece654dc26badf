"""What a build does here with what is for the host, or asks this machine instead of the host, for the end of the build.

Nothing is forbidden: the build goes on as it would have. What is noticed is appended to the file ``noticed`` in the
directory of the compilers' record: the fields kind, subject, who and his directory, each ended by a NUL.
"""

import os
import posix
import sys
from contextlib import suppress
from posixpath import abspath, basename, join, normpath, realpath

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType
    from typing import Any, List, Optional, Tuple

    from .places import Places

RECORD_VARIABLE = "CROSSBUILD_RECORD"
NAME = "noticed"

_STANDARD_LIBRARY = __file__.rpartition("/")[0].rpartition("/")[0] + "/"
_INSTALLED = ("/site-packages/", "/dist-packages/")
_TOOLS = ("SCons", "mesonbuild", "waflib")
"""The packages of build tools that projects carry along."""
_SHELLS = ("sh", "ash", "bash", "dash", "ksh", "zsh")
_LIBC = ("libc.", "libm.", "libdl.", "libpthread.", "librt.", "libutil.", "libgcc_s.", "ld-")
"""Libraries that every process has anyhow."""
_TELLING = ("dpkg-architecture", "lsb_release", "lscpu")
"""Programs that describe this machine. ``uname`` and its like answer for the host."""
_ENDS_OF_COMMANDS = (";", "&", "|", "(", "!", "{")
_WORDS_BEFORE_COMMANDS = ("if", "then", "else", "elif", "while", "until", "do", "exec", "time", "env", "!", "{")
_COUNTING = ("processor", "cpu cores", "core id", "physical id", "siblings")
_DESCRIBING = ("flags", "features", "model", "vendor", "hardware", "revision", "implementer", "variant", "part")
_LINES_AROUND = (3, 6)
_ELF = b"\x7fELF"
_SAID = set()  # type: set[Tuple[str, str, str]]


# -- what is for the host ---------------------------------------------------------------------------------------------


def heard(event: str, arguments: "Tuple[Any, ...]", places: "Places") -> None:
    """Notice what the audit event ``event`` is about to execute or to load. Whatever it is, it must go on."""
    with suppress(Exception):
        _heard(event, arguments, places)


def _heard(event: str, arguments: "Tuple[Any, ...]", places: "Places") -> None:
    if event == "import":
        _used("imported", arguments[1], posix.getcwd())
    elif event == "ctypes.dlopen":
        loading(arguments[0], places)
    elif event == "os.system":
        _running(("/bin/sh", "-c", arguments[0]), None, None, places)
    elif event == "subprocess.Popen":
        executable, words, directory, environ = arguments
        _running((executable, *words[1:]), directory, environ, places)
    else:  # os.exec, os.posix_spawn
        program, words, environ = arguments
        _running((program, *words[1:]), None, environ, places)


def loading(library: "Any", places: "Places") -> None:
    """Notice the library that is about to be loaded: a path, or a name that the loader looks for."""
    name = _decoded(library)
    if "/" in name:
        _used("loaded", name, posix.getcwd())
    elif name and not name.startswith(_LIBC) and asks_for_the_host():
        on_host = places.library(name)
        notice(*(("loaded", on_host) if on_host else ("asked", "the library {}".format(name))))


def missing(file: str) -> None:
    """Notice that ``file``, a module that is for the host, was not imported."""
    notice("imported", abspath(file))


def _running(words: "Tuple[Any, ...]", directory: "Any", environ: "Optional[Any]", places: "Places") -> None:
    texts = [_decoded(word) for word in words]
    where = join(posix.getcwd(), _decoded(directory) or "")
    search = _decoded((os.environ if environ is None else environ).get("PATH", "")).split(":")
    command = _command_line(texts)
    for program in _commands(command) if command else texts[:1]:
        _used("ran", program if "/" in program else _found(program, search), where)
        if basename(program) in _TELLING and not _counts(_source()):
            asking(basename(program))
    if texts[0] == sys.executable:
        return  # which answers for itself
    for word in command.split() if command else texts[1:]:
        file = word.strip("'\"<;)")
        if file.startswith("/") and places.kind(file) in ("header", "kernel", "system"):
            reading(file, context=" ".join(texts))


def _command_line(words: "List[str]") -> str:
    """Return the text that a shell runs as commands: ``sh -c TEXT``, ``bash -eu -o pipefail -c TEXT``; else nothing."""
    if basename(words[0]) in _SHELLS:
        options = iter(words[1:])
        for option in options:
            if not option.startswith("-"):
                break  # a script
            if option.startswith("--"):
                continue
            if option.endswith("c"):
                return next(options, "")
            if option.endswith("o"):
                next(options, "")
    return ""


def _commands(line: str) -> "Iterator[str]":
    """Yield the words of a shell's command line that name programs."""
    for mark in _ENDS_OF_COMMANDS:
        line = line.replace(mark, " ; ")
    begins = True
    for word in line.split():
        if word == ";":
            begins = True
        elif begins and word not in _WORDS_BEFORE_COMMANDS and "=" not in word:
            yield word.strip("'\"")
            begins = False


def _found(program: str, search: "Iterable[str]") -> str:
    for directory in search:
        file = join(directory, program)
        if os.access(file, os.X_OK):
            return file
    return ""


def _used(how: str, file: "Any", directory: str) -> None:
    name = _decoded(file)
    path = normpath(join(directory, name)) if name else ""
    header = _header(path) if path else b""
    if not header.startswith(_ELF):
        return
    # The header decides, not whether the file can be executed: binfmt_misc may have QEMU run it.
    if _machine(header) != _machine(_header(sys.executable)):
        notice(how, path)
    elif not _is_installed(path) and realpath(path).startswith(_build_directory()):
        # Whether it was made for a host of this very kind, the compilers' record knows.
        notice("perhaps " + how, path)


def _header(file: str) -> bytes:
    try:
        # O_NONBLOCK: a named pipe would wait for a writer.
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return b""
    try:
        return os.read(descriptor, 20)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _machine(header: bytes) -> "Tuple[bytes, bytes]":
    """Return class, byte order and machine (elf(5))."""
    return header[4:6], header[18:20]


# -- what this machine is asked ---------------------------------------------------------------------------------------


def reading(file: str, *, context: str = "") -> None:
    """Notice that the project reads ``file`` of this machine, unless it only counts processors."""
    if asks_for_the_host() and not (file == "/proc/cpuinfo" and _counts(context or _source())):
        notice("read", file)


def asking(what: str) -> None:
    """Notice that the project asks ``what`` of this machine."""
    if asks_for_the_host():
        notice("asked", what)


def page_size() -> None:
    """Notice that the project asks for the page size, unless it counts memory."""
    if "PHYS_PAGES" not in _source():
        asking("os.sysconf('SC_PAGE_SIZE')")


def byte_order(frame: "FrameType", order: str) -> None:
    """Notice that ``frame`` asks for the byte order, which is ``order`` here and another on the host."""
    if is_projects(frame):
        notice("asked", "sys.byteorder, which is {} here".format(order))


def _counts(text: str) -> bool:
    low = text.lower()
    return any(word in low for word in _COUNTING) and not any(word in low for word in _DESCRIBING)


def _source() -> str:
    """Return the lines of the project around the one that asks, up to empty ones."""
    import linecache
    from itertools import takewhile

    before, after = _LINES_AROUND
    for file, frame in _callers():
        lines, line = linecache.getlines(file), frame.f_lineno
        above = takewhile(str.strip, reversed(lines[max(line - before, 0) : line]))
        return "".join((*above, *takewhile(str.strip, lines[line : line + after])))
    return ""


# -- who --------------------------------------------------------------------------------------------------------------


def _callers() -> "Iterator[Tuple[str, FrameType]]":
    """Yield the files and frames of what runs, the standard library and ourselves aside, the innermost first."""
    frame = sys._getframe(1)  # type: Optional[FrameType]
    while frame:
        file = _file(frame)
        if not file.startswith(("<frozen ", _STANDARD_LIBRARY)):
            yield file, frame
        frame = frame.f_back


def _file(frame: "FrameType") -> str:
    file = frame.f_code.co_filename
    if file.startswith("<") and not file.startswith("<frozen "):  # executed text, such as setup.py
        return str(frame.f_globals.get("__file__") or file)
    return file


def is_projects(frame: "FrameType") -> bool:
    """Return whether ``frame`` is of the project's own code, and not of the standard library or a build requirement."""
    file = _file(frame)
    return not file.startswith(("<frozen ", _STANDARD_LIBRARY)) and not _is_tools(file, frame)


def asks_for_the_host() -> bool:
    """Return whether the project's own code asks, which means the host: a build requirement works with this process."""
    for file, frame in _callers():
        return not _is_tools(file, frame)
    return False


def _is_tools(file: str, frame: "FrameType") -> bool:
    """Return whether ``frame`` is of a build requirement, or of a build tool in the project."""
    name = frame.f_globals.get("__name__") or ""
    return _is_installed(file) or name.partition(".")[0] in _TOOLS


def _is_installed(file: str) -> bool:
    return any(place in file for place in _INSTALLED)


def _who() -> str:
    """Return the line of the project's code that leads here, of a build requirement's if there is none."""
    callers = list(_callers())
    own = [(file, frame) for file, frame in callers if not _is_tools(file, frame)]
    for file, frame in own or callers:
        return "{}, line {}".format(_shortened(file), frame.f_lineno)
    return ""


def _shortened(file: str) -> str:
    """Return ``file`` as it is called in a project, or in what is installed."""
    for place in _INSTALLED:
        file = file.rpartition(place)[2]
    before, found, after = file.partition(posix.getcwd() + "/")
    return after if found and not before else file


# -- the record -------------------------------------------------------------------------------------------------------


def notice(kind: str, subject: str) -> None:
    """Append what was noticed to the record, once. No failure of it is the build's."""
    with suppress(OSError):
        said = (kind, subject, _who())
        if said not in _SAID:
            _SAID.add(said)
            fields = "".join(field + "\0" for field in (*said, posix.getcwd()))
            _append(fields.encode("utf-8", "surrogateescape"))


def _append(content: bytes) -> None:
    # In one write, so that those of several processes do not mix (O_APPEND in open(2)).
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
    descriptor = os.open(join(_record(), NAME), flags, 0o666)
    try:
        os.write(descriptor, content)
    finally:
        os.close(descriptor)


def _record() -> str:
    """Return the directory of the record; where the environment was cleared, it is beside the cross venv."""
    return os.environ.get(RECORD_VARIABLE) or _build_directory() + "record"


def _build_directory() -> str:
    """Return the directory that the cross venv is in, with a slash behind."""
    return sys.executable.rpartition("/bin/")[0].rpartition("/")[0] + "/"


def _decoded(word: "Any") -> str:
    found = os.fspath(word) if hasattr(word, "__fspath__") else word
    if isinstance(found, bytes):
        return found.decode("utf-8", "surrogateescape")
    return found if isinstance(found, str) else ""
