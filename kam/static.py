"""How static files are stored: under a name with a hash of their content, and compressed."""

from typing import Any

from django.conf import settings
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    # Django would also follow the source maps that vendored files mention and fail on those that are
    # not there. Only what a browser needs is followed: addresses and imports in CSS.
    support_js_module_import_aggregation = False
    patterns = (
        (
            "*.css",
            (
                r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",
                (
                    r"""(?P<matched>@import\s*["']\s*(?P<url>.*?)["'])""",
                    """@import url("%(url)s")""",
                ),
            ),
        ),
    )

    def create_compressor(self, **options: Any) -> Compressor:
        """Brotli takes ten times as long as gzip: it is for the image that is built once."""
        return Compressor(use_brotli=settings.PRODUCTION, **options)
