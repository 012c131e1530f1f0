"""Small pictures of attached images. Nothing is decoded before its size was read and found bearable."""

import os
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
        with Image.open(file, formats=FORMATS) as image:
            return image.size
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        return None
    finally:
        file.seek(0)


def draw_small(file: BinaryIO, path: Path) -> bool:
    """Store the image, upright, without what else its file tells, to fit into SIZE. False where that cannot be."""
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
