"""A package that needs no compiler."""
