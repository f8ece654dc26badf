from mypyc.build import mypycify
from setuptools import setup

setup(ext_modules=mypycify(["setuptools_mypyc.py"]))
