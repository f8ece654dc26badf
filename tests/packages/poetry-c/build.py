from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

distribution = Distribution({"name": "poetry-c", "ext_modules": [Extension("poetry_c._facts", ["facts.c"])]})
command = build_ext(distribution)
command.inplace = True
command.ensure_finalized()
command.run()
