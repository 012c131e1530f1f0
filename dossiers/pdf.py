"""The dossier as PDF: asked for by a page, made by a worker, then taken from store.

Setting twenty pages takes seconds and more memory than a web process should hold, so a page only asks:
it writes down what is to be printed and rings for a worker. Three files of one name tell how it stands:
`.html` (asked for), `.pdf` (made), `.failed` (why not). They survive whoever is killed; a worker that is
rung for twice finds the work done.

What is printed depends on the person, the language and the day as well as on the dossier, and all of
that is in the pages. So the store needs no rule for what has changed: the name is the sum of the pages
and of the style sheet, and where a single letter differs the PDF is made anew. The pages are asked for
through the same door as the dossier itself, each time, before the store is looked at.
"""

import contextlib
import datetime
import hashlib
import logging
import os
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.sorting import sort_key
from dossiers import printing
from dossiers.models import Dossier

logger = logging.getLogger(__name__)

# The date is on the cover, so a PDF of yesterday is never asked for again.
KEPT_FOR = datetime.timedelta(days=2)
# A worker that has not answered for so long may have been killed together with its queue.
RING_AGAIN_AFTER = 120  # seconds
STYLE = Path(settings.BASE_DIR) / "static" / "css" / "pdf.css"

REASONS: dict[str, str | Promise] = {
    "pango": _(
        "PDFs cannot be made on this server yet: the library Pango is missing. Whoever runs it can install it with "
        "“apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0” on Debian and Ubuntu; on other "
        "systems “make setup” says how. Everything else works without it."
    ),
    "error": _(
        "The PDF could not be made. Try again; if that fails too, tell whoever runs this server."
    ),
}


class CannotPrint(Exception):
    """No PDF could be made; the text is a sentence for the person. `reason` is a key of REASONS."""

    def __init__(self, reason: str):
        super().__init__(str(REASONS[reason]))
        self.reason = reason


@dataclass(frozen=True)
class Printout:
    """A PDF that was asked for: there, or still being made."""

    key: str
    name: str

    @property
    def path(self) -> Path:
        return _file(self.key, "pdf")

    @property
    def is_ready(self) -> bool:
        return self.path.exists()


def ask(
    dossier: Dossier, *, by: User, today: datetime.date, ring: Callable[[str], object]
) -> Printout:
    """The full internal dossier for a person who may read it, in the language that is active.

    `dossier` comes from `Dossier.objects.visible_to(by)`, fetched by `heading.for_heading`. `ring` hands
    the key to a worker, which calls `make`. Raises CannotPrint, once, after a worker has failed.
    """
    html = pages(dossier, by=by, today=today)
    return ask_pages(html, number=dossier.pk, name=file_name(dossier, today=today), ring=ring)


def ask_pages(html: str, *, number: int, name: str, ring: Callable[[str], object]) -> Printout:
    """What stands in the HTML, for whoever may read it. `number`: of the record that is printed."""
    printout = Printout(_key(number, html), name)
    _raise_failure(printout.key)
    if not printout.is_ready:
        asked = _file(printout.key, "html")
        if not asked.exists() or time.time() - asked.stat().st_mtime > RING_AGAIN_AFTER:
            _store(asked, html.encode())
            ring(printout.key)
            _raise_failure(printout.key)
    return printout


def make(key: str) -> bool:
    """Print what was asked for under the key; whether there was anything to do. May be called twice."""
    asked = _file(key, "html")
    try:
        html = asked.read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    try:
        _store(_file(key, "pdf"), print_pages(html))
    except CannotPrint as refusal:
        _store(_file(key, "failed"), refusal.reason.encode())
    except Exception:
        logger.exception("a PDF could not be made")
        _store(_file(key, "failed"), b"error")
    asked.unlink(missing_ok=True)
    return True


def pages(dossier: Dossier, *, by: User, today: datetime.date) -> str:
    """The HTML that is printed."""
    return render_to_string(
        "dossiers/pdf/dossier.html", printing.contents(dossier, by=by, today=today)
    )


def print_pages(html: str) -> bytes:
    """The PDF of the pages, here and now. Raises CannotPrint where the installation lacks Pango."""
    try:
        from dossiers import press  # WeasyPrint is loaded by who prints, and by nobody else
    except OSError as error:
        raise CannotPrint("pango") from error
    return press.print_pages(html)


def file_name(dossier: Dossier, *, today: datetime.date) -> str:
    """ "Huta Północ – dossier 2026-11-21.pdf", without what file systems do not bear."""
    return named(f"{dossier.client} – {pgettext('in a file name', 'dossier')} {today.isoformat()}")


def named(name: str) -> str:
    """The name of the file, without what file systems do not bear."""
    bare = (
        letter if letter.isprintable() and letter not in '\\/:*?"<>|' else " " for letter in name
    )
    return "".join(bare) + ".pdf"


_LATIN = dict(
    zip(
        "абвгдежзийклмнопрстуфхцчшщъыьэюя",
        "a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya".replace(
            "_", ""
        ).split(" "),
        strict=True,
    )
)


def ascii_name(name: str) -> str:
    """The file name for programs that know no other letters: "Завод Восток" is "zavod-vostok"."""
    bare = "".join(_LATIN.get(letter, letter) for letter in sort_key(name.removesuffix(".pdf")))
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in bare)
    return ("-".join(filter(None, plain.split("-"))) or "dossier") + ".pdf"


# ── Store ────────────────────────────────────────────────────────────────────────────────────


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "pdf"


def _key(number: int, html: str) -> str:
    content = hashlib.sha256(html.encode())
    content.update(STYLE.read_bytes())
    content.update(version("weasyprint").encode())
    return f"{number}-{content.hexdigest()}"


def _file(key: str, kind: str) -> Path:
    if not re.fullmatch(r"\d+-[0-9a-f]{64}", key):
        raise ValueError(f"No key of a PDF: {key!r}")
    return _folder() / f"{key}.{kind}"


def _raise_failure(key: str) -> None:
    """Say once why it failed; who asks again gets another try."""
    note = _file(key, "failed")
    with contextlib.suppress(FileNotFoundError):
        reason = note.read_text()
        note.unlink(missing_ok=True)
        raise CannotPrint(reason if reason in REASONS else "error")


def _store(path: Path, content: bytes) -> None:
    """Whole or not at all, whoever else stores the same and whatever is killed meanwhile."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".draft")  # readable by its owner only
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(draft, path)
    except BaseException:
        os.unlink(draft)
        raise


def sweep(*, now: float | None = None) -> int:
    """Remove PDFs that nobody asks for any more, and drafts left by a killed process. How many went."""
    oldest = (now or time.time()) - KEPT_FOR.total_seconds()
    gone = 0
    for path in _folder().glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
                gone += 1
    return gone
