"""What the database refused, as a sentence beside the field that it is about."""

from django.db import IntegrityError, models
from django.utils.translation import gettext as _

from dossiers.forms import RecordForm
from dossiers.models import DossierRecord


def sentence(
    record: DossierRecord, form: RecordForm, refusal: IntegrityError
) -> tuple[str | None, str]:
    """The field, where it is a single one, and the sentence of the constraint that refused."""
    broken = getattr(getattr(refusal.__cause__, "diag", None), "constraint_name", "")
    for constraint in record._meta.constraints:
        if (
            constraint.name != broken
            or constraint.violation_error_message == constraint.default_violation_error_message
        ):
            continue
        fields = _fields_named(getattr(constraint, "condition", None)) or set(
            getattr(constraint, "fields", ())
        )
        fields &= set(form.fields)
        return fields.pop() if len(fields) == 1 else None, str(
            constraint.get_violation_error_message()
        )
    return None, _(
        "This contradicts what stands in the dossier already. Open it again and compare."
    )


def _fields_named(condition: models.Q | None) -> set[str]:
    names: set[str] = set()
    for child in condition.children if condition else ():
        if isinstance(child, models.Q):
            names |= _fields_named(child)
        elif isinstance(child, tuple):
            names.add(child[0].split("__")[0])
            if isinstance(child[1], models.F):
                names.add(child[1].name)
    return names
