import os
import subprocess
import sys
import unittest

import crashing


class Tests(unittest.TestCase):
    def test_answer(self):
        self.assertEqual(crashing.answer(), 42)

    def test_what_a_test_starts_is_on_the_host_too(self):
        code = "import crashing, os; print(os.uname().machine)"
        told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        self.assertEqual(told.strip(), os.uname().machine)


if __name__ == "__main__":
    unittest.main()
