"""Pictures among the stored files: what they truly are, and small ones for lists."""

from __future__ import annotations

import os
import tempfile
import warnings
from pathlib import Path

from django.conf import settings
from PIL import Image, ImageOps

from wubu.kernel.fields.image import PICTURES

HEADS = (
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
)
SIDE = 240  # pixels of a small one
MOST = 50_000_000  # pixels of what is made small; a larger picture is not opened


def true_type(path: Path, claimed: str) -> str:
    """The content type by the first bytes: what claims to be a picture and is none is only data."""
    with path.open("rb") as content:
        head = content.read(16)
    for mark, at, kind in HEADS:
        if head[at : at + len(mark)] == mark:
            return kind
    return "application/octet-stream" if claimed in PICTURES else claimed


def small(path: Path) -> Path | None:
    """The picture made small, kept beside the files; None where it cannot be read."""
    kept = Path(settings.MEDIA_ROOT) / "small" / path.parent.name / f"{path.name}.webp"
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=kept.parent)
    try:
        with os.fdopen(handle, "wb") as out, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("PNG", "JPEG", "GIF", "WEBP")) as picture:
                if picture.width * picture.height > MOST:
                    return None
                picture.draft("RGB", (2 * SIDE, 2 * SIDE))
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((SIDE, SIDE))
                mode = "RGBA" if upright.mode in ("RGBA", "LA", "P", "PA") else "RGB"
                upright.convert(mode).save(out, "WEBP", quality=80)
        Path(temporary).replace(kept)
    except (OSError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return None
    finally:
        Path(temporary).unlink(missing_ok=True)
    return kept
