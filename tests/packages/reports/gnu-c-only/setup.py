from setuptools import Extension, setup

setup(name="nested", version="1.0", py_modules=[], ext_modules=[Extension("nested", ["nested.c"])])
