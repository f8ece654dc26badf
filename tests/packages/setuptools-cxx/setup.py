from setuptools import Extension, setup

setup(ext_modules=[Extension("setuptools_cxx", ["facts.cpp"], language="c++")])
