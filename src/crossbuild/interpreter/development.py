"""What programs compile and link against in a shadow prefix: headers, config vars, Makefile, pkg-config files."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from crossbuild.interpreter.prefix_layout import host_multiarch, on_this_machine, sysconfigdata_name
from crossbuild.interpreter.stdlib_links import shim_text
from crossbuild.system.filesystem import write_script
from crossbuild.toolchain.compilers import FROM_ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.build_python.discovery import BuildPython
    from crossbuild.host.model import Host
    from crossbuild.interpreter.localise import Variables
    from crossbuild.interpreter.prefix_layout import Layout

_JSON_VARIABLES_SINCE = (3, 14)
"""``_sysconfig_vars*.json`` and ``build-details.json`` (PEP 739) beside the standard library."""


def write_headers(layout: Layout, host: Host) -> None:
    """Copy the host's headers; the host's own text takes the place of Debian's switch, or another's ``pyconfig.h``.

    They are no links: of the headers in ``-isystem`` directories, GCC follows them, and then finds the other
    ``pyconfig.h`` beside what it found (-fcanonical-system-headers in its manual).
    """
    layout.include.parent.mkdir(parents=True, exist_ok=True)
    _copy(host.headers, layout.include)
    (layout.include / "pyconfig.h").write_text(host.pyconfig)


def _copy(source: Path, directory: Path) -> None:
    """Copy the files below ``source``; a directory that is a link, to another library's headers, stays one."""
    directory.mkdir()
    for path in source.iterdir():
        if not path.is_dir():
            if path.is_file():
                shutil.copyfile(path, directory / path.name)
        elif path.is_symlink():
            (directory / path.name).symlink_to(path)
        else:
            _copy(path, directory / path.name)


def write_variables(layout: Layout, variables: Variables, *, host: Host, build_python: BuildPython) -> Path:
    """Write the sysconfigdata module, and the same variables as JSON; return the module's path."""
    name = sysconfigdata_name(build_python, host)
    source = layout.stdlib / f"{name}.py"
    lines = "".join(f" {key!r}: {value!r},\n" for key, value in sorted(variables.items()))
    source.write_text("# the host's variables, localised by crossbuild\nbuild_time_vars = {\n" + lines + "}\n")
    if host.python_version[:2] >= _JSON_VARIABLES_SINCE:
        json_name = name.replace("_sysconfigdata", "_sysconfig_vars", 1) + ".json"
        (layout.stdlib / json_name).write_text(json.dumps(variables, indent=2, sort_keys=True))
    return source


def write_build_details(layout: Layout, *, final: Layout, host: Host) -> None:
    """Write ``build-details.json`` where CPython does; ``libpython`` is to be there already."""
    if host.python_version[:2] >= _JSON_VARIABLES_SINCE:
        details = build_details(final, made=layout, host=host)
        (layout.stdlib / "build-details.json").write_text(json.dumps(details, indent=2))


def write_configuration(layout: Layout, variables: Variables, *, host: Host) -> None:
    """Write the Makefile, and link what else the host has in its LIBPL, and its libpython."""
    layout.config.mkdir()
    # make reads `$` as the start of a variable, and so does sysconfig when it reads a Makefile.
    lines = (f"{key}=\t{str(value).replace('$', '$$')}\n" for key, value in sorted(variables.items()))
    (layout.config / "Makefile").write_text("# the host's variables, localised by crossbuild\n" + "".join(lines))
    layout.libraries.mkdir(parents=True)
    for recorded, directory, pattern in (("LIBPL", layout.config, "*"), ("LIBDIR", layout.libraries, "libpython*")):
        source = on_this_machine(host.build_time_vars.get(recorded), host)
        for path in source.glob(pattern) if source else ():
            if not (directory / path.name).exists():
                (directory / path.name).symlink_to(path)


def write_pkgconfig(layout: Layout, variables: Variables, *, final: Layout, host: Host) -> None:
    """Write the ``.pc`` files of Python, after CPython's ``Misc/python.pc.in``."""
    layout.pkgconfig.mkdir()
    version = f"{host.version}{host.abi_flags}"
    libpython = f"-L${{libdir}} -lpython{version}"
    for suffix, libraries in (("", ""), ("-embed", libpython)):
        text = f"""\
prefix={FROM_ROOT}{final.prefix}
exec_prefix=${{prefix}}
libdir={FROM_ROOT}{final.libraries}
includedir={FROM_ROOT}{final.include}

Name: Python
Description: {"Embed Python into an application" if suffix else "Build a C extension for Python"}
Requires:
Version: {host.version}
Libs.private: {variables.get("LIBS", "")}
Libs: {libraries}
Cflags: -I${{includedir}}
"""
        (layout.pkgconfig / f"python-{version}{suffix}.pc").write_text(text)
        (layout.pkgconfig / f"python3{suffix}.pc").symlink_to(f"python-{version}{suffix}.pc")


def write_python_config(layout: Layout, *, final: Layout) -> None:
    """Write ``python3-config``. It starts as a shell script, since a shebang line may be too short for our path."""
    program = shim_text("python_config.py")
    script = layout.executable.with_name(f"{layout.executable.name}-config")
    write_script(script, f"'''exec' \"{final.executable}\" \"$0\" \"$@\"\n' '''\n{program}")
    script.with_name("python3-config").symlink_to(script.name)


def build_details(layout: Layout, *, made: Layout, host: Host) -> dict[str, object]:
    """Return the host's PEP 739 description, version 1.0 of its schema, for a prefix that is to be at ``layout``.

    ``made`` is where its files are now.
    """
    major, minor, micro = host.python_version
    return {
        "schema_version": "1.0",
        "base_prefix": str(layout.prefix),
        "base_interpreter": str(layout.executable),
        "platform": host.platform.sysconfig_platform,
        "language": {
            "version": host.version,
            "version_info": {"major": major, "minor": minor, "micro": micro, "releaselevel": "final", "serial": 0},
        },
        "implementation": {
            "name": "cpython",
            "cache_tag": f"cpython-{major}{minor}",
            "version": {"major": major, "minor": minor, "micro": micro, "releaselevel": "final", "serial": 0},
            "hexversion": major << 24 | minor << 16 | micro << 8 | 0xF0,
            "_multiarch": host_multiarch(host),
        },
        "abi": {"flags": list(host.abi_flags), "extension_suffix": host.ext_suffix, **_stable_abi(host)},
        "suffixes": {
            "source": [".py"],
            "bytecode": [".pyc"],
            "optimized_bytecode": [],
            "debug_bytecode": [],
            "extensions": [host.ext_suffix, *_stable_abi(host).values(), ".so"],
        },
        "libpython": {**_libpython(layout, made, host), "link_extensions": False},
        "c_api": {"headers": str(layout.include), "pkgconfig_path": str(layout.pkgconfig)},
    }


def _stable_abi(host: Host) -> dict[str, str]:
    """Return the suffix of modules that later versions load as well (PEP 384); a free-threaded Python has none."""
    return {} if "t" in host.abi_flags else {"stable_abi_suffix": ".abi3.so"}


def _libpython(layout: Layout, made: Layout, host: Host) -> dict[str, str]:
    """Return where the host's libpython is, as a shared library and as an archive, as far as there is one."""
    found: dict[str, str] = {}
    for kind, suffix in (("dynamic", ".so"), ("static", ".a")):
        name = f"libpython{host.version}{host.abi_flags}{suffix}"
        for directory, now in ((layout.libraries, made.libraries), (layout.config, made.config)):
            if (now / name).exists():
                found.setdefault(kind, str(directory / name))
    return found
