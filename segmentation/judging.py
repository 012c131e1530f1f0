"""A head judges: a client by a criterion, a prospect by the three Ps. Always with what he saw before.

`seen` is the version of the judgement that stood when the form was opened, 0 where there was none. Nobody
overwrites anybody silently: where somebody else has judged meanwhile, nothing is stored and both values are
shown. Whoever then sends his own with the new version means it; the history keeps the other one.
"""

import datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import Client, User
from segmentation import criteria, scoring
from segmentation.models import CriterionScore, Qualification
from segmentation.models.selection import LeadSource

LONGEST_REASON = 2000
THREE_PS = ("need", "ability", "authority")


class JudgingRefused(Exception):
    """Nothing was stored; the text is a sentence. `field`: what it is about."""

    def __init__(self, sentence: str, *, field: str = ""):
        super().__init__(sentence)
        self.field = field


class NotAllowed(JudgingRefused):
    pass


class NoSuchCriterion(JudgingRefused):
    pass


class Invalid(JudgingRefused):
    pass


class VersionMissing(JudgingRefused):
    pass


class JudgedMeanwhile(JudgingRefused):
    """`record`: how it stands now; None where it was taken back meanwhile."""

    def __init__(self, sentence: str, record: CriterionScore | Qualification | None):
        super().__init__(sentence)
        self.record = record

    @property
    def version(self) -> int:
        return self.record.version if self.record else 0


@transaction.atomic
def judge(
    client: Client,
    criterion: str,
    *,
    score: int,
    reason: str,
    seen: Any,
    by: User,
    today: datetime.date,
) -> CriterionScore:
    """Give the client a score of 0 to 5 by a criterion of the policy in force, with the reason.

    Raises a JudgingRefused with a sentence; then nothing was stored.
    """
    _require_head(by)
    if criteria.rules().of(criterion) is None:
        raise NoSuchCriterion(
            _("There is no such criterion in the policy. Look at the criteria and choose one.")
        )
    reason = reason.strip()
    if not 0 <= score <= scoring.HIGHEST:
        raise Invalid(_("A score lies between 0 and 5."), field="score")
    if not reason:
        raise Invalid(_("Give the reason for the score."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(_("Keep the reason under 2,000 characters."), field="reason")
    _lock(client)
    standing = CriterionScore.objects.filter(client=client, criterion=criterion).first()
    if standing and (standing.score, standing.reason) == (score, reason):
        return standing
    _require_as_seen(standing, seen)
    with pghistory.context(user=by.pk):
        record = standing or CriterionScore(client=client, criterion=criterion)
        record.score, record.reason = score, reason
        record.judged_by, record.judged_on = by, today
        record.save()
    record.refresh_from_db(fields=["version"])
    return record


@transaction.atomic
def take_back(client: Client, criterion: str, *, seen: Any, by: User) -> None:
    """There is no judgement by this criterion any more; the history keeps it. Taking back twice does nothing."""
    _require_head(by)
    _lock(client)
    standing = CriterionScore.objects.filter(client=client, criterion=criterion).first()
    if standing is None:
        return
    _require_as_seen(standing, seen)
    with pghistory.context(user=by.pk):
        standing.delete()


@transaction.atomic
def qualify(
    client: Client, *, values: dict[str, Any], seen: Any, by: User, today: datetime.date
) -> Qualification:
    """Say what is known of a prospect by the three Ps (each 0 to 5 or None) and where the lead came from.

    `values`: need, ability, authority, their notes, source, source_note. Raises a JudgingRefused.
    """
    _require_head(by)
    _check(values)
    _lock(client)
    standing = Qualification.objects.filter(client=client).first()
    if standing and all(getattr(standing, name) == value for name, value in values.items()):
        return standing
    _require_as_seen(standing, seen)
    return _store(client, standing, values, by=by, today=today)


def first_lead(
    client: Client, *, source: str, source_note: str, by: User, today: datetime.date
) -> Qualification:
    """Of a prospect just entered: nothing is judged yet, but where it comes from is known."""
    values = {"source": source, "source_note": source_note.strip()}
    _check(values)
    return _store(client, None, values, by=by, today=today)


def _store(
    client: Client,
    standing: Qualification | None,
    values: dict[str, Any],
    *,
    by: User,
    today: datetime.date,
) -> Qualification:
    with pghistory.context(user=by.pk):
        record = standing or Qualification(client=client)
        for name, value in values.items():
            setattr(record, name, value)
        record.judged_by, record.judged_on = by, today
        record.save()
    record.refresh_from_db(fields=["version"])
    return record


def _check(values: dict[str, Any]) -> None:
    if values.get("source") not in LeadSource.values:
        raise Invalid(_("Say where the lead came from."), field="source")
    for name in THREE_PS:
        value = values.get(name)
        if value is not None and not 0 <= value <= scoring.HIGHEST:
            raise Invalid(_("Each of the three lies between 0 and 5."), field=name)


def _require_head(by: User) -> None:
    if not may(by, "choose_key_clients"):
        raise NotAllowed(_("Only a sales head judges clients for the selection."))


def _lock(client: Client) -> None:
    """One at a time judges a client: also two who give it its first score at the same moment."""
    Client.objects.select_for_update(no_key=True).get(pk=client.pk)


def _require_as_seen(standing: CriterionScore | Qualification | None, seen: Any) -> None:
    try:
        number = int(seen)
    except (TypeError, ValueError):
        raise VersionMissing(
            _(
                "The form did not say which judgement you were looking at, so nothing was changed. Look at it and try again."
            )
        ) from None
    if number == (standing.version if standing else 0):
        return
    if standing is None:
        raise JudgedMeanwhile(
            _(
                "Somebody else took this judgement back while you were writing. Yours is kept below."
            ),
            None,
        )
    raise JudgedMeanwhile(
        _("%(who)s judged this while you were writing. Look at both, then decide.")
        % {"who": standing.judged_by},
        standing,
    )
