"""The sample projects that hold an extension module, and what is to be known of each."""

from __future__ import annotations

from dataclasses import dataclass


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
    """The beginning of the wheel's tag, where it is not that of one version of CPython: ``cp39-abi3``."""
    runtime: tuple[str, ...] = ()
    """What must be there for it to be imported: projects of the index."""


SAMPLES = {
    sample.name: sample
    for sample in (
        Sample(name="setuptools-c", module="setuptools_c"),
        Sample(name="setuptools-cxx", module="setuptools_cxx"),
        Sample(name="setuptools-cython", module="setuptools_cython"),
        Sample(name="setuptools-cffi", module="setuptools_cffi/_facts", suffix=".abi3.so", runtime=("cffi",)),
        Sample(name="setuptools-abi3", module="setuptools_abi3", suffix=".abi3.so", python_tag="cp39-abi3"),
        Sample(name="setuptools-legacy", module="setuptools_legacy"),
        Sample(name="setuptools-probing", module="setuptools_probing"),
        Sample(name="meson-c", module="meson_c"),
        Sample(name="meson-vendored", module="meson_vendored"),
        Sample(name="skbuild-core-c", module="skbuild_core_c"),
        Sample(name="skbuild-core-new-policy", module="skbuild_core_new_policy"),
        Sample(name="skbuild-core-pybind11", module="skbuild_core_pybind11"),
    )
}
