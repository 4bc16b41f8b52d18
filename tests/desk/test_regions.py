"""The regions that a phone fetches once."""

from __future__ import annotations

from flask import Flask


def test_the_regions_are_kept_by_their_content(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/desk/regions.json", headers={"Accept-Encoding": "gzip"})
    assert first.status_code == 200 and len(first.data) < 60_000
    assert first.headers["Cache-Control"] == "public, max-age=604800"
    again = client.get("/desk/regions.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    plain = client.get("/desk/regions.json").json
    assert plain[0][:2] == ["110000", "北京市"]
