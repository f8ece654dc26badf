from setuptools import Extension, setup

setup(name="linkedup", version="1.0", py_modules=[],
      ext_modules=[Extension("linkedup", ["linkedup.c", "shared/answer.c"], include_dirs=["shared"])])
