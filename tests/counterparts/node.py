"""The Node that Playwright brings: what the tests run of npm's, runs by it, whatever this machine has."""

import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def node() -> Path | None:
    """Where it is; None where it does not run on this machine."""
    spec = find_spec("playwright")
    if spec is None or spec.origin is None:
        return None
    program = Path(spec.origin).parent / "driver" / "node"
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return program
