from Cython.Build import cythonize
from setuptools import Extension, setup

setup(ext_modules=cythonize([Extension("setuptools_cython", ["facts.pyx"])], language_level=3))
