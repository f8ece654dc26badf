"""Tells crossbuild what this machine's Python is: run it on the machine that wheels are to be built for.

    ssh pi@board python3 - < capture.py > board.json
    ssh pi@board python3 - --headers < capture.py > board.json    # with the texts of the Python's C headers

It needs CPython 3.8 or newer on Linux and nothing else, writes no file, and prints one JSON document.

Sources: PEP 508 (markers), PEP 425 and PEP 600 (tags), the System V gABI (ELF headers), CPython's Lib/sysconfig.
"""

from __future__ import annotations

import sys

sys.dont_write_bytecode = True  # before other imports, which would write theirs
sys.path[:] = [entry for entry in sys.path if entry]  # without the current directory, which holds anything

import importlib
import json
import os
import platform
import re
import struct
import subprocess
import sysconfig
from importlib import metadata
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

FORMAT = 1
PT_INTERP = 3
CLASS_64 = 2
BITS = 8 * struct.calcsize("P")
SMALL = 32
WITHOUT_MANYLINUX = ("armv5tel", "armv6l")
IN_32_BITS = {"aarch64": "armv7l", "armv8l": "armv7l", "x86_64": "i686"}
"""What a Python of 32 bits calls the machines of 64 bits that it may run on, and armv8l itself, as packaging does."""


def main() -> None:
    """Print the document."""
    if not sys.platform.startswith("linux"):
        sys.exit(f"crossbuild builds for Linux; this machine is {sys.platform}.")
    document = describe(headers="--headers" in sys.argv[1:])
    sys.stdout.write(json.dumps(document, sort_keys=True) + "\n")


def describe(*, headers: bool) -> dict[str, Any]:
    """Return the document."""
    sys.path.extend(directory for directory in site_directories() if directory not in sys.path)
    libc, libc_version = c_library()
    document = {
        "crossbuild-host": FORMAT,
        "python": {
            "implementation": sys.implementation.name,
            "version": "{}.{}.{}".format(*sys.version_info),
            "abi_flags": getattr(sys, "abiflags", ""),
            "executable": sys.executable,
            "prefix": sys.prefix,
            "base_prefix": sys.base_prefix,
        },
        "platform": {
            "sysconfig": sysconfig.get_platform(),
            "machine": machine(),
            "bits": BITS,
            "libc": libc,
            "libc_version": libc_version,
        },
        "build_time_vars": build_variables(),
        "pyconfig": pyconfig(),
        "device": {
            "markers": marker_environment(),
            "tags": tags(libc, libc_version),
            "libraries": libraries(),
            "distributions": distributions(),
            "cpu_features": cpu_features(),
        },
    }
    return {**document, "headers": header_texts()} if headers else document


# -- Its Python -------------------------------------------------------------------------------------------------------


def build_variables() -> dict[str, str | int]:
    """Return what the interpreter's makefile and ``pyconfig.h`` said; not what sysconfig adds when it runs."""
    try:
        module = importlib.import_module(vars(sysconfig)["_get_sysconfigdata_name"]())
        found = vars(module)["build_time_vars"]
    except (ImportError, KeyError):
        found = sysconfig.get_config_vars()
    return {name: value for name, value in found.items() if type(value) in (str, int)}


def pyconfig() -> str | None:
    """Return the ``pyconfig.h`` that holds this machine's values, which some distributions keep behind a switch."""
    switch = Path(sysconfig.get_config_h_filename())
    included = re.findall(r'#\s*include\s*[<"]([^>"]*pyconfig[^>"]*\.h)[>"]', read(switch))
    multiarch = sysconfig.get_config_var("MULTIARCH")
    own = [name for name in included if name.split("/")[0] == multiarch or name.endswith(f"-{BITS}.h")]
    files = [start / name for name in own for start in (switch.parent, switch.parent.parent)]
    for text in map(read, [switch, *files]):
        if re.search(rf"^#\s*define\s+SIZEOF_VOID_P\s+{BITS // 8}\s*$", text, re.MULTILINE):
            return text
    return None


def header_texts() -> dict[str, str]:
    """Return the C headers by their paths below the directory of ``Python.h``. Ends the program if they are missing."""
    top = Path(sysconfig.get_paths()["include"])
    if not (top / "Python.h").is_file():
        sys.exit(f"There is no Python.h in {top}: install the Python's -dev package, or leave --headers out.")
    return {str(file.relative_to(top)): read(file) for file in top.rglob("*.h")}


def distributions() -> dict[str, str]:
    """Return the versions of what is installed, by normalised name; the first on the path counts, as for imports."""
    found: dict[str, str] = {}
    for one in metadata.distributions():
        try:
            told = one.metadata
            if "Name" in told and "Version" in told:
                found.setdefault(re.sub(r"[-_.]+", "-", told["Name"]).lower(), told["Version"])
        except (KeyError, OSError, TypeError, ValueError):  # what a removal left behind
            continue
    return found


def site_directories() -> list[str]:
    """Return where packages are installed, which an interpreter that was started with ``-S`` does not look at."""
    schemes = [name for name in sysconfig.get_scheme_names() if not name.endswith(("_user", "_home", "nt", "venv"))]
    paths = [sysconfig.get_path(kind, name) for name in schemes for kind in ("purelib", "platlib")]
    return [path for path in dict.fromkeys(paths) if Path(path).is_dir()]


# -- Its machine ------------------------------------------------------------------------------------------------------


def machine() -> str:
    """Return the machine that the interpreter is for, which may be a smaller one than the kernel's."""
    name = os.uname().machine
    return IN_32_BITS.get(name, name) if BITS == SMALL else name


def cpu_features() -> list[str]:
    """Return what the kernel says that the processor can do."""
    text = read(Path("/proc/cpuinfo"))
    features = re.search(r"^(?:flags|features|isa)\s*:(.*)", text, re.MULTILINE | re.IGNORECASE)
    return features.group(1).split() if features else []


def c_library() -> tuple[str | None, str | None]:
    """Return the family and the version of the C library, None for what cannot be found out."""
    try:
        family, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    except (OSError, ValueError):
        family = version = ""
    if family == "glibc":
        return family, version
    # No function asks for musl: as packaging does, look at which loader the interpreter names, and run that.
    loader = program_interpreter(Path(sys.executable))
    return ("musl", musl_version(loader)) if "ld-musl-" in loader else (None, None)


def musl_version(loader: str) -> str | None:
    """Return what musl's loader says of itself when it is run; where it cannot be, what stands in it."""
    try:
        said = subprocess.run([loader], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, check=False).stderr
    except OSError:
        said = b""
    found = re.search(rb"Version (\d+\.\d+\.\d+)", said)
    found = found or re.search(rb"\0(\d\.\d{1,2}\.\d{1,2})\0", read_bytes(Path(loader)))
    return found.group(1).decode() if found else None


def program_interpreter(file: Path) -> str:
    """Return the loader that the ELF executable ``file`` names, empty if it names none."""
    data = read_bytes(file)
    if data[:4] != b"\x7fELF":
        return ""
    order, wide = "<>"[data[5] - 1], data[4] == CLASS_64
    (start,) = struct.unpack_from(order + ("Q" if wide else "I"), data, 32 if wide else 28)
    size, count = struct.unpack_from(order + "HH", data, 54 if wide else 42)
    for at in range(start, start + size * count, size):
        words = struct.unpack_from(order + ("IIQQQQ" if wide else "IIIIII"), data, at)
        offset, length = (words[2], words[5]) if wide else (words[1], words[4])
        if words[0] == PT_INTERP:
            return data[offset : offset + length].rstrip(b"\0").decode()
    return ""


def libraries() -> list[str]:
    """Return the names that shared libraries for this interpreter are loaded by."""
    own = machine_of(Path(sys.executable))
    for find in (known_to_loader, in_usual_directories):
        names = {name for name, file in find() if machine_of(file) == own}
        if names:
            return sorted(names)
    return []


def machine_of(file: Path) -> bytes:
    """Return what says in the header of an ELF file which machine it is for."""
    header = read_bytes(file, 20)
    return header[:6] + header[18:]


def known_to_loader() -> Iterator[tuple[str, Path]]:
    """Yield the libraries in the loader's cache, where it has one, with their places."""
    # By their paths: the PATH of a command that comes by ssh is short, and rarely has these directories.
    for program in ("/sbin/ldconfig", "/usr/sbin/ldconfig"):
        try:
            done = subprocess.run([program, "-p"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        except OSError:
            continue
        for name, path in re.findall(r"^\s*(\S+\.so\S*) \(.*\) => (\S+)", done.stdout.decode(), re.MULTILINE):
            if not is_for_linking(Path(path)):
                yield name, Path(path)
        return


def in_usual_directories() -> Iterator[tuple[str, Path]]:
    """Yield the libraries in the directories that loaders search, with their places."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    places = [f"{start}/{end}" for start in ("", "/usr", "/usr/local") for end in (f"lib/{multiarch}", "lib", "lib64")]
    for directory in filter(Path.is_dir, map(Path, places)):
        files = [file for file in directory.glob("*.so*") if not is_for_linking(file)]
        # libz.so.1 links to libz.so.1.3.1: programs name the link, not the file behind it.
        behind = {file.resolve().name for file in files if file.is_symlink()}
        yield from ((file.name, file) for file in files if file.name not in behind)


def is_for_linking(file: Path) -> bool:
    """Return whether ``file`` is a link such as ``libz.so``, which compilers look for and loaders do not."""
    return file.suffix == ".so" and file.is_symlink()


# -- What it takes ----------------------------------------------------------------------------------------------------


def marker_environment() -> dict[str, str]:
    """Return the variables of environment markers."""
    major, minor, micro, level, serial = sys.implementation.version
    pre_release = "" if level == "final" else level[0] + str(serial)
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": f"{major}.{minor}.{micro}{pre_release}",
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def tags(libc: str | None, version: str | None) -> list[str]:
    """Return the tags of the wheels that installers take here, the best first."""
    for name in ("packaging.tags", "pip._vendor.packaging.tags"):
        try:
            return [str(tag) for tag in importlib.import_module(name).sys_tags()]
        except (ImportError, AttributeError):
            continue
    return list(own_tags(list(platform_tags(libc, version))))


def platform_tags(libc: str | None, version: str | None) -> Iterator[str]:
    """Yield the platform tags, as packaging does."""
    name = machine()
    minor = int(version.split(".")[1]) if version else -1
    if libc == "musl":
        yield from (f"musllinux_1_{older}_{name}" for older in range(minor, -1, -1))
    elif name not in WITHOUT_MANYLINUX:
        legacy = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
        for older in range(minor, 4 if name in ("x86_64", "i686") else 16, -1):
            yield f"manylinux_2_{older}_{name}"
            if older in legacy:
                yield f"{legacy[older]}_{name}"
    yield "linux_" + name


def own_tags(platforms: list[str]) -> Iterator[str]:
    """Yield the tags of CPython on ``platforms``, where nothing is installed that knows them."""
    minor, flags = sys.version_info[1], getattr(sys, "abiflags", "")
    own, older = f"cp3{minor}", range(minor - 1, -1, -1)
    stable = [] if "t" in flags else ["abi3"]
    pairs = [f"{own}-{abi}" for abi in (own + flags, *stable, "none")]
    # In the order of packaging's cpython_tags and compatible_tags. abi3 begins with Python 3.2 (PEP 384).
    pairs += [f"cp3{one}-{abi}" for one in older if one > 1 for abi in stable]
    pythons = [f"py3{minor}", "py3", *(f"py3{one}" for one in older)]
    pairs += [f"{python}-none" for python in pythons]
    yield from (f"{pair}-{platform}" for pair in pairs for platform in platforms)
    yield from (f"{python}-none-any" for python in (own, *pythons))


# -- Files ------------------------------------------------------------------------------------------------------------


def read(file: Path) -> str:
    """Return the text in ``file``, empty if it cannot be read."""
    return read_bytes(file).decode("utf-8", "replace")


def read_bytes(file: Path, count: int = -1) -> bytes:
    """Return the bytes, or the first ``count``, of ``file``, none if it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(count)
    except OSError:
        return b""


if __name__ == "__main__":
    main()
