from setuptools import Extension, setup

setup(name="setuptools-legacy", version="1.0", ext_modules=[Extension("setuptools_legacy", ["facts.c"])])
