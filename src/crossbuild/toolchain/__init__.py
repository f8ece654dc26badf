"""What compiles for a host: found, proven, or provided.

In come a platform, the user's ``ToolchainRequest`` and what the host records of its own compiler. ``find_toolchain``
chooses a GNU cross compiler or zig, and ``prepare_compilers`` makes ``Compilers`` of it: files under the names that
builds use, kept in the cache once they have compiled and linked for the platform. The session calls both; others get
the ``Compilers``, and ``diagnosis`` tries compilers on its own. Each run of such a file is added to a record, which
``building`` reads (``compile_record``). ``build_machine`` has compilers for this machine, if it has none of its own.
"""
