"""Runs the web server, the worker and the scheduler side by side until one ends or Ctrl-C is pressed."""

import ctypes
import os
import shlex
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence

import honcho.manager
from honcho.manager import Manager
from honcho.process import Process

# How long each may take to finish what it is doing before it is killed.
honcho.manager.KILL_WAIT = 25

_PR_SET_PDEATHSIG = 1


class _Attended(Process):
    """honcho watches each program from a small process between; when we are killed, that must go too."""

    def run(self, events=None, ignore_signals=False):
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        super().run(events, ignore_signals)


class Supervisor(Manager):
    def __init__(self) -> None:
        super().__init__()
        self._process_ctor = _Attended
        self.asked_to_stop = False

    def add(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """One program to run; it gets SIGTERM from the kernel if whoever watches it dies."""
        words = list(command)
        if sys.platform == "linux" and (setpriv := shutil.which("setpriv")):
            words = [setpriv, "--pdeathsig", "TERM", "--", *words]
        self.add_process(name, f"exec {shlex.join(words)}", env={**os.environ, **environment})

    def run(self) -> None:
        """Returns when all have ended. Leaves none behind, whatever happens here meanwhile."""
        try:
            self.loop()
        except BaseException:
            for process in self._processes.values():
                if process["process"].is_alive():
                    process["process"].kill()  # the program itself hears of it from the kernel
            raise

    def terminate(self) -> None:
        if all("pid" in process for process in self._processes.values()):
            super().terminate()
        else:  # asked before all have begun: honcho would stumble; ask again when they have
            signal.signal(signal.SIGALRM, lambda *_: self.terminate())
            signal.setitimer(signal.ITIMER_REAL, 0.1)

    def _system_print(self, data: str) -> None:
        if "received" in data:
            self.asked_to_stop = True
            sys.stdout.write("\nStopping …\n")
        elif "SIGKILL" in data or ("stopped" in data and not self._terminating):
            super()._system_print(data)
