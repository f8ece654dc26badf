"""Running the host's programs while a package is built for it: by which emulator, and where the kernel starts it.

Compilers are always this machine's. ``runtimes`` finds emulators, and ``building.emulated`` says when there is one.
"""
