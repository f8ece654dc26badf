from setuptools import Extension, setup

setup(
    name="setuptools-setup-requires",
    version="1.0",
    setup_requires=["cython>=3"],
    ext_modules=[Extension("setuptools_setup_requires", ["facts.pyx"])],
)
