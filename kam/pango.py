"""Pango, which WeasyPrint draws text with: no wheel carries it for Linux.

`python -m kam.pango` probes for it during set-up. As root on Debian or Ubuntu it installs the three
packages; elsewhere it prints the line that does. The product runs without Pango: only PDFs do not.
"""

import ctypes.util
import os
import shutil
import subprocess
import sys

PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz", "harfbuzz-subset")


def missing() -> list[str]:
    """Names of the libraries that the system lacks."""
    return [name for name in _LIBRARIES if not _loads(name)]


def _loads(name: str) -> bool:
    candidates = (f"lib{name}.so.0", f"lib{name}.0.dylib", ctypes.util.find_library(name))
    for candidate in filter(None, candidates):
        try:
            ctypes.CDLL(candidate)
        except OSError:
            continue
        return True
    return False


def remedy() -> str:
    """The line that installs Pango on this system."""
    for program, line in (
        ("apt-get", f"sudo apt-get install -y --no-install-recommends {' '.join(PACKAGES)}"),
        ("dnf", "sudo dnf install -y pango harfbuzz"),
        ("zypper", "sudo zypper install -y libpango-1_0-0 libharfbuzz-subset0"),
        ("pacman", "sudo pacman -S --needed pango harfbuzz"),
        ("apk", "sudo apk add pango harfbuzz-subset"),
        ("brew", "brew install pango"),
    ):
        if shutil.which(program):
            return line
    return "install Pango with your system's package manager"


def _install() -> bool:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    for command in (install, ["apt-get", "update", "-qq"], install):
        done = subprocess.run(command, env=environment, stderr=subprocess.DEVNULL, **quiet)  # type: ignore[call-overload]
        if command is install and done.returncode == 0:
            return not missing()
    return False


def main() -> None:
    if not missing():
        return
    if os.getuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("• Installing Pango for PDFs …\n")
        sys.stdout.flush()
        if _install():
            return
    sys.stdout.write(f"PDFs need Pango, which is not here. To have them: {remedy()}\n")


if __name__ == "__main__":
    main()
