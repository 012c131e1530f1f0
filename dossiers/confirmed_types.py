"""A type that a head confirmed while choosing is written into the open dossier, by the one way of editing."""

import datetime

from accounts.models import User
from dossiers import editing
from dossiers.models import Dossier
from dossiers.pieces import BY_KEY
from segmentation.models import TypeProposal
from segmentation.models.selection import ProposalState


def write_type(dossier: Dossier, decided: TypeProposal, *, by: User, today: datetime.date) -> bool:
    """Whether something was written: a confirmed type that the dossier had not, or a declined one that it had.

    Raises an editing.EditRefused.
    """
    dossier = editing.locked(BY_KEY["header"], dossier, dossier.pk, by)
    is_there = decided.client_type in dossier.types
    is_wanted = decided.state == ProposalState.CONFIRMED
    if is_there == is_wanted:
        return False
    types = (
        [*dossier.types, decided.client_type]
        if is_wanted
        else [kind for kind in dossier.types if kind != decided.client_type]
    )
    editing.change(
        BY_KEY["header"],
        dossier=dossier,
        pk=dossier.pk,
        data={"types": types, "version": str(dossier.version)},
        by=by,
        today=today,
        partial=True,
    )
    return True
