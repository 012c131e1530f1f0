"""A value of the policy as a person reads it."""

from decimal import Decimal

from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import as_typed, number
from segmentation import criteria
from segmentation.models import Policy
from segmentation.scoring import CRITERIA

# Kept as text, because 10/12 has no exact decimal.
TYPED = ("cv_x", "cv_y", "frequency_x", "frequency_y")


def said(name: str, value) -> str:
    field = Policy._meta.get_field(name)
    if name == "criteria":
        return _weights(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if value in (None, ""):
        return _("not set")
    if name in TYPED:
        return as_typed(value)
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        value = value.normalize()
    return number(value)


def _weights(rows: list[dict]) -> str:
    if not rows:
        usual = [{"key": key, "weight": weight} for key, weight in CRITERIA.items()]
        return f"{_('the weights that hold until others are set')}: {_weights(usual)}"
    return ", ".join(
        f"{row.get('name') or criteria.NAMES.get(row['key'], row['key'])} {number(Decimal(str(row['weight'])).normalize())}"
        for row in rows
        if Decimal(str(row["weight"]))
    )
