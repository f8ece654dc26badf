"""Real host Pythons, cross compilers and emulators for the tests, put together without root and without change
to the machine: Debian's packages are unpacked, never installed, and CPython for musl is built from source.

``python -m tests.testbed`` prepares everything; otherwise a test's fixtures prepare what they need. Everything is an
entry of a cache that lasts between runs (``CROSSBUILD_TEST_CACHE``, default ``~/.cache/crossbuild-tests``).
"""
