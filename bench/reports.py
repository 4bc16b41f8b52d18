"""S5 to S8: the figures of reports beside those of others: the board, the summary, the gate log on paper and in sheets.

One after the other, each in a process of its own, as ``bench/figures.py``, ``report.py`` and ``sheets.py`` do it alone;
what they must reach and what they plant stands there.
usage: bench/reports.py [enterprises]; prints their JSON objects.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(enterprises: int = 400) -> int:
    """1 when one of them did not reach or did not catch its fault."""
    each = (("report.py",), ("sheets.py",), ("figures.py", str(enterprises)))
    codes = [subprocess.run([sys.executable, HERE / name, *more], check=False).returncode for name, *more in each]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
