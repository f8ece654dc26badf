import subprocess
import sys
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompilingHook(BuildHookInterface):
    def initialize(self, version, build_data):
        subprocess.check_call([sys.executable, "setup.py", "build_ext", "--inplace"], cwd=self.root)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for module in Path(self.root, "hatchling_c").glob("_facts*.so"):
            build_data["force_include"][str(module)] = f"hatchling_c/{module.name}"
