"""Photos: re-encoded (so no hidden data), encrypted, named by content, on disk before the row that names them."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import warnings
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError

from gatekeeper import durable
from gatekeeper.errors import Invalid
from gatekeeper.keystore import Keystore
from gatekeeper.rules.values import Text

LONGEST_SIDE = 1600
MOST_PIXELS = 40_000_000
BOMBS = (Image.DecompressionBombWarning, Image.DecompressionBombError)
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
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, *BOMBS):
        raise refused from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def store(folder: Path, keystore: Keystore, raw: bytes, *, enterprise: UUID, expires_on: date) -> str:
    """Keep a photo encrypted under its day's key; answers its name, the SHA-256 of the encoded picture."""
    picture = encode(raw)
    name = hashlib.sha256(picture).hexdigest()
    path = folder / str(enterprise) / expires_on.isoformat() / name
    if path.exists():
        os.utime(path)  # it counts as new again: nobody sweeps it before the entry that names it
        durable.sync_folder(path.parent)  # whoever wrote it may not have come to this yet
    else:
        durable.write(path, keystore.seal(picture, enterprise=enterprise, seq=0, cls="photo", expires_on=expires_on))
    return name


def load(
    folder: Path, keystore: Keystore, name: str, *, enterprise: UUID, expires_on: date, hold: UUID | None = None
) -> bytes | None:
    """The JPEG of a stored photo; None when it was erased. Raises ``KeyGone`` when its day's key is destroyed.

    ``expires_on`` and ``hold`` are those of the part that names it. A photo taken just before midnight lies in the
    folder of the day before the one of its entry.
    """
    if hold is not None:
        path = _held(folder, enterprise, hold) / name
        if path.is_file():
            return keystore.open(
                path.read_bytes(), enterprise=enterprise, seq=0, cls="photo", expires_on=expires_on, hold=hold
            )
    for day in (expires_on, expires_on - timedelta(days=1), expires_on + timedelta(days=1)):
        path = folder / str(enterprise) / day.isoformat() / name
        if path.is_file():
            return keystore.open(path.read_bytes(), enterprise=enterprise, seq=0, cls="photo", expires_on=day)
    return None


def _held(folder: Path, enterprise: UUID, hold: UUID) -> Path:
    return folder / str(enterprise) / f"hold-{hold.hex}"


def hold(
    folder: Path, keystore: Keystore, name: str, *, enterprise: UUID, expires_on: date, hold: UUID, before: UUID | None
) -> bool:
    """Keep a copy of a photo under the key of ``hold``, on disk when this returns; False where it is gone.

    ``expires_on`` is that of its part, ``before`` the hold it is under until now. Raises ``KeyGone`` as ``load``.
    """
    picture = load(folder, keystore, name, enterprise=enterprise, expires_on=expires_on, hold=before)
    if picture is None:
        return False
    sealed = keystore.seal(picture, enterprise=enterprise, seq=0, cls="photo", expires_on=expires_on, hold=hold)
    durable.write(_held(folder, enterprise, hold) / name, sealed)
    return True


def drop_hold(folder: Path, *, enterprise: UUID, hold: UUID) -> None:
    """Remove the copies of an ended hold."""
    shutil.rmtree(_held(folder, enterprise, hold), ignore_errors=True)
