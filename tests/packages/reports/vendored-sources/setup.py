from setuptools import Extension, setup

setup(name="vendoring", version="1.0", py_modules=[],
      ext_modules=[Extension("vendoring", ["vendoring.c", "third_party/tiny/tiny.c"], include_dirs=["third_party/tiny"])])
