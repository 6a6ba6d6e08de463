"""Runs one command and writes what it used; a program of its own, so that the command starts small.

    python -I -S measure.py RESULT COMMAND [ARGUMENT ...]

A process begins with the peak memory of the one that started it (Linux carries it over), hence no
import here that is not needed.
"""

import json
import os
import sys
import time


def main() -> int:
    """Seconds, processor seconds and peak memory of the command go to RESULT; returns its code."""
    result, command = sys.argv[1], sys.argv[2:]
    start = time.monotonic()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    found = {
        "seconds": time.monotonic() - start,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2),
    }
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123  pathlib would be an import
        json.dump(found, file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
