#!/usr/bin/env python3
"""Django's command line, with the project's own servers started when a command needs them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kam.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            f"Django is not installed here ({error}). Run `make setup` once, "
            "then use `.venv/bin/python manage.py …`."
        ) from error

    from kam import embedded

    if embedded.is_needed_by(sys.argv):
        try:
            embedded.ensure()
        except embedded.CannotStart as refusal:
            raise SystemExit(str(refusal)) from refusal
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
