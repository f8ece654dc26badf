from setuptools import Extension, setup

setup(
    packages=["setuptools_sources"],
    ext_modules=[
        Extension(
            "setuptools_sources._facts",
            ["src/module.c", "src/machine.c", "src/headers.c"],
            include_dirs=["src"],
            depends=["src/facts.h"],
        )
    ],
)
