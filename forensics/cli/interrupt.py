"""Ctrl-C leaves at once, even while a library is deep in work and lets no Python run."""

from __future__ import annotations

import os
import signal
from threading import Event, Thread
from types import FrameType

#: Seconds that the main thread has to notice by itself, and to clean up after it.
GRACE = 1.5
STOPPED = "stopped; the case keeps what was complete, and nothing half done"


def leave_on_interrupt() -> None:
    """From now on end the process with exit code 1 if Ctrl-C is not heard within `GRACE`.

    What is then left half done the next writer of the case removes.
    """
    heard = Event()

    def hear(number: int, frame: FrameType | None) -> None:
        heard.set()
        raise KeyboardInterrupt

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.signal(signal.SIGINT, hear)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    Thread(target=_watch, args=(reading, heard), daemon=True).start()


def _watch(reading: int, heard: Event) -> None:
    while number := os.read(reading, 1):
        if number[0] == signal.SIGINT:
            if not heard.wait(GRACE):
                os.write(2, f"\nError: {STOPPED}\n".encode())
                os._exit(1)
            heard.clear()
