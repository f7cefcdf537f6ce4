#!/usr/bin/env python3
"""idf.py of the stand-in: `idf.py -B FOLDER build` configures and builds with CMake and the compiler $STUB_CC."""

import os
import subprocess
import sys
from pathlib import Path

if len(sys.argv) != 4 or sys.argv[1] != "-B" or sys.argv[3] != "build":
    sys.exit("usage: idf.py -B FOLDER build")
folder, target = sys.argv[2], os.environ["IDF_TARGET"]
if f'CONFIG_IDF_TARGET="{target}"' not in Path("sdkconfig.defaults").read_text().splitlines():
    sys.exit(f"the project is not for {target}")
for command in (
    ["cmake", "-S", ".", "-B", folder, "-DCMAKE_SYSTEM_NAME=Generic", "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
     f"-DCMAKE_C_COMPILER={os.environ['STUB_CC']}", f"-DCMAKE_C_FLAGS={os.environ['STUB_CFLAGS']}"],
    ["cmake", "--build", folder, "--parallel", "2"],
):  # fmt: skip
    code = subprocess.run(command, check=False).returncode
    if code:
        sys.exit(code)
