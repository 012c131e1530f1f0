"""WeasyPrint with its hands tied: pages in, PDF out, and no file but the project's own static ones.

The only module that imports WeasyPrint, and it is imported by `dossiers.pdf` when a PDF is really
made: it costs a web process memory, and where Pango is missing the import fails with an OSError.
"""

import logging
import mimetypes
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

STATIC = Path(settings.BASE_DIR) / "static"
# The address of our own files within a page that is printed: a name that cannot exist, and a scheme
# against which relative addresses are joined. Nothing else is fetched, and this is not either.
BASE = "https://static.invalid/"
SHEET = "css/pdf.css"

logging.getLogger("weasyprint").setLevel(logging.ERROR)
logging.getLogger("fontTools").setLevel(logging.ERROR)


class Refused(ValueError):
    """A page asked for something outside the project's static files."""


class OwnFiles(URLFetcher):
    """Reads `https://static.invalid/css/…` from the static folder and refuses everything else."""

    def __init__(self):
        super().__init__(allowed_protocols=[], allow_redirects=False)

    def fetch(self, url, headers=None):
        path = (STATIC / unquote(urlsplit(url).path).lstrip("/")).resolve()
        if not url.startswith(BASE) or not path.is_relative_to(STATIC.resolve()):
            raise Refused(f"Not one of the project's own files: {url}")
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": kind})


@cache
def _stylesheet() -> tuple[CSS, FontConfiguration]:
    """The print style sheet, read once in a process with the fonts it names."""
    fonts = FontConfiguration()
    sheet = CSS(
        string=(STATIC / SHEET).read_text(encoding="utf-8"),
        base_url=BASE + SHEET,
        url_fetcher=OwnFiles(),
        font_config=fonts,
    )
    return sheet, fonts


def print_pages(html: str) -> bytes:
    """The PDF of one HTML document, readable for assistive technology (PDF/UA-1)."""
    sheet, fonts = _stylesheet()
    document = HTML(string=html, base_url=BASE, url_fetcher=OwnFiles())
    return document.write_pdf(
        stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1", optimize_images=False
    )
