"""Rows of tests/vectors, and where the shared official lists are."""

import json
from pathlib import Path
from typing import Any

from tests.conftest import shared_folder

ROOT = Path(__file__).resolve().parents[2]
LISTS = shared_folder() / "data" / "risk-areas"


def rows(name: str) -> Any:
    return json.loads((ROOT / "tests" / "vectors" / f"{name}.json").read_text(encoding="utf-8"))
