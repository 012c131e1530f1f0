"""The head's policy: which version holds, and setting the next one."""

import re
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import User
from segmentation import jobs
from segmentation.models import Policy, XyzMethod
from segmentation.models.runs import as_fraction
from segmentation.policy_values import said

# What says who set a version, when and why; all other fields are the policy itself.
ABOUT = ("id", "reason", "created_by", "created_at")
LIMITS = {XyzMethod.CV: ("cv_x", "cv_y"), XyzMethod.FREQUENCY: ("frequency_x", "frequency_y")}


class PolicyRefused(Exception):
    """The policy stays as it is; the text is a sentence for the person who asked. `field` names the culprit."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class PolicyChanged(PolicyRefused):
    """Somebody has set a newer version since the form was opened."""


def fields() -> list:
    """The fields that a version may differ in."""
    return [field for field in Policy._meta.concrete_fields if field.name not in ABOUT]


def current() -> Policy:
    """The version that holds; before the first one, our defaults (its `pk` is None)."""
    return Policy.objects.current() or Policy()


def set_policy(*, by: User, reason: str, seen: int | None = None, **changes) -> Policy:
    """The next version: the one that holds, with these changes. Returns the one that holds where nothing changes.

    `seen` is the `pk` of the version that the person looked at; where it is no longer the newest, what somebody
    else changed meanwhile stays, unless both changed the same field: that raises PolicyChanged. Raises
    PolicyRefused with a sentence.
    """
    if not may(by, "set_policy"):
        raise PolicyRefused(_("Only a sales head sets the policy."))
    known = {field.name for field in fields()}
    if unknown := sorted(set(changes) - known):
        raise PolicyRefused(_("The policy knows no “%(name)s”.") % {"name": unknown[0]})
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key("policy")])
        standing = current()
        if seen is not None and seen != (standing.pk or 0):
            changes = _not_against(changes, seen=seen, standing=standing)
        changes = {
            name: value for name, value in changes.items() if getattr(standing, name) != value
        }
        if not changes:
            return standing
        if not reason.strip():
            raise PolicyRefused(_("Say why the policy changes; people will ask later."), "reason")
        following = Policy(
            **{
                field.attname: changes.get(field.name, getattr(standing, field.attname))
                for field in fields()
            },
            reason=reason.strip(),
            created_by=by,
        )
        _check(following)
        following.save()
    return following


def _not_against(changes: dict, *, seen: int, standing: Policy) -> dict:
    """Only what the person changed himself; refused where the other changed the same."""
    base = Policy.objects.filter(pk=seen).first() or Policy()
    own = {name: value for name, value in changes.items() if getattr(base, name) != value}
    both = [name for name in own if getattr(standing, name) not in (getattr(base, name), own[name])]
    if both:
        who = standing.created_by.name if standing.created_by else _("somebody")
        raise PolicyChanged(
            _("%(name)s has set version %(version)d meanwhile. %(fields)s")
            % {
                "name": who,
                "version": standing.pk,
                "fields": " ".join(
                    _("%(field)s: there %(theirs)s, by you %(yours)s.")
                    % {
                        "field": Policy._meta.get_field(name).verbose_name,
                        "theirs": said(name, getattr(standing, name)),
                        "yours": said(name, own[name]),
                    }
                    for name in both
                ),
            },
            both[0],
        )
    return own


def _check(policy: Policy) -> None:
    for method, names in LIMITS.items():
        for name in names:
            setattr(policy, name, _limit(getattr(policy, name), name))
        x, y = (as_fraction(getattr(policy, name)) for name in names)
        if method == XyzMethod.CV and x > y:
            raise PolicyRefused(
                _(
                    "The limits of the coefficient of variation rise: X up to 0.10, Y up to 0.25, for instance."
                ),
                names[1],
            )
        if method == XyzMethod.FREQUENCY and not 1 >= x >= y:
            raise PolicyRefused(
                _(
                    "The limits of frequency fall and are parts of 1: X from 10/12, Y from 5/12, for instance."
                ),
                names[1],
            )
    if policy.min_history > policy.periods:
        raise PolicyRefused(
            _("The history needed is not longer than the window: %(periods)d periods.")
            % {"periods": policy.periods},
            "min_history",
        )
    _check_criteria(policy.criteria)
    try:
        policy.full_clean()
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise PolicyRefused(sentences[0], None if name == "__all__" else name) from error


def _limit(text: str, name: str) -> str:
    try:
        return read_limit(text)
    except ValueError as error:
        raise PolicyRefused(str(error), name) from error


def _check_criteria(criteria: list[dict]) -> None:
    keys = [each["key"] for each in criteria]
    if len(set(keys)) < len(keys):
        raise PolicyRefused(_("A criterion stands in the list once."), "criteria")
    for each in criteria:
        if not 0 <= Decimal(str(each["weight"])) <= 100:
            raise PolicyRefused(_("A weight lies between 0 and 100."), "criteria")
    if criteria and not any(Decimal(str(each["weight"])) for each in criteria):
        raise PolicyRefused(_("At least one criterion has a weight."), "criteria")


def read_limit(text: str) -> str:
    """A limit as it is kept: "0,10" and " 10 / 12 " become "0.10" and "10/12". Raises ValueError with a sentence."""
    bare = re.sub(r"(^|/)\.", r"\g<1>0.", re.sub(r"\s", "", text).replace(",", "."))
    if not re.fullmatch(r"\d+(\.\d+)?(/0*[1-9]\d*)?", bare) or len(bare) > 24:
        raise ValueError(
            _("“%(text)s” is no limit. Write a decimal such as 0.25 or a fraction such as 10/12.")
            % {"text": text}
        )
    return bare


def differences(version: Policy, before: Policy | None) -> list[dict]:
    """What a version changed: field, before, after; against our defaults where it is the first."""
    before = before or Policy()
    return [
        {
            "name": field.name,
            "label": field.verbose_name,
            "before": getattr(before, field.name),
            "after": getattr(version, field.name),
        }
        for field in fields()
        if getattr(before, field.name) != getattr(version, field.name)
    ]
