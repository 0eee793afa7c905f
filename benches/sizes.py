"""Unzipped and zipped size of each function's release binary, against the limits. See README.md.

Exits with 0 if every function keeps within them, 1 if one does not, 2 if one is not built.
"""

import os
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
MIB = 1 << 20
MOST_UNZIPPED, MOST_ZIPPED = 12 * MIB, 5 * MIB


def main() -> int:
    names = sorted(folder.parent.name for folder in ROOT.glob("functions/*/Cargo.toml"))
    absent = [name for name in names if not (RELEASE / name).exists()]
    if absent or not names:
        print(f"not built: {', '.join(absent) or 'no functions at all'}", file=sys.stderr)
        return 2
    print(f"{'':24}{'unzipped':>12}{'zipped':>12}")
    within = True
    for name in names:
        unzipped, zipped = sizes((RELEASE / name).read_bytes())
        over = unzipped > MOST_UNZIPPED or zipped > MOST_ZIPPED
        within = within and not over
        print(f"{name:24}{unzipped / MIB:8.2f} MiB{zipped / MIB:8.2f} MiB{'  OVER' * over}")
    print(f"{'at most':24}{MOST_UNZIPPED / MIB:8.2f} MiB{MOST_ZIPPED / MIB:8.2f} MiB")
    return 0 if within else 1


def sizes(binary: bytes) -> tuple[int, int]:
    """A function's zip holds one file; its directory of some hundred bytes is not counted."""
    return len(binary), len(zlib.compress(binary, level=9))


if __name__ == "__main__":
    sys.exit(main())
