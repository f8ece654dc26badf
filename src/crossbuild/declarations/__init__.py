"""How options are declared: each once, with a field of the dataclass that has its value.

A field says what kind of value it has, what the option is called and what it is for. Out come the declarations of a
dataclass, and values merged, filled in or converted by them: the command line, the tables of a configuration, their
schema and the reference are made from that. Nothing here knows of any option, so that the dataclasses of every package
can declare theirs.
"""
