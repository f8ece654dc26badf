from setuptools import Extension, setup

setup(packages=[], ext_modules=[Extension("hatchling_c._facts", ["facts.c"])])
