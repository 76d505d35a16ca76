"""Runs a command that dies with its parent: `python tether.py PARENT_PID SIGNAL COMMAND ...`.

A runner that is killed with -9 cannot stop what it started. Linux sends SIGNAL to the command when
the thread that started it ends; elsewhere the command is run as it is, and may be left over.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent_pid, signal_number, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number))
        if os.getppid() != int(parent_pid):  # it was gone before the call
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
