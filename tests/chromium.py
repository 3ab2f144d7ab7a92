"""The browser of the browser tests: the system's own, found or named by CHROMIUM."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ADVICE = (
    "The browser tests need Chromium or Chrome: `apt-get install chromium` (Debian, Ubuntu), "
    "`brew install --cask chromium` (macOS), or set CHROMIUM to the program."
)


def find_chromium() -> str | None:
    wanted = os.environ.get("CHROMIUM")
    names = (wanted,) if wanted else (*NAMES, *APPLICATIONS)
    return next((path for name in names if (path := shutil.which(name))), None)


def launch_arguments() -> list[str]:
    # It asks nothing of the network by itself; as root it has no sandbox.
    quiet = ["background-networking", "component-update", "sync", "gpu", "quic"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [*(f"--disable-{name}" for name in quiet), "--no-first-run", *sandbox]
