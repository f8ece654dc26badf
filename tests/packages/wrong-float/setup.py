"""Compiles for the oldest of the Arms that it knows."""

from setuptools import Extension, setup

options = {"extra_compile_args": ["-mfloat-abi=soft"], "extra_link_args": ["-mfloat-abi=soft", "-nostdlib"]}
setup(ext_modules=[Extension("wrong_float", ["module.c"], **options)])
