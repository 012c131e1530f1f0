"""What each role may do, in one table. Views, API, templates and tests ask here.

Which *rows* a person may touch is told by the querysets (`visible_to`, `editable_by`); this table
tells which *acts* his role knows at all.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models.user import Role, User

EVERYBODY = frozenset(Role.values)

ACTS: dict[str, frozenset[str]] = {
    "see_client_cards": EVERYBODY,
    "see_figures": frozenset({Role.HEAD, Role.ANALYST, Role.KAM}),
    "see_all_figures": frozenset({Role.HEAD, Role.ANALYST}),
    "import_sales": frozenset({Role.ANALYST}),
    "see_imports": frozenset({Role.ANALYST, Role.HEAD}),
    "run_segmentation": frozenset({Role.ANALYST, Role.HEAD}),
    "match_clients": frozenset({Role.ANALYST, Role.HEAD}),
    "set_policy": frozenset({Role.HEAD}),
    "choose_key_clients": frozenset({Role.HEAD}),
    "assign": frozenset({Role.HEAD}),
    "decide_reviews": frozenset({Role.HEAD}),
    "see_portfolio": frozenset({Role.HEAD}),
    "open_dossiers": frozenset({Role.HEAD, Role.KAM}),
    "administer": frozenset({Role.ADMIN}),
}


def may(user: User | AnonymousUser, act: str) -> bool:
    """Whether the person's role knows the act. An unknown act is a programming error."""
    return bool(user.is_authenticated and user.is_active and user.role in ACTS[act])


def only_if(act: str) -> Callable:
    """View decorator: people whose role does not know the act get a 403 page with a sentence."""
    ACTS[act]  # a misspelt act fails at import, not at the first visitor

    def decorate(view):
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs):
            if not may(request.user, act):
                raise PermissionDenied(
                    _("Your role does not open this page. Ask a sales head if you need it.")
                )
            return view(request, *args, **kwargs)

        guarded.required_act = act  # type: ignore[attr-defined]
        return guarded

    return decorate
