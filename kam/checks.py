"""What `manage.py check` says about this installation, each with its remedy."""

import os
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection


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


@register(Tags.database)
def database_is_recent(**kwargs: Any) -> list[CheckMessage]:
    if not kwargs.get("databases"):
        return []
    try:
        connection.ensure_connection()
        version = connection.info.server_version if hasattr(connection, "info") else None
        version = version or connection.connection.info.server_version
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
