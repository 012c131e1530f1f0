"""A policy in words: its sections, and what each version changed."""

from itertools import pairwise

from django.utils.translation import gettext as _

from segmentation import policies
from segmentation.models import Policy
from segmentation.policy_forms import CONCENTRATION, SEGMENTATION, SELECTION, SLIPPING
from segmentation.policy_values import said


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
