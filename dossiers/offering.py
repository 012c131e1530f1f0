"""What a form offers beyond its fields: what was written elsewhere, what the sales say, what stood last time."""

from typing import Any

from accounts.models import User
from dossiers import wallet, white_space
from dossiers.forms import RecordForm
from dossiers.models import Assessment, Dossier
from dossiers.pieces import Piece

# A judgement begins with the last one: its day and its reasons are written anew.
LASTING = ("level", "score", "wanted_level", "wanted_score")


def enrich(form: RecordForm, piece: Piece, *, dossier: Dossier, by: User) -> None:
    """Two queries for a cell of the white space, two for a new line of the budget, else none."""
    if piece.key == "white-space":
        white_space.offer(form, dossier=dossier, by=by)
    elif piece.key == "budget" and form.instance.pk is None:
        wallet.suggest(form, dossier=dossier, by=by)


def last_assessment(dossier: Dossier) -> dict[str, Any]:
    """What the next assessment most likely says; {} where there was none."""
    found = Assessment.objects.filter(dossier=dossier).values(*LASTING).first()
    return {name: value for name, value in (found or {}).items() if value not in (None, "")}
