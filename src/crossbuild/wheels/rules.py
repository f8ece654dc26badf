"""The rules of the check: what each is about, why it matters, and what to do.

``crossbuild explain ID`` and the reference print them. An id never changes its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Cause = Literal["tags", "machine", "libc", "floor", "library", "name", "missing"]
"""What :mod:`.explanations` knows a usual fix of."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One thing that the check looks at."""

    id: str
    severity: Severity
    """An error refuses the wheel."""
    what: str
    """What is wrong, as a headline."""
    why: str
    """One sentence on why that matters."""
    fix: str
    """What to do, in general; a finding may know better."""
    cause: Cause | None = None


def _error(id_: str, what: str, why: str, fix: str, cause: Cause | None = None) -> Rule:
    return Rule(id=id_, severity="error", what=what, why=why, fix=fix, cause=cause)


def _warning(id_: str, what: str, why: str, fix: str) -> Rule:
    return Rule(id=id_, severity="warning", what=what, why=why, fix=fix)


_ARCHIVE = (
    _error(
        "malformed-wheel",
        "The file is not a well-formed wheel.",
        "Installers refuse it, or install something else than it says.",
        "Download or build it again. If the new file is the same, report it to the project that publishes it.",
    ),
    _error(
        "ambiguous-archive",
        "Tools can read the archive in different ways.",
        "Two tools may install different files from it, and uv and PyPI refuse it.",
        "Pack the wheel again, with `wheel unpack` and `wheel pack`.",
    ),
    _error(
        "colliding-files",
        "Two files of the wheel would be installed as the same file.",
        "Installers refuse it, or one of the two overwrites the other.",
        "Look for what puts the file into the wheel a second time: a data directory, or a script of the same name.",
    ),
    _error(
        "metadata-mismatch",
        "METADATA names another project or version than the file name.",
        "Installers choose wheels by their file names, and refuse one that turns out to be another.",
        "Rename nothing by hand: build the wheel again from the version that it should have.",
    ),
    _error(
        "invalid-metadata",
        "METADATA or WHEEL says something that installers cannot read.",
        "pip, uv or others refuse the wheel, or leave out what they do not understand.",
        "Correct the project's name, version, requires-python or dependencies, and build the wheel again.",
    ),
    _warning(
        "nonstandard-metadata",
        "METADATA has a field that is not as the standard has it.",
        "Installers pass over it, and PyPI refuses the wheel.",
        "Correct the field in the project's pyproject.toml, or use a newer backend.",
    ),
    _warning(
        "missing-license-file",
        "METADATA names a license file that the wheel does not hold.",
        "Whoever passes the wheel on may have to pass on the license, too, and PyPI refuses it.",
        "Let license-files match the file, and look for what leaves it out.",
    ),
    _error(
        "record-mismatch",
        "RECORD does not match the files of the wheel.",
        "A file was changed after the wheel was made, or would be left behind when the wheel is uninstalled.",
        "Build the wheel again. After changing files by hand, run `wheel unpack` and `wheel pack`, which write RECORD.",
    ),
    _error(
        "record-without-hash",
        "RECORD has no hash for a file, or one that proves nothing.",
        "Nobody can tell whether the file is what its author packed.",
        "Pack the wheel again with `wheel pack`, which writes SHA-256 hashes.",
    ),
    _error(
        "repeated-file",
        "The archive holds a file twice, with the same content.",
        "Some installers refuse to write it a second time.",
        "Pack the wheel again, with `wheel unpack` and `wheel pack`.",
    ),
    _warning(
        "removed-repetition",
        "The backend packed a file twice, and the wheel has it once.",
        "Some installers refuse to write it a second time, so one of the two is left out.",
        "Look for what adds the file a second time to the wheel.",
    ),
    _warning(
        "repeated-row",
        "RECORD lists a file twice, with the same hash.",
        "Installers take it, and tools that count what a wheel holds count it twice.",
        "Look for what adds the file a second time, or write RECORD again with `wheel unpack` and `wheel pack`.",
    ),
)
_TAGS = (
    _error(
        "tags-mismatch",
        "The WHEEL file has other tags than the file name.",
        "Tools that read one of them and tools that read the other take the wheel for different machines.",
        "Change tags with `wheel tags`, which changes both, and not by renaming the file.",
        "tags",
    ),
    _error(
        "wrong-python-tag",
        "The wheel's Python tags are not for the host's Python.",
        "No installer on the host takes it.",
        "Build it for the host's version of Python, or for the stable ABI of an older one.",
        "tags",
    ),
    _error(
        "wrong-python",
        "Requires-Python excludes the host's Python.",
        "pip and uv refuse the wheel on the host.",
        "Use another release of the project, or correct requires-python if that is wrong.",
    ),
    _error(
        "wrong-platform-tag",
        "The wheel's platform tag is for another machine.",
        "No installer on the host takes it.",
        "Build it for the host, or look for what sets the tag: plat-name, a build hook.",
        "tags",
    ),
    _error(
        "universal-tag",
        "The platform tag is any, and the wheel holds machine code.",
        "Installers on every other machine take it, and it does not work there.",
        "Give the wheel the tag of its machine, with `wheel tags --platform-tag`.",
        "tags",
    ),
    _error(
        "not-installable",
        "No installer on the host takes a wheel with these tags.",
        "The contents may fit, but pip chooses wheels by their tags.",
        "Give the wheel the tag of the host, with `wheel tags --platform-tag`.",
        "tags",
    ),
    _warning(
        "corrected-tag",
        "The wheel gets another tag than its backend or the host asks for.",
        "What is in it does not fit that tag.",
        "Nothing, if the new tag is right. Otherwise look at the finding that names the cause.",
    ),
    _warning(
        "low-floor",
        "The tag promises an older glibc than the wheel needs.",
        "Installers on older hosts take it, and it does not load there.",
        "Link against the glibc that the tag promises (--toolchain zig), or use the tag that auditwheel gives it.",
    ),
    _warning(
        "no-machine-code",
        "The tag is for one platform, and the wheel holds no machine code.",
        "Other machines cannot use a wheel that would work there, or its extensions were left out.",
        "If it is pure Python, have the backend make a py3-none-any wheel. Otherwise read the log.",
    ),
    _warning(
        "narrow-suffix",
        "An extension is for one version of Python, and the ABI tag claims more.",
        "Other versions install the wheel, and cannot import the extension.",
        "Build with the limited API, or have the backend give the wheel the ABI tag of one version.",
    ),
)
_MACHINE = (
    _error(
        "wrong-machine",
        "Machine code is for another machine.",
        "The host's loader refuses it.",
        "Look for what called a compiler of the build machine, or put the file there ready-made.",
        "machine",
    ),
    _error(
        "wrong-float-abi",
        "Machine code passes floating-point arguments in another way than the host.",
        "It loads on some systems, and computes wrong results.",
        "Use a compiler for the host's ABI: gnueabihf and gnueabi are two.",
        "machine",
    ),
    _error(
        "newer-cpu",
        "Machine code is for a newer CPU than the host has.",
        "It ends with an illegal instruction, maybe long after it was loaded.",
        "Use --toolchain zig or a compiler for the older CPU, and leave out options such as -march.",
        "machine",
    ),
    _error(
        "wrong-libc",
        "Machine code is linked against another C library.",
        "The host does not have that C library, or has both and crashes.",
        "Build for the host's: a manylinux tag is glibc, a musllinux tag is musl.",
        "libc",
    ),
    _error(
        "newer-glibc",
        "Machine code needs a newer glibc than the host has.",
        "The host's loader refuses it: version GLIBC_… not found.",
        "Use --toolchain zig, which links against the glibc that the host has.",
        "floor",
    ),
    _error(
        "private-symbols",
        "Machine code uses symbols that a library keeps for itself.",
        "They change or vanish with any release of the library.",
        "Look for the code that calls them, or for a static library that was made for another release.",
        "floor",
    ),
    _error(
        "not-a-library",
        "A file is called like a shared library, and is something else.",
        "Python or the loader refuses it when it is needed.",
        "Look for what puts this file into the wheel, and have it build or fetch the library instead.",
    ),
    _error(
        "not-loadable",
        "A file is called like an extension or a library, and is no shared object.",
        "dlopen() refuses programs, object files and core dumps.",
        "Link it with -shared, as an extension or a library.",
    ),
    _error(
        "invalid-header",
        "The loader refuses the headers of an ELF file.",
        "The file cannot be imported, loaded or started.",
        "Build it again, for Linux; a tool that changed it (strip, patchelf) may have damaged it.",
    ),
    _error(
        "wrong-libpython",
        "An extension is linked with the libpython of another Python.",
        "The import fails, or loads a second Python into the process, which crashes.",
        "Link extensions without libpython: the Python that imports them has the symbols.",
    ),
    _error(
        "no-init-function",
        "An extension does not export the function that Python calls.",
        "The import fails: dynamic module does not define module export function.",
        "Give the file the name of the module, and export its initialisation function (PyMODINIT_FUNC).",
    ),
    _error(
        "damaged-binary",
        "An ELF file or a static library cannot be read.",
        "The loader or the linker cannot read it either.",
        "Build or download it again; a tool that changed it (strip, patchelf) may have damaged it.",
    ),
    _error(
        "wrong-suffix",
        "An extension has the suffix of another Python or platform.",
        "The host's Python does not find it.",
        "Look for a suffix, a SOABI or an interpreter that the project sets by itself.",
        "name",
    ),
    _error(
        "missing-extension",
        "An extension was not built, or is not in the wheel.",
        "Importing it fails on the host, or the package silently uses slow code.",
        "Read the log for why it was left out. To deliver the wheel without it, give --allow-missing-extensions.",
        "missing",
    ),
    _warning(
        "lost-library",
        "Something was linked in the build, and is not in the wheel.",
        "It may be an extension that was left out.",
        "Nothing, if the build made it for itself only.",
    ),
    _warning(
        "executable-stack",
        "A library asks for an executable stack.",
        "glibc 2.41 and newer refuse to load it.",
        "Link it with -Wl,-z,noexecstack; its assembly needs a section .note.GNU-stack.",
    ),
    _warning(
        "text-relocations",
        "A library has text relocations.",
        "Hardened hosts refuse to change code that they load.",
        "Compile all of it with -fPIC.",
    ),
    _warning(
        "cpu-level",
        "A library requires a newer CPU than its tag promises.",
        "The tag is for all x86-64 CPUs; glibc refuses to load the library on older ones.",
        "Compile and link it without -march=x86-64-v2 and newer, and without -Wl,-z,x86-64-v2 and newer.",
    ),
    _warning(
        "thin-archive",
        "A static library only names object files of the machine that made it.",
        "Nothing can be linked with it.",
        "Make it without ar's option T.",
    ),
)
_LIBRARIES = (
    _error(
        "unpromised-library",
        "The wheel needs a library that its tag does not promise, and does not hold it.",
        "Hosts that take the wheel may not have the library.",
        "Put the library into the wheel (crossbuild repair), link it statically, or build for a real host.",
        "library",
    ),
    _error(
        "unpromised-version",
        "The wheel needs a newer version of a library than its tag promises.",
        "Hosts that take the wheel may have an older one, and their loader refuses it.",
        "Use --toolchain zig or an older compiler, or a tag with a newer floor.",
        "floor",
    ),
    _error(
        "foreign-library",
        "The library that the wheel needs is there for another machine only.",
        "The loader passes over it.",
        "Install the library for the host's machine in its root.",
        "library",
    ),
    _error(
        "older-library",
        "The host's library lacks a version that the wheel needs.",
        "The host's loader refuses the wheel: version … not found.",
        "Link against the host's own library, or use a compiler that is no newer than it.",
        "library",
    ),
    _error(
        "newer-library",
        "A library that would come along with the wheel needs a newer glibc than the tag promises.",
        "The repaired wheel would not load on the oldest hosts that take it.",
        "Ask for the newer tag, link the library statically, or take the sysroot from an older release.",
        "library",
    ),
    _error(
        "missing-version",
        "A library of the wheel does not define a symbol version that another file needs of it.",
        "The import fails: version … not found.",
        "Put the same release of the library into the wheel that the extension was linked with.",
    ),
    _error(
        "library-not-found",
        "The loader does not find a library of the wheel that an extension needs.",
        "The import fails: cannot open shared object file.",
        "Link the extension with a run path ($ORIGIN/…), or link the library statically.",
        "library",
    ),
    _error(
        "foreign-run-path",
        "A run path names a directory that the host does not have.",
        "The loader looks there first; whoever can make the directory decides what is loaded.",
        "Build without RPATH (CMake: CMAKE_INSTALL_RPATH=$ORIGIN or CMAKE_SKIP_RPATH).",
    ),
    _warning(
        "library-found-late",
        "A library or program does not find a library of the wheel by itself.",
        "It works only if something else loaded that library before.",
        "Link it with a run path ($ORIGIN/…), or link the library statically.",
    ),
    _warning(
        "missing-library",
        "The wheel needs a library that is not in the host's root, or not where the loader looks.",
        "The import fails unless the library comes from elsewhere.",
        "Install the library in the host's root, or link it statically.",
    ),
    _warning(
        "outside-run-path",
        "A run path leads out of where wheels are installed.",
        "Each host has other libraries there, and the loader takes those that it finds.",
        "Put the libraries into the wheel, and link with a run path to them ($ORIGIN/…).",
    ),
    _warning(
        "relative-run-path",
        "A run path depends on the current directory.",
        "Whoever chooses the directory decides what is loaded.",
        "Use $ORIGIN, which is the directory of the file itself.",
    ),
)
_SYMBOLS = (
    _error(
        "python-symbol",
        "An extension uses a function or type that the host's Python does not have.",
        "The import fails: undefined symbol.",
        "Build the extension for the host's version and build of Python, or leave the newer or removed function out "
        "(#if PY_VERSION_HEX).",
    ),
    _error(
        "beyond-stable-abi",
        "An extension for the stable ABI uses functions or types that the stable ABI does not have.",
        "Other versions of Python install the wheel, and cannot import the extension.",
        "Define Py_LIMITED_API as the oldest version that the tag promises, or raise the tag's version.",
    ),
    _error(
        "missing-symbol",
        "No library on the host or in the wheel defines a symbol that an extension or a program needs.",
        "The import fails: undefined symbol.",
        "Link the library that defines the symbol, or compile the source that was left out.",
    ),
    _warning(
        "unknown-symbol",
        "No known library defines a symbol that an extension or a program needs.",
        "The import fails, unless the symbol comes from something that is loaded before.",
        "Link the library that defines the symbol, or check the wheel for a host whose root has it.",
    ),
)
_PATHS = (
    _error(
        "build-path-in-script",
        "A script names a path of the machine that built it.",
        "The script does not start on the host.",
        "Let scripts begin with #!python, which installers replace, and find all else when they run.",
    ),
    _error(
        "script-line-end",
        "The first line of a script ends with a carriage return.",
        "The kernel takes it for part of the interpreter's name, and does not find that.",
        "Write the script with the line ends of Unix, or let it begin with #!python, which installers replace.",
    ),
    _error(
        "unusable-interpreter",
        "A script or a program names no interpreter that the kernel finds.",
        "It does not start, or the shell runs the script.",
        "Let scripts begin with #!python, which installers replace, or with #! and a full path. Link programs for a "
        "usual system, or set their loader with patchelf --set-interpreter.",
    ),
    _error(
        "wrong-bytecode",
        "A module without source is bytecode that the host's Python refuses.",
        "The import fails: bad magic number.",
        "Put the source into the wheel, or compile it with the host's version of Python.",
    ),
    _warning(
        "stale-bytecode",
        "A file of cached bytecode is for another Python than its name says.",
        "Python passes over it, and compiles the source again each time if it cannot write there.",
        "Leave __pycache__ out of the wheel: installers compile what they install.",
    ),
    _warning(
        "missing-interpreter",
        "The first line of a script names a program that is not in the host's root.",
        "The script does not start unless the program comes from elsewhere.",
        "Let scripts begin with #!python, which installers replace, or #!/usr/bin/env.",
    ),
    _warning(
        "build-path",
        "A file names a path of the machine that built it.",
        "The path does not exist on the host.",
        "Nothing, if the path is only information. Otherwise look for what wrote the file. /crossbuild stands for the "
        "directories of a build by crossbuild.",
    ),
)
_ALL = (*_ARCHIVE, *_TAGS, *_MACHINE, *_LIBRARIES, *_SYMBOLS, *_PATHS)
RULES = {rule.id: rule for rule in _ALL}
"""By id."""
OF_MACHINES = frozenset(rule.id for rule in _ALL if rule.cause in {"machine", "libc", "floor", "name"})
"""Those that say nothing of a wheel which is for no machine in particular."""
