"""Runs checks one after the other and counts how they end. Needs no browser."""

import os
import pathlib
import sys
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("LILYPAD_BIN", ROOT / ".build/debug"))


class Checks:
    """Runs functions as checks, prints a line for each and a tally at the end."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def run(self, name, function, *arguments):
        try:
            function(*arguments)
        except Exception:
            self.failed += 1
            print(f"✘ {name}")
            traceback.print_exc(limit=3, file=sys.stdout)
        else:
            self.passed += 1
            print(f"✔ {name}")
        sys.stdout.flush()

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)
