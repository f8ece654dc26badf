"""What says which Python it is for: PyO3's, PEP 739's and CPython's own descriptions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crossbuild.interpreter.development import build_details
from crossbuild.interpreter.prefix_layout import Layout, sysconfigdata_name

if TYPE_CHECKING:
    from crossbuild.export.support import Support

_BUILD_FLAGS = ("Py_DEBUG", "Py_REF_DEBUG", "Py_GIL_DISABLED")


def pyo3_text(support: Support) -> str:
    """Return what ``PYO3_CONFIG_FILE`` may name; ``InterpreterConfig`` of the crate pyo3-build-config.

    The names are those that all versions of it from 0.14 on know.
    """
    target = support.target
    host, recorded = target.host, target.host.build_time_vars
    flags = [flag for flag in _BUILD_FLAGS if str(recorded.get(flag, "")) == "1"]
    values = {
        "implementation": "CPython",
        "version": host.version,
        "shared": str(str(recorded.get("Py_ENABLE_SHARED", "")) == "1").lower(),
        "lib_name": f"python{recorded.get('LDVERSION') or host.version + host.abi_flags}",
        "lib_dir": str(_layout(support).libraries),
        "executable": str(target.cross_python.executable),
        "pointer_width": str(host.platform.architecture.bits),
        "build_flags": ",".join(flags),
        "suppress_build_script_link_lines": "false",
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def build_details_text(support: Support) -> str:
    """Return the description of PEP 739, whose paths lead to this machine's copies of the host's files."""
    layout = _layout(support)
    return json.dumps(build_details(layout, made=layout, host=support.target.host), indent=2) + "\n"


def sysconfigdata_text(support: Support) -> str:
    """Return the host's build variables with the paths of this machine, as ``_sysconfigdata*.py`` holds them."""
    target = support.target
    name = sysconfigdata_name(target.build_python, target.host)
    return (target.cross_python.stdlib / f"{name}.py").read_text(encoding="utf-8")


def _layout(support: Support) -> Layout:
    target = support.target
    return Layout.from_prefix(target.cross_python.prefix, build_python=target.build_python, host=target.host)
