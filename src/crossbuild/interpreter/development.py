"""What programs compile and link against in a shadow prefix: headers, config vars, Makefile, pkg-config files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crossbuild.interpreter.farm import SHIM
from crossbuild.interpreter.layout import host_multiarch, on_this_machine, sysconfigdata_name

if TYPE_CHECKING:
    from pathlib import Path

    from crossbuild.build_python import BuildPython
    from crossbuild.host.model import Host
    from crossbuild.interpreter.layout import Layout
    from crossbuild.interpreter.localise import Variables

_JSON_VARIABLES_SINCE = (3, 14)
"""``_sysconfig_vars*.json`` and ``build-details.json`` (PEP 739) beside the standard library."""

_FROM_ROOT = "/.." * 32
"""pkg-config puts PKG_CONFIG_SYSROOT_DIR before every directory; this leads back to ``/``, the parent of itself."""


def write_headers(layout: Layout, host: Host) -> None:
    """Link the host's headers, all but ``pyconfig.h``: the host's own text takes the place of Debian's switch."""
    layout.include.mkdir(parents=True)
    for path in host.headers.iterdir():
        if path.name != "pyconfig.h":
            (layout.include / path.name).symlink_to(path)
    (layout.include / "pyconfig.h").write_text(host.pyconfig)


def write_variables(
    layout: Layout, variables: Variables, *, final: Layout, host: Host, build_python: BuildPython
) -> Path:
    """Write the sysconfigdata module and its JSON kin; return the module's path."""
    name = sysconfigdata_name(build_python, host)
    source = layout.stdlib / f"{name}.py"
    lines = "".join(f" {key!r}: {value!r},\n" for key, value in sorted(variables.items()))
    source.write_text("# the host's variables, localised by crossbuild\nbuild_time_vars = {\n" + lines + "}\n")
    if host.python_version[:2] >= _JSON_VARIABLES_SINCE:
        json_name = name.replace("_sysconfigdata", "_sysconfig_vars", 1) + ".json"
        (layout.stdlib / json_name).write_text(json.dumps(variables, indent=2, sort_keys=True))
        details = build_details(final, variables, host=host)
        (layout.stdlib / "build-details.json").write_text(json.dumps(details, indent=2))
    return source


def write_configuration(layout: Layout, variables: Variables, *, host: Host) -> None:
    """Write the Makefile, and link what else the host has in its LIBPL, and its libpython."""
    layout.config.mkdir()
    lines = (f"{key}=\t{str(value).replace('$', '$$')}\n" for key, value in sorted(variables.items()))
    (layout.config / "Makefile").write_text("# the host's variables, localised by crossbuild\n" + "".join(lines))
    layout.libraries.mkdir(parents=True)
    for recorded, directory, pattern in (("LIBPL", layout.config, "*"), ("LIBDIR", layout.libraries, "libpython*")):
        source = on_this_machine(host.build_time_vars.get(recorded), host)
        for path in source.glob(pattern) if source else ():
            if not (directory / path.name).exists():
                (directory / path.name).symlink_to(path)


def write_pkgconfig(layout: Layout, variables: Variables, *, final: Layout, host: Host) -> None:
    """Write ``python-X.Y.pc`` and kin, after CPython's ``Misc/python.pc.in``."""
    layout.pkgconfig.mkdir()
    version = f"{host.version}{host.abi_flags}"
    libpython = f"-L${{libdir}} -lpython{version}"
    for suffix, libraries in (("", ""), ("-embed", libpython)):
        text = f"""\
prefix={_FROM_ROOT}{final.prefix}
exec_prefix=${{prefix}}
libdir={_FROM_ROOT}{final.libraries}
includedir={_FROM_ROOT}{final.include}

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
    program = (SHIM / "python_config.py").read_text()
    script = layout.executable.with_name(f"{layout.executable.name}-config")
    script.write_text(f"#!/bin/sh\n'''exec' \"{final.executable}\" \"$0\" \"$@\"\n' '''\n{program}")
    script.chmod(0o755)
    script.with_name("python3-config").symlink_to(script.name)


def build_details(layout: Layout, variables: Variables, *, host: Host) -> dict[str, object]:
    """Return the host's PEP 739 description, version 1.0 of its schema."""
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
        "abi": {"flags": list(host.abi_flags), "extension_suffix": host.ext_suffix, "stable_abi_suffix": ".abi3.so"},
        "suffixes": {
            "source": [".py"],
            "bytecode": [".pyc"],
            "optimized_bytecode": [],
            "debug_bytecode": [],
            "extensions": [host.ext_suffix, ".abi3.so", ".so"],
        },
        "libpython": {"dynamic": str(variables.get("LDLIBRARY", "")), "link_extensions": False},
        "c_api": {"headers": str(layout.include), "pkgconfig_path": str(layout.pkgconfig)},
    }
