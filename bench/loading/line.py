"""A slow line between a phone and the program, which counts what goes over it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROUND_TRIP_S, BYTES_PER_S = 0.4, 50_000
"""Slow 3G as browsers' own tools have it: 400 ms and 400 kbit/s down."""
PIECE = 5_000
HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


class Line:
    """``down``: bytes of answers, heads too, by address; ``whole``: how often each was sent with its content; ``slow``,
    ``up``: how the line is now; ``drops``: an address that the worker's script is made to forget."""

    def __init__(self, port: int) -> None:
        self.port, self.slow, self.up, self.drops = port, False, True, ""
        self.down: Counter[str] = Counter()
        self.whole: Counter[str] = Counter()
        self._one = threading.Lock()

    def clear(self) -> None:
        self.down, self.whole = Counter(), Counter()

    def bring(self, path: str, data: bytes, out: Handler) -> None:
        """Piece by piece; all connections share the line."""
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            with self._one:
                if self.slow:
                    time.sleep(len(piece) / BYTES_PER_S)
                self.down[path] += len(piece)
            out.wfile.write(piece)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line
    shaken = False

    def _go(self) -> None:
        path, line = self.path.partition("?")[0], self.line
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not line.up:
            self.close_connection = True
            return
        if line.slow:
            time.sleep(ROUND_TRIP_S * (1 if self.shaken else 2))  # the first asks for the connection besides
        self.shaken = True
        server = HTTPConnection("127.0.0.1", line.port, timeout=60)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        plain = path == "/desk/sw.js" and line.drops
        server.request(self.command, self.path, body or None, kept | ({"Accept-Encoding": "identity"} if plain else {}))
        answer = server.getresponse()
        content = answer.read()
        line.whole[path] += answer.status == 200
        if plain:
            content = content.replace(f'"{line.drops}", '.encode(), b"")
        line.bring(path, _head(answer, len(content)) + content, self)
        server.close()

    do_GET = do_POST = _go

    def log_message(self, *_: object) -> None:
        pass


def _head(answer: HTTPResponse, length: int) -> bytes:
    """As the server sent it; the length said plainly."""
    lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
    lines += [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() not in HOP - {"date"}]
    if answer.status != 304:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@contextmanager
def between(port: int, own: int) -> Iterator[Line]:
    """A line on port ``own`` to the program on ``port``."""
    line = Line(port)
    server = ThreadingHTTPServer(("127.0.0.1", own), type("Handler", (Handler,), {"line": line}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield line
    finally:
        server.shutdown()
        server.server_close()
