"""Where a wheel is from, as a statement beside it: what it was built of, and what decided how.

What a build used is gathered while it runs (``building``) and kept beside its wheel as :class:`Inputs`; together with
the name and the hash of the delivered file that is a :class:`Statement`, and read back, it says how to build the wheel
again. The form is that of in-toto's Statement and SLSA's provenance. Nothing of it may tell of the machine that built:
no login, no path, no time, so that two builds of the same give the same statement (``portable``).
"""
