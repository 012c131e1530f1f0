"""A policy in words: its sections, and what each version changed."""

from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from accounts.templatetags.kam_format import as_typed, number
from segmentation import criteria, policies
from segmentation.models import Policy
from segmentation.policy_forms import CONCENTRATION, SEGMENTATION, SELECTION, SLIPPING

TYPED = tuple(name for pair in policies.LIMITS.values() for name in pair)


def sections(policy: Policy) -> list[dict]:
    """What holds, for reading: title and pairs of name and value."""
    titles = (
        (_("Segmentation"), SEGMENTATION),
        (_("Selection"), ("criteria", *SELECTION)),
        (_("Slipping and lost"), SLIPPING),
        (_("Concentration"), CONCENTRATION),
    )
    return [
        {
            "title": title,
            "rows": [
                (Policy._meta.get_field(name).verbose_name, said(name, getattr(policy, name)))
                for name in names
            ],
        }
        for title, names in titles
    ]


def said(name: str, value) -> str:
    """A value as a person reads it."""
    field = Policy._meta.get_field(name)
    if name == "criteria":
        return _weights(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if value in (None, ""):
        return _("not set")
    if name in TYPED:
        return as_typed(value)
    if isinstance(value, Decimal):
        value = value.normalize()
    return number(value)


def _weights(rows: list[dict]) -> str:
    if not rows:
        return _("the weights that hold until others are set")
    return ", ".join(
        f"{row.get('name') or criteria.NAMES.get(row['key'], row['key'])} {number(Decimal(str(row['weight'])).normalize())}"
        for row in rows
        if Decimal(str(row["weight"]))
    )


def history(versions: list[Policy]) -> list[dict]:
    """The newest first: each version with what it changed against the one before."""
    return [
        {
            "version": version,
            "changes": [
                {
                    "label": each["label"],
                    "before": said(each["name"], each["before"]),
                    "after": said(each["name"], each["after"]),
                }
                for each in policies.differences(version, earlier)
            ],
        }
        for version, earlier in pairwise([*versions, None])
        if version
    ]
