"""Photos: re-encoded (so no hidden data), encrypted, named by content, on disk before the row that names them."""

from __future__ import annotations

import hashlib
import io
import os
import warnings
from datetime import date
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError

from gatekeeper.errors import Invalid
from gatekeeper.keystore import Keystore
from gatekeeper.rules.values import Text

LONGEST_SIDE = 1600
MOST_PIXELS = 40_000_000
MOST_BYTES = 8 * 1024 * 1024


def encode(raw: bytes) -> bytes:
    """A photo as JPEG of at most 1600 px, without metadata; raises ``Invalid`` for what is not a photo."""
    refused = Invalid(
        "photo.unreadable",
        Text(
            "这不是能读取的照片，请重拍（JPG、PNG，小于 8 MB）",
            "Not a readable photo; take it again (JPG, PNG, < 8 MB)",
        ),
    )
    if len(raw) > MOST_BYTES:
        raise refused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP"))
            if image.width * image.height > MOST_PIXELS:
                raise refused
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        raise refused from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def store(folder: Path, keystore: Keystore, raw: bytes, *, enterprise: UUID, expires_on: date) -> str:
    """Keep a photo encrypted under its day's key; answers its name, the SHA-256 of the encoded picture."""
    picture = encode(raw)
    name = hashlib.sha256(picture).hexdigest()
    sealed = keystore.seal(picture, enterprise=enterprise, seq=0, cls="photo", expires_on=expires_on)
    path = folder / str(enterprise) / expires_on.isoformat() / name
    if path.exists():
        return name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as out:
        out.write(sealed)
        out.flush()
        os.fsync(out.fileno())
    temporary.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return name


def load(folder: Path, keystore: Keystore, name: str, *, enterprise: UUID, expires_on: date) -> bytes | None:
    """The JPEG of a stored photo; None when it was erased. Raises ``KeyGone`` when its day's key is destroyed."""
    path = folder / str(enterprise) / expires_on.isoformat() / name
    if not path.is_file():
        return None
    return keystore.open(path.read_bytes(), enterprise=enterprise, seq=0, cls="photo", expires_on=expires_on)
