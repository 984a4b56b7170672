"""A Unix socket that only the owner of the process may connect to.

Rule: its file has mode 0600 from the first moment on. One that was left by a killed process is replaced, one that is
served is never taken over. What can't be had is an OSError with the path in it.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from pathlib import Path

BACKLOG = 16


def listen_locally(path: str) -> socket.socket:
    """Bound and listening, non-blocking. The caller closes it, and takes its file away."""
    _remove_stale(path)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(path)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise OSError(error.errno, error.strerror, path) from None
    finally:
        os.umask(mask)
    return listener


def _remove_stale(path: str) -> None:
    try:
        is_socket = stat.S_ISSOCK(os.stat(path).st_mode)
    except FileNotFoundError:
        return
    if not is_socket:
        raise OSError(errno.EEXIST, "there is a file that is no socket", path)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except ConnectionRefusedError:
            os.unlink(path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        else:
            raise OSError(errno.EADDRINUSE, "in use by another process", path)
