"""What a report says, as files inside its PDF: the payload as canonical JSON, the same as CSV, and the checkpoint.

``scripts/verify-report`` makes the CSV and both digests anew from the JSON, without this program.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gatekeeper.ledger.chain import canonical, content_hash
from gatekeeper.reports.town_values import TownReport
from gatekeeper.reports.values import Report

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Payload:
    """The JSON that is attached and signed. ``figures_digest`` is the same for the same position of the book."""

    text: str
    figures_digest: str

    @property
    def digest(self) -> str:
        """SHA-256 of the attached JSON, lower-case hex."""
        return content_hash(self.text.encode())

    @property
    def csv(self) -> bytes:
        """Each value of the JSON in a row of its own: where it stands and what it is. Nothing in it is a formula."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\r\n")
        writer.writerow(("path", "value"))
        writer.writerows(_rows("", json.loads(self.text)))
        return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def of(report: Report | TownReport, *, address: str | None = None) -> Payload:
    """The payload of a report; ``address`` is where an issued one can be checked, None for a working copy."""
    data: dict[str, Any] = _writable(report.to_data())
    figures = content_hash(canonical(data["figures"]).encode())
    return Payload(canonical({**data, "figures_digest": figures, "verify": address}), figures)


def _writable(value: Any) -> Any:
    """Texts without the characters that no JSON file can hold."""
    if isinstance(value, str):
        return UNWRITABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_writable(item) for item in value]
    return value


def _rows(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list) and value:
        items = sorted(value.items()) if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _rows(f"{path}.{key}" if path else str(key), item)
    elif isinstance(value, str):
        yield path, f"'{value}" if value.startswith(FORMULA_STARTS) else value
    else:
        yield path, "" if value is None else json.dumps(value)
