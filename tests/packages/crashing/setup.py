from setuptools import Extension, setup

setup(ext_modules=[Extension("crashing", ["crashing.c"])], py_modules=[], packages=[])
