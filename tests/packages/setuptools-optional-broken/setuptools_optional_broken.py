try:
    from _speedups import answer
except ImportError:

    def answer():
        return 42
