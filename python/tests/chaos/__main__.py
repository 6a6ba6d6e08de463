"""`python -m chaos`: see `make chaos`."""

import argparse
import sys
import tempfile
from pathlib import Path

from chaos.harness import run

PROJECT = Path(__file__).resolve().parents[3]


def main() -> int:
    """Prints what the readers saw; 1 when anybody saw what nobody may see."""
    parser = argparse.ArgumentParser(
        prog="make chaos",
        description="Kills builds at random moments while readers watch the marts.",
        epilog="Ctrl-C ends it early and tells what was seen until then.",
    )
    parser.add_argument("--kills", type=int, default=200, help="builds to kill (200)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments (1)")
    parser.add_argument(
        "--stock",
        action="store_true",
        help="plain dbt into target dev, without a kill: the readers must see faults",
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="nxs-") as folder:
        Path(folder).chmod(0o711)  # as root the server runs as another account
        found = run(PROJECT, Path(folder), given.kills, given.seed, stock=given.stock, report=print)
    print(found.table())
    return int(found.is_faulty != given.stock)


if __name__ == "__main__":
    sys.exit(main())
