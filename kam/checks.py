"""What `manage.py check` says about this installation, each with its remedy."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection

from kam import pango


@register(Tags.files)
def home_is_writable(**_kwargs: Any) -> list[CheckMessage]:
    home = settings.KAM_HOME
    nearest = next(folder for folder in (home, *home.parents) if folder.exists())
    if os.access(nearest, os.W_OK | os.X_OK):
        return []
    return [
        Error(
            f"The data folder {home} cannot be written to.",
            hint="Give it to the user who runs the product, or point KAM_HOME elsewhere.",
            id="kam.E001",
        )
    ]


@register(Tags.files)
def pango_is_there(**_kwargs: Any) -> list[CheckMessage]:
    missing = pango.missing()
    if not missing:
        return []
    return [
        Warning(
            f"PDFs cannot be made: the system lacks {', '.join(missing)}.",
            hint=f"To have them: {pango.remedy()}",
            id="kam.W001",
        )
    ]


@register(Tags.database)
def database_is_recent(**kwargs: Any) -> list[CheckMessage]:
    if not kwargs.get("databases"):
        return []
    try:
        with connection.temporary_connection():
            version = connection.connection.info.server_version
    except DatabaseError as error:
        return [
            Error(
                f"PostgreSQL does not answer: {str(error).strip()}",
                hint="Start it, or mend DATABASE_URL; unset, the product starts its own.",
                id="kam.E002",
            )
        ]
    if version >= 150000:
        return []
    return [
        Error(
            f"PostgreSQL {version // 10000} is older than this product's rules need.",
            hint="Use PostgreSQL 15 or newer.",
            id="kam.E003",
        )
    ]
