"""Takes the part of Renode's *process* in tests of the code that drives it: it makes the terminal that the script asks
for, waits for `start` on its standard input, and then answers bytes with capitals. It emulates nothing.

STAND_IN says what else it does: "old" (an old version), "refuse" (the script), "die" (after the first bytes).
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path


def main() -> None:
    behaviour = os.environ.get("STAND_IN", "")
    if sys.argv[1:] == ["--version"]:
        print("Renode v1.15.1.100" if behaviour == "old" else "Renode v1.16.0.6726")
        return
    script = Path(sys.argv[-1]).read_text()
    if behaviour == "refuse":
        print("There was an error executing command 'machine LoadPlatformDescription $ORIGIN/x.repl'\nE01", flush=True)
        time.sleep(60)
    link = re.search(r'CreateUartPtyTerminal "line" "([^"]*)"', script)
    assert link is not None
    ours, theirs = os.openpty()
    Path(link[1]).symlink_to(os.ttyname(theirs))
    assert sys.stdin.readline() == "start\n"
    os.write(ours, b"ready\n")
    while True:
        data = os.read(ours, 4096)
        if behaviour == "die":
            sys.exit("the core went up in smoke")
        os.write(ours, data.upper())


main()
