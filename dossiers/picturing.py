"""Small pictures of attached images. Nothing is decoded before its size was read and found bearable."""

import os
import struct
import tempfile
from pathlib import Path
from typing import BinaryIO

from PIL import Image, ImageOps

# Twice what a list shows, for screens with fine points.
SIZE = (320, 240)
# Decoded, a point takes four bytes: more than this would take the worker's memory.
MOST_DECODED = 40_000_000
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")

# The size is judged here and by who attaches, who names it to the person; the library would only refuse.
Image.MAX_IMAGE_PIXELS = None


def size_of(file: BinaryIO) -> tuple[int, int] | None:
    """Width and height as the image's head says them; None where it is no image."""
    file.seek(0)
    try:
        start = file.read(30)
        if start[8:12] == b"WEBP":
            return _webp_size(start)
        file.seek(0)
        with Image.open(file, formats=FORMATS) as image:
            return image.size
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError, struct.error):
        return None
    finally:
        file.seek(0)


def _webp_size(start: bytes) -> tuple[int, int] | None:
    """Read by hand (RFC 9649): the library makes room for the whole picture as soon as it opens one."""
    kind, here = start[12:16], start[20:30]
    if len(here) < 10:
        return None
    if kind == b"VP8X":
        return int.from_bytes(here[4:7], "little") + 1, int.from_bytes(here[7:10], "little") + 1
    if kind == b"VP8L" and here[0] == 0x2F:
        bits = int.from_bytes(here[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and here[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", here[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None


def draw_small(file: BinaryIO, path: Path) -> bool:
    """Store the image, upright, without what else its file tells, to fit into SIZE. False where that cannot be."""
    size = size_of(file)
    is_webp = file.read(12)[8:] == b"WEBP"
    file.seek(0)
    if size is None or (is_webp and size[0] * size[1] > MOST_DECODED):
        return False
    try:
        with Image.open(file, formats=FORMATS) as image:
            image.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))  # JPEG is decoded smaller at once
            if image.width * image.height > MOST_DECODED:
                return False
            small = ImageOps.exif_transpose(image)
            small.thumbnail(SIZE)
            small = small.convert("RGBA" if small.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, EOFError):
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")  # readable by its owner only
    try:
        with os.fdopen(handle, "wb") as kept:
            small.save(kept, "WEBP", quality=80)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise
    return True
