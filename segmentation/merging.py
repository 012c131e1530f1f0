"""Two clients become one, and nothing is lost on the way; `splitting` takes it apart again.

Everything that points to the merged client points to the kept one afterwards: sales, numbers of the ledger,
decisions, closed dossiers, losses, whatever a floor above may add. Three things stay with the merged
client's row, which goes on existing as a signpost: segments of past runs, which are frozen results;
rows that the kept client has already, where there can be one only (they are named); and the history.
The monthly rollup is computed anew for both, and the kept client's rhythm of purchases is found again.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pghistory
from django.db import IntegrityError, OperationalError, connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import may
from accounts.models import Assignment, Client, User
from accounts.models.client import Stage
from segmentation import jobs, rollup, selecting, slipping
from segmentation.models import (
    ClientMerge,
    DoubtfulMatch,
    LedgerNumber,
    MonthlySales,
    MovedLine,
    Rhythm,
    SalesLine,
    Segment,
)
from segmentation.models.matching import DoubtState, MatchedBy

# How long a person waits for an import that is storing sales at this moment.
PATIENCE = "20s"
FILLED = ("external_id", "tax_id", "country", "city", "industry", "channel", "kam_in_ledger")
# Not moved as the others are: sales by SQL, their months computed, results frozen, merges a record of their day.
APART = (SalesLine, MonthlySales, Rhythm, Segment, ClientMerge)
# A client may be merged into one of its own stage or of a later one.
RANK = {Stage.LOST: 0, Stage.PROSPECT: 0, Stage.REGULAR: 0, Stage.CANDIDATE: 1, Stage.KEY: 2}


class MergeRefused(Exception):
    """The merge cannot be; the text is a sentence for the person who asked."""


class NotAllowed(MergeRefused):
    pass


class SameClient(MergeRefused):
    pass


class AlreadyMerged(MergeRefused):
    pass


class BothHeld(MergeRefused):
    pass


class OtherWayRound(MergeRefused):
    """It can be, with the two changing places."""


class ImportIsStoring(MergeRefused):
    pass


@dataclass(frozen=True)
class Moving:
    """What a merge would move, for people: how many of what."""

    label: str
    count: int


# ── Before ───────────────────────────────────────────────────────────────────────────────────


def require_may(by: User) -> None:
    if not may(by, "match_clients"):
        raise NotAllowed(_("Only analysts and sales heads merge clients."))


def check(kept: Client, merged: Client, *, by: User) -> None:
    """Raises a MergeRefused with a sentence where the two cannot be merged so."""
    require_may(by)
    names = {"kept": kept, "merged": merged}
    if kept.pk == merged.pk:
        raise SameClient(_("Choose two different clients."))
    for client in (kept, merged):
        if client.merged_into_id:
            raise AlreadyMerged(
                _("%(client)s was merged into %(into)s already. Look again.")
                % {"client": client, "into": client.merged_into}
            )
    if _is_held(kept) and _is_held(merged):
        raise BothHeld(
            _(
                "%(kept)s and %(merged)s are both key clients, each with a dossier of its own. "
                "A sales head has to release one of them first; then they can be merged."
            )
            % names
        )
    if _is_held(merged) or RANK[Stage(merged.stage)] > RANK[Stage(kept.stage)]:
        raise OtherWayRound(
            _(
                "%(merged)s is at the stage “%(stage)s”, which would be lost. "
                "Merge the other way round: keep %(merged)s, and merge %(kept)s into it."
            )
            % {**names, "stage": merged.get_stage_display()}
        )


def _is_held(client: Client) -> bool:
    return client.is_key or Assignment.objects.open().filter(client=client).exists()


def preview(merged: Client) -> list[Moving]:
    """How many of what would move, the sales first; what there is none of is left out."""
    lines = SalesLine.objects.filter(client=merged)
    found = [
        Moving(_("documents"), lines.values("document").distinct().count()),
        Moving(_("sales lines"), lines.count()),
    ]
    found += [
        Moving(
            str(field.model._meta.verbose_name_plural),
            field.model._base_manager.filter(**{field.name: merged}).count(),
        )
        for field in pointing()
        if field.model is not DoubtfulMatch
    ]
    return [moving for moving in found if moving.count]


# ── The merge ────────────────────────────────────────────────────────────────────────────────


def merge(
    kept: Client, merged: Client, *, by: User, today: datetime.date, reason: str = ""
) -> ClientMerge:
    """Make the two one client, `kept`. Both passed in are brought up to date.

    One transaction, under the lock that imports store under: sales that come in at this moment wait, or
    are waited for. Raises a MergeRefused with a sentence; then nothing has changed.
    """
    require_may(by)
    with transaction.atomic(), pghistory.context(user=by.pk):
        wait_for_imports()
        locked = lock(kept.pk, merged.pk)
        kept_row, merged_row = locked[kept.pk], locked[merged.pk]
        check(kept_row, merged_row, by=by)
        row = ClientMerge.objects.create(
            kept=kept_row, merged=merged_row, reason=reason.strip(), merged_by=by
        )
        DoubtfulMatch.objects.open().between(kept_row, merged_row).update(
            state=DoubtState.SAME, decided_by=by, decided_at=timezone.now()
        )
        row.moved = {
            **_move_sales(row),
            **_move_rows(kept_row, merged_row),
            **_hand_over(kept_row, merged_row, by=by, today=today),
        }
        row.save(update_fields=["moved"])
        slipping.look_within(today=today, clients=[kept_row.pk])
    for passed in (kept, merged):
        passed.refresh_from_db()
    return row


def wait_for_imports() -> None:
    """Hold off imports, and looks for slipping clients, until this transaction ends.

    Both before any client is locked: a look holds rhythms while it waits for their clients. Raises
    ImportIsStoring where one takes too long.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
            for held in ("sales", "slipping"):
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key(held)])
            cursor.execute("SET LOCAL lock_timeout = DEFAULT")
    except OperationalError as busy:
        raise ImportIsStoring(
            _("An import is storing sales at this moment. Try again in a minute.")
        ) from busy


def lock(*clients: int) -> dict[int, Client]:
    """In the order of their keys, so that two who merge the same clients wait for each other."""
    rows = Client.objects.select_for_update(of=("self",)).filter(pk__in=clients).order_by("pk")
    return {client.pk: client for client in rows}


def _move_sales(row: ClientMerge) -> dict[str, Any]:
    """The lines, with a note of each; both clients' months are added up anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segmentation_movedline (merge_id, document_id, line_no, sold_on)
            SELECT %s, document_id, line_no, sold_on FROM segmentation_salesline WHERE client_id = %s
            """,
            [row.pk, row.merged_id],
        )
        lines = cursor.rowcount
        rollup.prepare(cursor)
        touch(cursor, row.merged_id, row.kept_id)
        cursor.execute(
            "UPDATE segmentation_salesline SET client_id = %s WHERE client_id = %s",
            [row.kept_id, row.merged_id],
        )
        rollup.bring_up_to_date(cursor)
        cursor.execute(
            "UPDATE segmentation_replacedline SET client_id = %s WHERE client_id = %s RETURNING id",
            [row.kept_id, row.merged_id],
        )
        replaced = [pk for (pk,) in cursor.fetchall()]
    documents = MovedLine.objects.filter(merge=row).values("document_id").distinct().count()
    return {
        "lines": lines,
        "documents": documents,
        "replaced_lines": replaced,
        "lines_of_kept": SalesLine.objects.filter(client=row.kept_id).count(),
    }


def touch(cursor, *clients: int) -> None:
    """Of all these clients, the months in which any of them bought are to be added up anew."""
    cursor.execute(
        """
        INSERT INTO touched
        SELECT DISTINCT c.id, m.month, m.currency
        FROM segmentation_monthlysales m, unnest(%s::bigint[]) AS c(id) WHERE m.client_id = ANY(%s::bigint[])
        """,
        [list(clients), list(clients)],
    )


# ── Everything that points to a client ───────────────────────────────────────────────────────


def pointing() -> Iterator[models.ForeignKey]:
    """The fields of all models, of floors above too, whose rows move with a client.

    What is kept by triggers (history, search) says so by doing nothing when a client is deleted.
    """
    for relation in Client._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, models.ManyToOneRel)
            and relation.on_delete is not models.DO_NOTHING
            and not issubclass(relation.related_model, APART)
        ):
            yield relation.field


def key_of(field: models.ForeignKey) -> str:
    return f"{field.model._meta.label}.{field.name}"


def _move_rows(kept: Client, merged: Client) -> dict[str, Any]:
    moved, stayed = {}, {}
    Rhythm.objects.filter(client=merged).delete()
    for field in pointing():
        rows = field.model._base_manager.filter(**{field.name: merged})
        there = list(rows.order_by("pk").values_list("pk", flat=True))
        done = move(field, there, to=kept)
        if done:
            moved[key_of(field)] = done
        if left := sorted(set(there) - set(done)):
            stayed[key_of(field)] = left
    return {"rows": moved, "stayed": stayed}


def move(field: models.ForeignKey, ids: list[int], *, to: Client) -> list[int]:
    """Point the rows to the client; returns the ids of those that could be."""
    rows = field.model._base_manager.filter(pk__in=ids)
    try:
        with transaction.atomic():
            rows.update(**{field.name: to})
            return ids
    except IntegrityError:
        # There can be one only of some of them: each for itself.
        return [pk for pk in ids if _move_one(rows.filter(pk=pk), field, to)]


def _move_one(row: models.QuerySet, field: models.ForeignKey, to: Client) -> bool:
    try:
        with transaction.atomic():
            row.update(**{field.name: to})
    except IntegrityError:
        return False
    return True


def _hand_over(kept: Client, merged: Client, *, by: User, today: datetime.date) -> dict[str, Any]:
    """Number, master data and stage; the merged row becomes the signpost."""
    numbers = []
    if merged.external_id:
        row, new = LedgerNumber.objects.get_or_create(
            number=merged.external_id,
            defaults={"client": kept, "matched_by": MatchedBy.MERGED},
        )
        numbers = [row.pk] if new else []
    filled = {
        name: getattr(merged, name)
        for name in FILLED
        if getattr(merged, name) and not getattr(kept, name)
    }
    stages = {"kept": kept.stage, "merged": merged.stage}
    if "external_id" in filled:
        merged.external_id = None
    merged.stage = Stage.LOST if merged.stage == Stage.LOST else Stage.REGULAR
    merged.merged_into = kept
    merged.save(update_fields=["external_id", "stage", "merged_into"])
    for name, value in filled.items():
        setattr(kept, name, value)
    if stages["merged"] == Stage.REGULAR and kept.stage in (Stage.PROSPECT, Stage.LOST):
        kept.stage = Stage.REGULAR
        selecting.record(
            kept,
            from_stage=stages["kept"],
            to_stage=kept.stage,
            reason=_("Merged with %(client)s, which buys.") % {"client": merged},
            by=by,
            today=today,
        )
    kept.save(update_fields=[*filled, "stage"])
    return {"filled": filled, "stages": stages, "stage_after": kept.stage, "new_numbers": numbers}


# ── Doubts ───────────────────────────────────────────────────────────────────────────────────


def which_way(one: Client, other: Client) -> tuple[Client, Client]:
    """(kept, merged): the first one is kept, unless the second is further on its way to being a key client."""
    if RANK[Stage(other.stage)] > RANK[Stage(one.stage)]:
        return other, one
    return one, other


def decide(
    doubt: DoubtfulMatch, *, same: bool, by: User, today: datetime.date
) -> ClientMerge | None:
    """Answer a doubt: the same client, then the two are merged and the merge is returned; or two clients.

    Answered twice alike changes nothing. Raises a MergeRefused with a sentence; then nothing has changed.
    """
    require_may(by)
    if same:
        kept, merged = which_way(doubt.candidate, doubt.client)
        return merge(
            kept, merged, by=by, today=today, reason=_("Found to be the same client on import.")
        )
    with transaction.atomic(), pghistory.context(user=by.pk):
        rows = DoubtfulMatch.objects.select_for_update().between(doubt.client, doubt.candidate)
        if any(row.state == DoubtState.SAME for row in rows):
            raise AlreadyMerged(
                _("%(client)s and %(other)s were merged meanwhile.")
                % {"client": doubt.client, "other": doubt.candidate}
            )
        rows.filter(state=DoubtState.OPEN).update(
            state=DoubtState.DIFFERENT, decided_by=by, decided_at=timezone.now()
        )
    return None
