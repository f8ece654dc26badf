from setuptools import Extension, setup

setup(name="ignoring", version="1.0", py_modules=[], ext_modules=[Extension("ignoring", ["ignoring.c"])])
