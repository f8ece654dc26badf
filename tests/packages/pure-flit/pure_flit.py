"""A module that needs no compiler."""
