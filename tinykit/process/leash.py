"""A program of its own, run as ``python leash.py PARENT FD PROGRAM ARGUMENT...``: it becomes PROGRAM, on a leash.

The kernel's request to die with the parent (Linux, prctl(2)) can be made by the child alone, between fork and exec. In
the parent's own code that needs ``preexec_fn``, a copy of the parent with whatever locks its threads hold: JAX and
TensorFlow start threads and warn of it. Here a fresh process makes it, and the request outlives exec.

PARENT is the process id of who started this; FD a pipe that closes when PROGRAM runs, or takes the errno of why not.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    parent, failure, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the request was made
        os._exit(1)
    os.set_inheritable(failure, False)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and exec would hand that on
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(failure, str(error.errno).encode())
        os._exit(1)


if __name__ == "__main__":
    main()
