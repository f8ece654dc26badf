from setuptools import Extension


def pdm_build_update_setup_kwargs(context, setup_kwargs):
    setup_kwargs.update(ext_modules=[Extension("pdm_c._facts", ["facts.c"])])
