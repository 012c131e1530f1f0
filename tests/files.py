"""Files as people have them, made small: honest ones, and some that pretend."""

import io
import struct
import zipfile
import zlib

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

OFFICE = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
}
OPEN = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def pdf(name: str = "Oferta.pdf", text: str = "offer") -> SimpleUploadedFile:
    return upload(name, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + text.encode() + b"\n%%EOF\n")


def picture(kind: str, *, size=(40, 30), colour="teal") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind)
    return file.getvalue()


def png(name: str = "Plan hali.png", **how) -> SimpleUploadedFile:
    return upload(name, picture("PNG", **how))


def bomb(name: str = "bomb.png") -> SimpleUploadedFile:
    """A picture of a few hundred bytes that says to be 50,000 by 50,000 points large."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    data = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk
    body = struct.pack(">I", 200) + b"IDAT" + b"\0" * 204
    return upload(name, data + struct.pack(">I", zlib.crc32(chunk)) + body)


def zipped(*names: str, mimetype: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in names:
            archive.writestr(name, "<xml/>")
    return file.getvalue()


def office(ending: str, *more: str) -> bytes:
    if ending in OPEN:
        kind = f"application/vnd.oasis.opendocument.{OPEN[ending]}"
        return zipped("content.xml", *more, mimetype=kind)
    return zipped("[Content_Types].xml", OFFICE[ending], *more)


def outlook() -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 700
        + "__properties_version1.0".encode("utf-16-le")
        + b"\0" * 500
    )
