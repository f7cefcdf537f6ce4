"""Takes the options of coralmicro's flashtool.py, and says what that says when STAND_IN_FLASHTOOL happens."""

import argparse
import os
import sys
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--build_dir", "-b", type=str, required=True)
parser.add_argument("--elf_path", type=str, required=True)
parser.add_argument("--serial", type=str)
args = parser.parse_args()
happens = os.environ.get("STAND_IN_FLASHTOOL", "no board")
if happens == "no package":
    sys.exit("ModuleNotFoundError: No module named 'hid'")
print("Finding all necessary files")
if (
    not Path(args.elf_path).is_file()
    or not Path(args.elf_path + ".libs").is_file()
    or not Path(args.build_dir).is_dir()
):
    sys.exit("a file is missing")
if happens == "no board":
    print("No Dev Board Micro devices detected!")
elif happens == "several boards" and not args.serial:
    print("Multiple Dev Board Micros detected, please provide a serial number.")
elif happens == "no access":
    sys.exit("usb.core.USBError: [Errno 13] Access denied (insufficient permissions)")
elif happens == "gone":
    print("STATE_CHECK_FOR_ANY\nEncountered an error during flashing: Unable to find device in SDP mode.")
elif happens == "broken":
    sys.exit("subprocess.CalledProcessError: blhost returned non-zero exit status 1")
else:
    print("STATE_CHECK_FOR_ANY\nSTATE_PROGRAM_DATA_FILES\nSTATE_RESET_TO_FLASH")
    print("Flashing to flash storage complete, the device is restarting to execute your application.")
