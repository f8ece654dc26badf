"""Compiles one of the two sources."""

from setuptools import Extension, setup

setup(ext_modules=[Extension("left_out", ["module.c"])])
