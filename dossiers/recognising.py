"""What kind of file something is, told from what is in it: a name can say anything.

Only kinds on the list below are known. Legacy Office files and archives are not: nobody can see from outside
what they would run or unpack.
"""

import codecs
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Kind:
    """A kind of file that is taken. `endings`: how its name may end, the usual one first.

    `icon` is what stands for it in a list; `is_picture` and `is_shown`: whether it is previewed, and whether a
    browser may open it instead of storing it.
    """

    media_type: str
    label: str | Promise
    endings: tuple[str, ...]
    icon: str = "file-text"
    is_picture: bool = False
    is_shown: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."

KINDS = (
    Kind("application/pdf", "PDF", ("pdf",), "file-type-pdf", is_shown=True),
    Kind(f"{_OFFICE}wordprocessingml.document", "Word", ("docx",)),
    Kind(f"{_OFFICE}spreadsheetml.sheet", "Excel", ("xlsx",), "file-spreadsheet"),
    Kind(f"{_OFFICE}presentationml.presentation", "PowerPoint", ("pptx",), "device-desktop"),
    Kind(f"{_OPEN}text", "OpenDocument", ("odt",)),
    Kind(f"{_OPEN}spreadsheet", "OpenDocument", ("ods",), "file-spreadsheet"),
    Kind(f"{_OPEN}presentation", "OpenDocument", ("odp",), "device-desktop"),
    Kind("image/png", "PNG", ("png",), "eye", is_picture=True, is_shown=True),
    Kind("image/jpeg", "JPEG", ("jpg", "jpeg"), "eye", is_picture=True, is_shown=True),
    Kind("image/webp", "WebP", ("webp",), "eye", is_picture=True, is_shown=True),
    Kind("image/gif", "GIF", ("gif",), "eye", is_picture=True, is_shown=True),
    Kind("text/csv", "CSV", ("csv",), "file-spreadsheet"),
    Kind("message/rfc822", _("E-mail"), ("eml",), "mail"),
    Kind("application/vnd.ms-outlook", _("E-mail"), ("msg",), "mail"),
    Kind("text/plain", _("Text"), ("txt",)),
)
BY_TYPE = {kind.media_type: kind for kind in KINDS}
BY_ENDING = {ending: kind for kind in KINDS for ending in kind.endings}
# For people, in the order in which they would look for theirs.
ENDINGS = ", ".join(kind.endings[0] for kind in KINDS)

# The list of what a zip file holds is read into memory at once; that of an honest document is small.
LONGEST_CONTENTS = 2 * 1024**2
CHUNK = 64 * 1024


def ending_of(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def by_name(name: str) -> Kind | None:
    """The kind that the name speaks of."""
    return BY_ENDING.get(ending_of(name))


def by_content(file: BinaryIO, *, said: Kind | None = None) -> Kind | None:
    """The kind that the file is, or None where it is none that is taken.

    Texts have no mark of their own: which of them it is (text, table, e-mail) is believed to `said`, the kind
    that the name speaks of, as long as nothing but text is in the file. The file is left at its beginning.
    """
    file.seek(0)
    start = file.read(CHUNK)
    try:
        for marked, media_type in _MARKS:
            if marked(start):
                return BY_TYPE[media_type]
        if start.startswith(b"PK\x03\x04"):
            return _zipped(file)
        if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            return _compound(file)
        if said in _TEXTS and _is_text(file, start):
            return said if said is not _EMAIL or _HEADERS.match(start) else None
    finally:
        file.seek(0)
    return None


_MARKS: tuple[tuple[Callable[[bytes], bool], str], ...] = (
    (lambda start: start.startswith(b"%PDF-"), "application/pdf"),
    (lambda start: start.startswith(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (lambda start: start.startswith(b"\xff\xd8\xff"), "image/jpeg"),
    (lambda start: start[:4] == b"RIFF" and start[8:12] == b"WEBP", "image/webp"),
    (lambda start: start[:6] in (b"GIF87a", b"GIF89a"), "image/gif"),
)


# ── Documents that are zip files ─────────────────────────────────────────────────────────────

_FOLDERS = {
    "word/document.xml": f"{_OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{_OFFICE}spreadsheetml.sheet",
    "xl/workbook.bin": "",  # another format under a similar name
    "ppt/presentation.xml": f"{_OFFICE}presentationml.presentation",
}


# What the library raises over files that were cut, mixed up or made to trip it.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(NotImplementedError, RuntimeError, ValueError, OSError, EOFError, LookupError),
)


def _zipped(file: BinaryIO) -> Kind | None:
    """An office document without macros. Nothing is unpacked but the few letters that name an OpenDocument."""
    if not _has_short_contents(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                return None
            if any(name.startswith(("Basic/", "Scripts/")) for name in names):
                return None
            if "mimetype" in names:
                with archive.open("mimetype") as inside:
                    media_type = inside.read(100).decode("ascii", "replace").strip()
                return BY_TYPE.get(media_type) if media_type.startswith(_OPEN) else None
            if "[Content_Types].xml" not in names:
                return None
            found = next((_FOLDERS[name] for name in _FOLDERS if name in names), "")
            return BY_TYPE.get(found)
    except _BROKEN:
        return None


def _has_short_contents(file: BinaryIO) -> bool:
    """Whether the list of what the zip file holds is there, and small enough to be read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_557))
    end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at < 0 or len(end) < at + 22:
        return False
    (length,) = struct.unpack("<I", end[at + 12 : at + 16])
    return length <= LONGEST_CONTENTS


# ── Outlook's messages ───────────────────────────────────────────────────────────────────────


def _compound(file: BinaryIO) -> Kind | None:
    """A message of Outlook; Word and Excel of old are the same sort of file and may run macros."""
    file.seek(0)
    mark, before = "__properties_version1.0".encode("utf-16-le"), b""
    is_message = False
    forbidden = [name.encode("utf-16-le") for name in ("_VBA_PROJECT", "WordDocument", "Workbook")]
    while chunk := file.read(CHUNK):
        seen = before + chunk
        is_message = is_message or mark in seen
        if any(name in seen for name in forbidden):
            return None
        before = seen[-100:]
    return BY_TYPE["application/vnd.ms-outlook"] if is_message else None


# ── Texts ────────────────────────────────────────────────────────────────────────────────────

_EMAIL = BY_TYPE["message/rfc822"]
_TEXTS = (BY_TYPE["text/plain"], BY_TYPE["text/csv"], _EMAIL)
_HEADERS = re.compile(
    rb"(?:From [^\n]*\n)?(?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}", re.ASCII
)
# What would run in a browser or a shell, had its name not been changed.
_RUNS = re.compile(rb"\s*(?:<(?:!doctype|html|head|body|script|svg|\?xml|\?php|!--)|#!)", re.I)
_NO_TEXT = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b"))


def _is_text(file: BinaryIO, start: bytes) -> bool:
    bare = start.removeprefix(b"\xef\xbb\xbf")
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _is_utf_16(file)
    if not bare or _RUNS.match(bare):
        return False
    file.seek(0)
    while chunk := file.read(CHUNK):
        if len(chunk.translate(None, _NO_TEXT)) != len(chunk):
            return False
    return True


def _is_utf_16(file: BinaryIO) -> bool:
    """Texts that spreadsheets write as "Unicode"."""
    decoder = codecs.getincrementaldecoder("utf-16")()
    file.seek(0)
    is_first = True
    try:
        while chunk := file.read(CHUNK):
            text = decoder.decode(chunk)
            if "\0" in text or (is_first and _RUNS.match(text[:200].encode())):
                return False
            is_first = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return not is_first
