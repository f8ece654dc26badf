"""The sample projects that hold an extension module, and what is to be known of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A project below ``tests/packages`` whose wheel holds an extension module with the function ``facts``."""

    name: str
    """The directory's."""
    module: str
    """Where the extension module is in the wheel, without its suffix: ``setuptools_cffi/_facts``."""
    suffix: str = ""
    """The extension module's, where it is not the host's own: ``.abi3.so``."""
    python_tag: str = ""
    """The beginning of the wheel's tag, where it is not that of one version of CPython: ``cp39-abi3``.

    ``{python}`` stands for the host's version: ``cp311``.
    """
    runtime: tuple[str, ...] = ()
    """What must be there for it to be imported: projects of the index."""
    tells: Mapping[str, object] = field(default_factory=dict)
    """What else ``facts`` returns; and under ``printed`` the lines that it writes."""
    check: str = ""
    """Python code that fails unless the module works, where it has no ``facts``."""
    newest_python: tuple[int, int] = (3, 99)
    """The last version of Python that what it is built with knows."""


_CAUGHT = {"caught": "no number is 42", "printed": ["written by C++"]}

_INTEGERS = """
import setuptools_mypyc as m
assert m.__file__.endswith(".so")
assert m.sums() == {"small": 2**20 + 1, "beyond 32 bits": 2**40 + 1, "beyond 64 bits": 2**70 + 1}
assert [m.doubled(2**power) for power in (10, 29, 30, 31, 61, 62, 63)] == [2**n for n in (11, 30, 31, 32, 62, 63, 64)]
"""

SAMPLES = {
    sample.name: sample
    for sample in (
        Sample(name="setuptools-c", module="setuptools_c"),
        Sample(name="setuptools-cxx", module="setuptools_cxx", tells=_CAUGHT),
        Sample(name="setuptools-cython", module="setuptools_cython"),
        Sample(name="setuptools-cffi", module="setuptools_cffi/_facts", suffix=".abi3.so", runtime=("cffi",)),
        Sample(name="setuptools-abi3", module="setuptools_abi3", suffix=".abi3.so", python_tag="cp39-abi3"),
        Sample(name="setuptools-mypyc", module="setuptools_mypyc", check=_INTEGERS),
        Sample(name="setuptools-legacy", module="setuptools_legacy"),
        # Python 3.12 has no distutils any more.
        Sample(name="setuptools-59", module="setuptools_59", tells=_CAUGHT, newest_python=(3, 11)),
        Sample(name="setuptools-setup-requires", module="setuptools_setup_requires"),
        Sample(name="setuptools-fetching", module="setuptools_fetching"),
        Sample(name="setuptools-sources", module="setuptools_sources/_facts"),
        Sample(
            name="setuptools-autotools",
            module="setuptools_autotools",
            tells={"arithmetic_shift": "guessed", "strcoll": 1},
        ),
        Sample(name="setuptools-meson", module="setuptools_meson", tells={"written": 42, "endianness_agrees": True}),
        Sample(name="setuptools-probing", module="setuptools_probing", check="import setuptools_probing"),
        Sample(name="in-tree-setuptools", module="in_tree_setuptools"),
        Sample(name="in-tree-meson", module="in_tree_meson"),
        Sample(name="meson-c", module="meson_c"),
        Sample(name="meson-vendored", module="meson_vendored"),
        Sample(name="meson-limited-api", module="meson_limited_api", suffix=".abi3.so", python_tag="{python}-abi3"),
        Sample(name="hatchling-c", module="hatchling_c/_facts"),
        Sample(name="poetry-c", module="poetry_c/_facts"),
        Sample(name="pdm-c", module="pdm_c/_facts"),
        Sample(name="skbuild-core-c", module="skbuild_core_c"),
        Sample(name="skbuild-core-new-policy", module="skbuild_core_new_policy"),
        Sample(name="skbuild-core-old-cmake", module="skbuild_core_old_cmake"),
        Sample(name="skbuild-core-abi3", module="skbuild_core_abi3", suffix=".abi3.so", python_tag="cp39-abi3"),
        Sample(name="skbuild-core-pybind11", module="skbuild_core_pybind11"),
        Sample(name="skbuild-core-nanobind", module="skbuild_core_nanobind"),
        Sample(name="skbuild-legacy", module="skbuild_legacy/_facts"),
        Sample(name="py-build-cmake-c", module="py_build_cmake_c/_facts"),
        Sample(name="enscons-c", module="enscons_c"),
        Sample(name="sip-c", module="sip_c"),
    )
}

RUST_SAMPLES = {
    sample.name: sample
    for sample in (
        Sample(name="maturin-abi3", module="maturin_abi3/maturin_abi3", suffix=".abi3.so", python_tag="cp39-abi3"),
        Sample(name="maturin-pyo3", module="maturin_pyo3/maturin_pyo3"),
        Sample(name="setuptools-rust-pyo3", module="setuptools_rust_pyo3"),
    )
}
"""Those that need cargo, and rustc with the standard library of the host."""

CXX_SAMPLES = ("setuptools-cxx", "setuptools-59", "skbuild-core-pybind11", "skbuild-core-nanobind", "sip-c")
"""Those that are written in C++."""

PURE = ("pure-flit", "pure-hatchling", "pure-uv")
"""Those that hold none: their wheels are for any machine."""
