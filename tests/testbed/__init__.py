"""Real host Pythons, cross compilers and emulators for the tests, put together without root and without change
to the machine: Debian's packages are unpacked, never installed, and CPython for musl is built from source.

A test's fixtures prepare what it needs; ``python -m tests.testbed`` prepares everything beforehand. Everything is an
entry of a cache that lasts between runs (``CROSSBUILD_TEST_CACHE``, default ``~/.cache/crossbuild-tests``).
"""
