"""A host of which only a name is known: what CPython's configure would find there, measured."""
