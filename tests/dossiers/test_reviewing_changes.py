"""What changed since the last revision, read from the change history.

Each test commits as people's requests do: within one transaction the history has one moment only.
"""

import datetime

import pytest
from django.utils import timezone

from dossiers import changes, editing, reviewing
from dossiers.pieces import BY_KEY
from dossiers.sections import REVIEWED
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = datetime.date(2026, 11, 21)


def write(piece, dossier, by, **data):
    return editing.add(
        BY_KEY[piece], dossier=dossier, data={"certainty": "fact", **data}, by=by, today=TODAY
    )


def rewrite(piece, record, dossier, by, **data):
    record.refresh_from_db()
    data = {"certainty": "fact", "version": record.version, **data}
    return editing.change(
        BY_KEY[piece], dossier=dossier, pk=record.pk, data=data, by=by, today=TODAY
    )


def counted(found):
    return {change.piece.key: (change.added, change.changed, change.removed) for change in found}


def test_additions_changes_and_removals_are_counted_by_piece(head, kam):
    dossier = factories.dossier(kam=kam, by=head, today=TODAY)
    assert changes.between(dossier.pk) == []
    action = write("actions", dossier, kam, title="Send the sample", state="planned")
    rival = write("competitors", dossier, kam, name="The rival")
    review = reviewing.begin(dossier, by=kam, today=datetime.date(2027, 1, 15))
    assert counted(changes.in_review(review)) == {"competitors": (1, 0, 0), "actions": (1, 0, 0)}

    for section in REVIEWED:
        reviewing.go_through(
            review,
            section=section,
            seen_at=timezone.now(),
            by=kam,
            today=datetime.date(2027, 1, 16),
        )
    marks = {done.section: done.changed for done in review.sections.all()}
    assert marks == {
        "general": False, "relationship": False, "decision": False, "competitors": True, "plan": True
    }  # fmt: skip
    reviewing.submit(review, by=kam, today=datetime.date(2027, 1, 16))
    reviewing.accept(review, by=head, today=datetime.date(2027, 1, 16))
    assert counted(changes.in_review(review)) == {"competitors": (1, 0, 0), "actions": (1, 0, 0)}

    # The next quarter begins from nothing: confirming and accepting were no changes.
    following = reviewing.begin(dossier, by=kam, today=datetime.date(2027, 4, 10))
    assert changes.in_review(following) == []
    rewrite("actions", action, dossier, kam, title="Send two samples", state="planned")
    rewrite("actions", action, dossier, kam, title="Send three samples", state="planned")
    rival.refresh_from_db()
    editing.delete(
        BY_KEY["competitors"], dossier=dossier, pk=rival.pk, data={"version": rival.version}, by=kam
    )
    passing = write("objectives", dossier, kam, title="A slip of the hand", state="planned")
    editing.delete(
        BY_KEY["objectives"],
        dossier=dossier,
        pk=passing.pk,
        data={"version": passing.version},
        by=kam,
    )
    rewrite("story", dossier.relationship, dossier, kam, story="It began in 2009.")
    assert counted(changes.in_review(following)) == {
        "story": (0, 1, 0), "competitors": (0, 0, 1), "actions": (0, 1, 0)
    }  # fmt: skip


def test_another_dossier_s_changes_do_not_count(head, kam, other_kam):
    mine = factories.dossier(kam=kam, by=head, today=TODAY)
    others = factories.dossier(kam=other_kam, by=head, today=TODAY)
    write("actions", others, other_kam, title="Send the sample", state="planned")
    assert changes.between(mine.pk) == []
