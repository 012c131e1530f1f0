"""Undoing an import: what it brought goes, what it replaced comes back as it stood.

Each import keeps the documents that it is about to write over (storing.keep_replaced). Going back is
one transaction under the lock of the imports: a process killed half-way has changed nothing.
"""

import datetime
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection, transaction
from django.db.models import ManyToOneRel, OneToOneRel, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import may
from accounts.models import Client, User
from accounts.models.client import Stage
from segmentation import jobs, rollup, storing
from segmentation.models import JobState, SalesImport
from segmentation.models.matching import LedgerNumber
from segmentation.models.sales import ReplacedDocument

NAMED = 20


class UndoRefused(Exception):
    """The import cannot be undone; the text is a sentence for the person who asked."""


@dataclass(frozen=True)
class Undone:
    """What went and came back, in documents and clients; `kept` are clients that somebody has used since."""

    removed_documents: int = 0
    restored_documents: int = 0
    removed_clients: int = 0
    kept: list[str] = field(default_factory=list)


def undo(job: SalesImport, *, by: User | None, today: datetime.date) -> Undone:
    """Take an import back. Raises UndoRefused; then nothing has changed. `by` None is the command line."""
    if by is not None and not may(by, "import_sales"):
        raise UndoRefused(_("Only an analyst undoes an import. Ask one."))
    with jobs.session_lock(jobs.lock_key("sales")) as ours:
        if not ours:
            raise UndoRefused(
                _("Another import is being stored at this moment. Try again after it.")
            )
        with transaction.atomic(), connection.cursor() as cursor:
            job = SalesImport.objects.select_for_update().get(pk=job.pk)
            _refuse_what_cannot_be(job, today)
            storing.plan_well(cursor)
            undone = _take_back(cursor, job)
            job.undone_at, job.undone_by = timezone.now(), by
            job.note(_in_words(undone))
            job.save()
    return undone


def _refuse_what_cannot_be(job: SalesImport, today: datetime.date) -> None:
    if job.undone_at:
        raise UndoRefused(_("This import has been undone already; nothing more was changed."))
    if job.state != JobState.SUCCEEDED:
        raise UndoRefused(_("This import has stored nothing that could be undone."))
    if is_too_late(job, today):
        raise UndoRefused(
            _(
                "It is too late: what an import replaced is kept for %(days)d days. Import a corrected file instead."
            )
            % {"days": settings.KAM_KEEP_REPLACED}
        )
    replaced = ReplacedDocument.objects.filter(sales_import=job).exclude(_was_new())
    if replaced.count() != job.replaced_documents:
        raise UndoRefused(
            _(
                "What this import replaced was not kept, so it cannot come back. Import a corrected file instead."
            )
        )
    later = later_import(job)
    if later:
        raise UndoRefused(
            _(
                "Import %(number)d (%(file)s) has changed documents of this one since. Undo import %(number)d first."
            )
            % {"number": later.pk, "file": later.original_name}
        )


def is_too_late(job: SalesImport, today: datetime.date) -> bool:
    """Whether what the import replaced may have been swept."""
    ended = timezone.localdate(job.finished_at) if job.finished_at else datetime.date.min
    return (today - ended).days > settings.KAM_KEEP_REPLACED


def later_import(job: SalesImport) -> SalesImport | None:
    """The newest import that has written documents of this one since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(later.import_id) FROM segmentation_replaceddocument later
            WHERE later.import_id <> %(job)s AND (
                later.import_before_id = %(job)s
                OR EXISTS (SELECT FROM segmentation_replaceddocument mine
                           WHERE mine.import_id = %(job)s AND mine.document_id = later.document_id
                                 AND mine.id < later.id)
            )
            """,
            {"job": job.pk},
        )
        (number,) = cursor.fetchone()
    return SalesImport.objects.filter(pk=number).first()


def _was_new() -> Q:
    """Replaced documents that were none: a supplement created them under the import that it mends."""
    return Q(digest="", supplement_digest="")


def _take_back(cursor, job: SalesImport) -> Undone:
    rollup.prepare(cursor)
    # Their ids first: what is deleted and what comes back must not be looked up in what is changing.
    cursor.execute(
        """
        CREATE TEMP TABLE going ON COMMIT DROP AS
        SELECT d.id, r.id IS NOT NULL AND (r.digest <> '' OR r.supplement_digest <> '') AS comes_back
        FROM segmentation_salesdocument d
        LEFT JOIN segmentation_replaceddocument r ON r.document_id = d.id AND r.import_id = %(job)s
        WHERE d.import_id = %(job)s OR r.id IS NOT NULL
        """,
        {"job": job.pk},
    )
    cursor.execute("ANALYZE going")
    rollup.touch_documents(cursor, "SELECT id FROM going")
    cursor.execute("DELETE FROM segmentation_salesline WHERE document_id IN (SELECT id FROM going)")
    _bring_back(cursor, job)
    cursor.execute(
        "DELETE FROM segmentation_salesdocument WHERE id IN (SELECT id FROM going WHERE NOT comes_back)"
    )
    rollup.touch_documents(cursor, "SELECT id FROM going WHERE comes_back")
    rollup.recompute_touched(cursor)
    cursor.execute(
        "SELECT count(*) FILTER (WHERE NOT comes_back), count(*) FILTER (WHERE comes_back) FROM going"
    )
    removed, restored = cursor.fetchone()
    forget_replaced(cursor, [job.pk])
    cursor.execute("DROP TABLE going")
    # Their rhythms go with them: a look that is under way ends first, so that neither waits for the other's rows.
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [jobs.lock_key("slipping")])
    clients, kept = _take_clients_away(cursor, job)
    return Undone(removed, restored, clients, kept)


def _bring_back(cursor, job: SalesImport) -> None:
    """Replaced documents and their lines; a client merged since gets them under the one that was kept."""
    columns = storing.LINE_COLUMNS
    picked = ", ".join(
        "coalesce(kept.client_id, l.client_id)" if name == "client_id" else f"l.{name}"
        for name in columns.split(", ")
    )
    cursor.execute(
        f"""
        WITH RECURSIVE chain AS (
            SELECT c.id AS start, c.merged_into_id AS client_id FROM accounts_client c WHERE c.merged_into_id IS NOT NULL
            UNION
            SELECT chain.start, c.merged_into_id FROM chain
            JOIN accounts_client c ON c.id = chain.client_id WHERE c.merged_into_id IS NOT NULL
        ), kept AS (
            SELECT chain.start, chain.client_id FROM chain
            JOIN accounts_client c ON c.id = chain.client_id WHERE c.merged_into_id IS NULL
        )
        INSERT INTO segmentation_salesline ({columns})
        SELECT {picked} FROM segmentation_replacedline l LEFT JOIN kept ON kept.start = l.client_id
        WHERE l.import_id = %s
        """,
        [job.pk],
    )
    cursor.execute(
        """
        UPDATE segmentation_salesdocument d
        SET digest = r.digest, supplement_digest = r.supplement_digest, spans_months = r.spans_months,
            import_id = r.import_before_id
        FROM segmentation_replaceddocument r
        WHERE r.document_id = d.id AND r.import_id = %s AND (r.digest <> '' OR r.supplement_digest <> '')
        """,
        [job.pk],
    )


def forget_replaced(cursor, imports: list[int]) -> None:
    """What these imports replaced is not needed any more."""
    for table in ("segmentation_replacedline", "segmentation_replaceddocument"):
        cursor.execute(f"DELETE FROM {table} WHERE import_id = ANY(%s)", [imports])


# ── Clients that the import created ──────────────────────────────────────────────────────────


def _take_clients_away(cursor, job: SalesImport) -> tuple[int, list[str]]:
    """Created by the import, without sales and unused since: they go. (how many went, names of those that stay)."""
    numbers = LedgerNumber.objects.filter(sales_import=job)
    mine = list(
        Client.objects.filter(ledger_numbers__in=numbers).distinct().values_list("pk", flat=True)
    )
    if not mine:
        return 0, []
    used = _used(cursor, mine, job)
    unused = [pk for pk in mine if pk not in used]
    # A number that this import brought for a client of before goes too, where no sales stand behind it.
    cursor.execute(
        """
        DELETE FROM segmentation_ledgernumber n WHERE n.import_id = %s AND n.client_id = ANY(%s)
        """.replace("n.import_id", _column(LedgerNumber, "sales_import", "n")),
        [job.pk, unused],
    )
    Client.objects.filter(pk__in=unused).delete()
    names = Client.objects.filter(pk__in=used).by_name().values_list("name", flat=True)
    return len(unused), list(names)


def _column(model, name: str, alias: str) -> str:
    return f"{alias}.{model._meta.get_field(name).column}"


def _used(cursor, clients: list[int], job: SalesImport) -> set[int]:
    """Those that something refers to, or that are no longer as the import made them."""
    created_here = LedgerNumber.objects.filter(sales_import=job, matched_by="created").values(
        "client"
    )
    used = set(
        Client.objects.filter(pk__in=clients)
        .exclude(pk__in=created_here, stage=Stage.REGULAR, merged_into__isnull=True)
        .values_list("pk", flat=True)
    )
    # Hidden ones too: those without a name on the client's side, and the tables between many and many.
    for relation in Client._meta.get_fields(include_hidden=True):
        if not isinstance(relation, (ManyToOneRel, OneToOneRel)):
            continue
        model, column = relation.related_model, relation.field.column
        if _goes_along(model):
            continue
        own = (
            f" AND {_column(model, 'sales_import', 't')} IS DISTINCT FROM %s"
            if model is LedgerNumber
            else ""
        )
        cursor.execute(
            f"SELECT DISTINCT t.{column} FROM {model._meta.db_table} t WHERE t.{column} = ANY(%s){own}",
            [clients, *([job.pk] if own else [])],
        )
        used.update(number for (number,) in cursor.fetchall())
    # Whatever wrote a client other than this import itself has used it.
    cursor.execute(
        """
        SELECT DISTINCT e.pgh_obj_id FROM accounts_clientevent e
        LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
        WHERE e.pgh_obj_id = ANY(%s) AND c.metadata ->> 'job' IS DISTINCT FROM %s
        """,
        [clients, f"{type(job).__name__} {job.pk}"],
    )
    used.update(number for (number,) in cursor.fetchall())
    return used


def _goes_along(model) -> bool:
    """Records that the program itself keeps of a client: history, what search finds, doubts, its rhythm."""
    kept = {"DoubtfulMatch", "SearchLine", "Rhythm", "SlippingEpisode"}
    return model.__name__.endswith("Event") or model.__name__ in kept


def _in_words(undone: Undone) -> str:
    said = [
        f"Undone: {undone.removed_documents} documents removed, {undone.restored_documents} restored,"
        f" {undone.removed_clients} clients removed."
    ]
    if undone.kept:
        said.append("Clients kept, used since: " + ", ".join(undone.kept[:NAMED]))
    return " ".join(said)


def sentence(undone: Undone) -> str:
    """What the undoing did, for the person who asked."""
    said = [
        ngettext(
            "%(count)d document was taken out.",
            "%(count)d documents were taken out.",
            undone.removed_documents,
        )
        % {"count": undone.removed_documents},
        ngettext(
            "%(count)d document came back as it stood.",
            "%(count)d documents came back as they stood.",
            undone.restored_documents,
        )
        % {"count": undone.restored_documents},
    ]
    if undone.removed_clients:
        said.append(
            ngettext(
                "%(count)d client that it had created is gone too.",
                "%(count)d clients that it had created are gone too.",
                undone.removed_clients,
            )
            % {"count": undone.removed_clients}
        )
    if undone.kept:
        named = ", ".join(undone.kept[:NAMED]) + (" …" if len(undone.kept) > NAMED else "")
        said.append(
            _("These clients stay, because they were used since: %(names)s.") % {"names": named}
        )
    return " ".join(said)


# ── What is swept ────────────────────────────────────────────────────────────────────────────


def sweep_replaced(*, today: datetime.date) -> int:
    """Forget what imports replaced that can be undone no more. How many; harmless twice."""
    before = today - datetime.timedelta(days=settings.KAM_KEEP_REPLACED)
    old = list(
        SalesImport.objects.filter(finished_at__date__lt=before)
        .filter(pk__in=ReplacedDocument.objects.values("sales_import"))
        .values_list("pk", flat=True)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        forget_replaced(cursor, old)
    return len(old)


def sweep_files(*, today: datetime.date) -> int:
    """Delete uploaded files of imports that ended long ago; row, sha256 and rejected lines stay. How many."""
    before = today - datetime.timedelta(days=settings.KAM_KEEP_SALES_FILES)
    swept = 0
    # Uploaded and never started: nobody comes back to it after so long.
    waiting = SalesImport.objects.filter(state=JobState.UPLOADED, created_at__date__lt=before)
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            # Whoever starts it at this moment holds the row: it is his then, and stays.
            job = waiting.select_for_update(skip_locked=True).filter(pk=pk).first()
            if job is None:
                continue
            job.state, job.finished_at = JobState.CANCELLED, timezone.now()
            job.file.storage.delete(job.file.name or "")
            job.file = ""
            job.save()
        swept += 1
    for job in SalesImport.objects.filter(finished_at__date__lt=before).exclude(file=""):
        # The file first: killed in between, the next sweep finds a row whose file is gone already.
        job.file.storage.delete(job.file.name or "")
        SalesImport.objects.filter(pk=job.pk).update(file="")
        swept += 1
    return swept
