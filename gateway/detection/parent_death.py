"""Ties the life of a pool process to its parent's, a SIGKILL of the parent included.

Owns the Linux mechanism (prctl PR_SET_PDEATHSIG, see prctl(2)). The kernel sends the signal when
the THREAD that spawned the process ends, so the parent spawns from a thread that lives as long as
the pool: that of the event loop. Elsewhere a watching thread polls for the parent instead.
"""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_POLL_S = 1.0


def die_with_parent(parent_pid: int) -> None:
    """Have this process killed when `parent_pid` is gone; ends it now if that already happened.

    Raises OSError where the kernel refuses.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    else:
        threading.Thread(target=_watch, args=(parent_pid,), daemon=True).start()
    # The parent may have died before the kernel was told.
    _end_if_orphaned(parent_pid)


def _end_if_orphaned(parent_pid: int) -> None:
    if os.getppid() != parent_pid:
        os._exit(1)


def _watch(parent_pid: int) -> None:
    while True:
        _end_if_orphaned(parent_pid)
        time.sleep(_POLL_S)
