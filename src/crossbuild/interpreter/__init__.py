"""The cross Python: the build Python's code in a prefix that answers as the host Python would."""
