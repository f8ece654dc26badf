from setuptools_cffi._facts import ffi, lib

NAMES = ("sizeof_long", "SIZEOF_LONG", "sizeof_pointer", "SIZEOF_VOID_P", "little_endian", "PY_LITTLE_ENDIAN")


def facts():
    numbers = {name: lib.fact(number) for number, name in enumerate(NAMES)}
    return {**numbers, "PY_VERSION": ffi.string(lib.version()).decode()}
