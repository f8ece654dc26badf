from setuptools import Extension, setup

setup(ext_modules=[Extension("here", ["src/m.c"])])
