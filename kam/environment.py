"""Reading the environment for the settings: what is wrong is refused with its name and its remedy."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def refuse(name: str, problem: str, remedy: str) -> ImproperlyConfigured:
    """The exception to raise; `remedy` says what to write instead."""
    return ImproperlyConfigured(f"{name}: {problem} {remedy}")


def typed(read: Callable[..., Any], name: str, default: Any, remedy: str) -> Any:
    """One variable; an empty one counts as unset, an unreadable one is refused with `remedy`."""
    if not os.environ.get(name, "").strip():
        return default
    try:
        return read(name)
    except (ValueError, ImproperlyConfigured) as error:
        raise refuse(name, f"cannot be read ({error}).", remedy) from error


def per_cent(name: str) -> Decimal:
    """Above 0 and up to 100. Raises ValueError."""
    text = os.environ[name].strip()
    try:
        rate = Decimal(text)
        if 0 < rate <= 100:
            return rate
    except ArithmeticError as error:  # also what is no number at all
        raise ValueError(f"“{text}” is no number") from error
    raise ValueError(f"{text} is not between 0 and 100")


def yes_or_no(name: str, default: bool) -> bool:
    text = os.environ.get(name, "").strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    if not text:
        return default
    raise refuse(name, f"“{text}” is neither yes nor no.", "Use true or false.")


def one_of(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = os.environ.get(name, "").strip() or default
    if value not in choices:
        raise refuse(name, f"“{value}” is unknown.", f"Use one of: {', '.join(choices)}.")
    return value


def generated_secret(home: Path) -> str:
    """The trial installation's own key, made once and readable by its owner only."""
    path = home / "secret_key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            draft = path.with_name(f"secret_key.{os.getpid()}")
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(50))
            with suppress(FileExistsError):  # two first starts at once agree on one key
                os.link(draft, path)
            draft.unlink()
        return path.read_text().strip()
    except OSError as error:
        raise refuse(
            "KAM_HOME",
            f"cannot keep the generated secret in {path} ({error.strerror}).",
            "Point KAM_HOME to a folder you may write to, or give SECRET_KEY.",
        ) from error
