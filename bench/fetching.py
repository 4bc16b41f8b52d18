"""H4: 300 attempts to make the PDF read a file or the network, as markup that came through and as people's text.

Counted from within the process (audit hooks of Python) and at a port that listens: opens outside fonts, templates and
the program's own code, uses of the network, connections, and PDFs in which the secret file's text stands. All 0.
Planted fault: a renderer with WeasyPrint's own fetcher must be seen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from weasyprint.urls import URLFetcher

from gatekeeper.reports import pdf
from gatekeeper.reports.values import Report
from tests.reports import fetching, paper


def trial(attempts: int, made: Report) -> dict[str, int]:
    """Play the attempts and count what was reached."""
    pdf.render(made)
    told = refused = 0
    with fetching.watched() as (seen, addresses):
        for number in range(attempts):
            data = fetching.attempt(number, addresses, made)
            refused += data is None
            told += data is not None and fetching.tells(data)
    return {
        "refused": refused, "opens_outside": len(seen.opened), "network": len(seen.network), "connections": seen.hits,
        "secret_in_pdf": told,
    }  # fmt: skip


def clean(result: dict[str, int]) -> bool:
    return not any(count for name, count in result.items() if name != "refused")


def main(attempts: int = 300) -> int:
    """1 when something was reached, or the planted fault was not seen."""
    with tempfile.TemporaryDirectory() as folder:
        made = paper.report(Path(folder), visits=2)
    honest = trial(attempts, made)
    with patch.object(pdf, "Nothing", URLFetcher):
        planted = trial(60, made)
    result = {
        "id": "H4", "attempts": attempts, **honest, "planted_fault_reached": sum(planted.values()) - planted["refused"],
        "planted_fault_caught": not clean(planted), "pass": clean(honest) and not clean(planted),
    }  # fmt: skip
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
