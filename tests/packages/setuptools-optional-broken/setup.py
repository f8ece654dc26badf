from setuptools import Extension, setup

setup(
    py_modules=["setuptools_optional_broken"],
    ext_modules=[Extension("_speedups", ["speedups.c"], optional=True)],
)
