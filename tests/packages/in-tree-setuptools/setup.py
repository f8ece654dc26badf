from setuptools import Extension, setup

setup(ext_modules=[Extension("in_tree_setuptools", ["facts.c"])])
