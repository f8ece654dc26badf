"""Only for the distutils of the standard library, which was setuptools' own choice before version 60."""

import distutils.dist

from setuptools import Extension, setup

if "setuptools" in distutils.dist.__file__:
    raise SystemExit("This is setuptools' own distutils: " + distutils.dist.__file__)

setup(
    name="setuptools-59",
    version="1.0",
    ext_modules=[Extension("setuptools_59", ["facts.cpp", "version.c"], language="c++")],
)
