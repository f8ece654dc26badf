"""Has setuptools fetch an egg for it, and imports what was compiled of that: the old way to have it before setup()."""

from setuptools import Distribution, Extension, setup

Distribution().fetch_build_eggs(["markupsafe>=2.1"])

from markupsafe._speedups import _escape_inner

assert _escape_inner("<") == "&lt;"
setup(ext_modules=[Extension("setuptools_fetching", ["facts.c"])])
