"""A sample."""

from py_build_cmake_c._facts import facts

__all__ = ["facts"]
