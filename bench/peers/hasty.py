"""The planted fault of bench/crash.py: a server that acknowledges a batch before it is committed."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

from app import app as honest

DELAY = 0.1
"""Seconds between the acknowledgement and the work."""


def app(environ: dict[str, Any], start_response: Any) -> Any:
    if environ["PATH_INFO"] != "/desk/sync":
        return honest(environ, start_response)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    kept = {key: value for key, value in environ.items() if isinstance(value, str | tuple | bool | int)}
    kept["wsgi.input"], kept["wsgi.errors"] = io.BytesIO(body), environ["wsgi.errors"]
    threading.Timer(DELAY, lambda: list(honest(kept, lambda *_: lambda _text: None))).start()
    outcomes = [{"id": event["id"], "state": "applied", "seq": 0} for event in json.loads(body)["events"]]
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"outcomes": outcomes}).encode()]
