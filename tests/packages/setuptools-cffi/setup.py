from setuptools import setup

setup(packages=["setuptools_cffi"], cffi_modules=["build_facts.py:ffi"])
