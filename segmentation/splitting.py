"""A merge taken apart again: what moved goes back, as long as nothing was done since that hides whose it is.

Sales lines do not know their number in the ledger, so those that moved were written down (`MovedLine`). Once
sales of the kept client were imported or taken back, or it was merged again, or rose or fell in its stage, nobody
can tell any more what belongs to whom, and splitting refuses with the reason.
"""

from typing import Any

import pghistory
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Client, User
from segmentation import rollup, slipping
from segmentation.merging import lock, move, require_may, touch, wait_for_imports
from segmentation.models import (
    ClientMerge,
    DoubtfulMatch,
    LedgerNumber,
    MovedLine,
    SalesImport,
    SalesLine,
)
from segmentation.models.matching import DoubtState


class SplitRefused(Exception):
    """The merge stays; the text is a sentence for the person who asked."""


class SplitAlready(SplitRefused):
    pass


class DoneSince(SplitRefused):
    pass


def split(merge: ClientMerge, *, by: User) -> ClientMerge:
    """Make the two clients of a merge two again. The row passed in is brought up to date.

    One transaction, under the lock of imports. Raises a SplitRefused, a merging.NotAllowed or a
    merging.ImportIsStoring with a sentence; then nothing has changed.
    """
    require_may(by)
    with transaction.atomic(), pghistory.context(user=by.pk):
        wait_for_imports()
        row = ClientMerge.objects.select_for_update().get(pk=merge.pk)
        locked = lock(row.kept_id, row.merged_id)
        kept, merged = locked[row.kept_id], locked[row.merged_id]
        _check(row, kept, merged)
        _lines_back(row)
        try:
            with transaction.atomic():
                _rows_back(row, kept, merged)
                _hand_back(row, kept, merged)
        except IntegrityError as refusal:
            raise DoneSince(
                _(
                    "Something was entered since for which there is room only once. Nothing was done."
                )
            ) from refusal
        DoubtfulMatch.objects.between(kept, merged).update(
            state=DoubtState.DIFFERENT, decided_by=by, decided_at=timezone.now()
        )
        row.split_at, row.split_by = timezone.now(), by
        row.save(update_fields=["split_at", "split_by"])
        slipping.look_within(today=timezone.localdate(), clients=[kept.pk, merged.pk])
    merge.refresh_from_db()
    return merge


def _check(row: ClientMerge, kept: Client, merged: Client) -> None:
    names = {"kept": kept, "merged": merged}
    if row.split_at:
        raise SplitAlready(_("This merge was taken apart already."))
    later = ClientMerge.objects.filter(kept=kept, pk__gt=row.pk, split_at__isnull=True).first()
    if merged.merged_into_id != kept.pk or kept.merged_into_id or later:
        raise DoneSince(
            _("%(kept)s was merged with another client since. Take the later merge apart first.")
            % names
        )
    if kept.stage != row.moved["stage_after"]:
        raise DoneSince(
            _(
                "%(kept)s is at another stage by now (%(stage)s). Nobody can tell any more which of the two it "
                "would be."
            )
            % {**names, "stage": kept.get_stage_display()}
        )
    if _sales_changed(row):
        raise DoneSince(
            _(
                "Sales of %(kept)s were imported or taken back since, and lines do not tell for which of the two. "
                "The merge stays."
            )
            % names
        )


def _sales_changed(row: ClientMerge) -> bool:
    lines = SalesLine.objects.filter(client=row.kept_id)
    if lines.count() != row.moved["lines_of_kept"]:
        return True
    if SalesImport.objects.filter(undone_at__gt=row.merged_at).exists():
        return True
    if lines.filter(document__sales_import__finished_at__gt=row.merged_at).exists():
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_MOVED}", [row.pk, row.kept_id])
        return cursor.fetchone()[0] != row.moved["lines"]


_MOVED = """
    FROM segmentation_movedline m JOIN segmentation_salesline l
      ON l.document_id = m.document_id AND l.line_no = m.line_no AND l.sold_on = m.sold_on
    WHERE m.merge_id = %s AND l.client_id = %s
"""


def _lines_back(row: ClientMerge) -> None:
    with connection.cursor() as cursor:
        rollup.prepare(cursor)
        touch(cursor, row.kept_id, row.merged_id)
        cursor.execute(
            """
            UPDATE segmentation_salesline l SET client_id = %s
            FROM segmentation_movedline m
            WHERE m.merge_id = %s AND l.client_id = %s
              AND l.document_id = m.document_id AND l.line_no = m.line_no AND l.sold_on = m.sold_on
            """,
            [row.merged_id, row.pk, row.kept_id],
        )
        rollup.bring_up_to_date(cursor)
        cursor.execute(
            "UPDATE segmentation_replacedline SET client_id = %s WHERE client_id = %s AND id = ANY(%s::bigint[])",
            [row.merged_id, row.kept_id, row.moved["replaced_lines"]],
        )
    MovedLine.objects.filter(merge=row).delete()


def _rows_back(row: ClientMerge, kept: Client, merged: Client) -> None:
    for key, ids in row.moved["rows"].items():
        field = _field(key)
        if field is None:
            continue
        there = field.model._base_manager.filter(pk__in=ids, **{field.name: kept})
        wanted = list(there.values_list("pk", flat=True))
        if set(move(field, wanted, to=merged)) != set(wanted):
            raise IntegrityError(key)
    LedgerNumber.objects.filter(pk__in=row.moved["new_numbers"], client=kept).update(client=merged)


def _field(key: str) -> Any:
    """The field that a key of `moved` names; None where a later version knows it no more."""
    label, _point, name = key.rpartition(".")
    try:
        return apps.get_model(label)._meta.get_field(name)
    except (LookupError, FieldDoesNotExist):
        return None


def _hand_back(row: ClientMerge, kept: Client, merged: Client) -> None:
    """What somebody changed on the kept client since stays there as it is."""
    filled, stages = row.moved["filled"], row.moved["stages"]
    for name, value in filled.items():
        if getattr(kept, name) == value:
            setattr(kept, name, None if name == "external_id" else "")
    if kept.external_id is None and "external_id" in filled:
        merged.external_id = filled["external_id"]
    kept.stage, merged.stage, merged.merged_into = stages["kept"], stages["merged"], None
    kept.save(update_fields=[*filled, "stage"])
    merged.save(update_fields=["external_id", "stage", "merged_into"])
