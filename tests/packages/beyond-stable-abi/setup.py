"""Tags the wheel for the stable ABI, and does not tell the headers of Python."""

from setuptools import Extension, setup

setup(
    ext_modules=[Extension("beyond", ["module.c"], py_limited_api=True)],
    options={"bdist_wheel": {"py_limited_api": "cp38"}},
)
