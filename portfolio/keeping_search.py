"""Which texts can be found, and the triggers that keep their search lines in step.

The table of pieces (`dossiers.pieces`) tells what there is to be found. After every `migrate` the triggers
are compared with it: a new piece or field is searched from then on, and what stands there already is taken
in. The functions that the triggers call are made by migration 0002.
"""

import hashlib
import json
from dataclasses import dataclass

from django.db import connections, models, transaction
from django.db.models.fields.files import FileField

from accounts.models import Client, User
from dossiers.models import Attachment, Dossier, Stakeholder, TimelineEntry
from dossiers.models.record import TagsField
from dossiers.pieces import PIECES, Piece
from portfolio.models import ON_CARD, Kind, SearchLine

PREFIX = "search_"
# Codes rather than words.
NOT_READ = frozenset({"currency", "media_type", "sha256"})
# Somebody not yet identified has a position only: it takes the place of the name.
NAMES = {"stakeholders": ("name", "position")}
KINDS = {Stakeholder: Kind.PERSON, TimelineEntry: Kind.NOTE, Attachment: Kind.FILE}


@dataclass(frozen=True)
class Spec:
    """What of one table is found: as the trigger's arguments say it (see `search_write`)."""

    kind: str
    piece: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    day: str
    dossier: str
    table: str

    @property
    def arguments(self) -> list[str]:
        return [
            str(self.kind),
            self.piece,
            ",".join(self.titles),
            ",".join(self.texts),
            self.day,
            self.dossier,
        ]

    @property
    def trigger(self) -> str:
        return PREFIX + self.piece.replace("-", "_")

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps([self.arguments, self.table]).encode()).hexdigest()[:16]


def _is_text(field: models.Field) -> bool:
    if isinstance(field, TagsField):
        return True
    return (
        isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, FileField)
        and not field.choices
        and field.name not in NOT_READ
    )


def spec_of(piece: Piece) -> Spec | None:
    """What of the piece's records is found; None where they hold numbers and choices only."""
    columns = [piece.model._meta.get_field(name) for name in piece.fields]
    texts = [field for field in columns if _is_text(field)]
    named = NAMES.get(piece.key) or tuple(
        field.name
        for field in texts
        if isinstance(field, models.CharField) and not field.blank and not piece.is_sheet
    )
    day = next((field.name for field in columns if type(field) is models.DateField), "")
    return Spec(
        kind=KINDS.get(piece.model, Kind.TEXT),
        piece=piece.key,
        titles=named,
        texts=(
            *(field.name for field in texts if field.name not in named),
            *(("source",) if _says_the_source(piece) else ()),
        ),
        day=day if piece.model is not Stakeholder and not _may_be_empty(piece, day) else "",
        dossier="id" if piece.model is Dossier else "dossier_id",
        table=piece.model._meta.db_table,
    )


def _says_the_source(piece: Piece) -> bool:
    """Where several pieces show one sheet, its source is found with the first of them.

    Never with what every colleague reads on the client card: the source does not stand there.
    """
    of_model = (other for other in PIECES if other.model is piece.model and other.key != ON_CARD)
    return next(of_model) is piece


def _may_be_empty(piece: Piece, day: str) -> bool:
    return bool(day) and piece.model._meta.get_field(day).null


def specs() -> list[Spec]:
    """Everything that can be found: clients, our people, and each piece of a dossier."""
    clients = Spec(
        Kind.CLIENT,
        "client",
        ("name",),
        ("external_id", "tax_id", "city", "country", "industry", "channel"),
        "",
        "",
        Client._meta.db_table,
    )
    ours = Spec(
        Kind.USER, "user", ("name",), ("email", "position", "phone"), "", "", User._meta.db_table
    )
    return [clients, ours, *(found for piece in PIECES if (found := spec_of(piece)))]


# ── Triggers ─────────────────────────────────────────────────────────────────────────────────


def keep_in_step(*, using: str = "default") -> list[str]:
    """Make the triggers that lack or have changed, and take in what stands in their tables. Returns their pieces."""
    connection = connections[using]
    with connection.cursor() as cursor:
        # In the middle of a row of migrations, forwards or backwards, there may be nothing to keep yet.
        cursor.execute("SELECT to_regproc('search_keep') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return []
        there = _triggers(cursor)
        tables = set(connection.introspection.table_names(cursor))
    wanted = {spec.trigger: spec for spec in specs() if spec.table in tables}
    changed = [
        spec for name, spec in wanted.items() if there.get(name) != (spec.table, spec.digest)
    ]
    gone = {name: table for name, (table, _digest) in there.items() if name not in wanted}
    if not changed and not gone:
        return []
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for name, table in gone.items():
            cursor.execute(f'DROP TRIGGER "{name}" ON "{table}"')
        for spec in changed:
            _make_trigger(cursor, spec)
            _fill(cursor, spec)
        _forget_others(using)
    return [spec.piece for spec in changed]


def rebuild(*, using: str = "default") -> int:
    """All lines anew, in one transaction; people go on finding the old ones until it ends. Returns how many."""
    lines = SearchLine.objects.using(using)
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        lines.all().delete()
        for spec in specs():
            _make_trigger(cursor, spec)
            _fill(cursor, spec)
        _forget_others(using)
    with connections[using].cursor() as cursor:
        cursor.execute("ANALYZE portfolio_searchline")
    return lines.count()


def _triggers(cursor) -> dict[str, tuple[str, str]]:
    """{name: (table, digest of what it was made from)} of the triggers that keep search lines."""
    cursor.execute(
        "SELECT tgname, tgrelid::regclass::text, coalesce(obj_description(oid, 'pg_trigger'), '')"
        " FROM pg_trigger WHERE tgfoid = to_regproc('search_keep')"
    )
    return {name: (table, digest) for name, table, digest in cursor.fetchall()}


def _make_trigger(cursor, spec: Spec) -> None:
    # No column is named outside the arguments: a migration that changes one would stumble over the trigger.
    arguments = ", ".join("'" + argument.replace("'", "''") + "'" for argument in spec.arguments)
    cursor.execute(
        f'CREATE OR REPLACE TRIGGER "{spec.trigger}" AFTER INSERT OR UPDATE OR DELETE'
        f' ON "{spec.table}" FOR EACH ROW EXECUTE FUNCTION search_keep({arguments})'
    )
    cursor.execute(f'COMMENT ON TRIGGER "{spec.trigger}" ON "{spec.table}" IS \'{spec.digest}\'')


def _fill(cursor, spec: Spec) -> None:
    cursor.execute(
        f'SELECT count(search_write(%s, to_jsonb(kept))) FROM "{spec.table}" AS kept',
        [spec.arguments],
    )


def _forget_others(using: str) -> None:
    """Lines of pieces that there are no longer."""
    known = [spec.piece for spec in specs()]
    SearchLine.objects.using(using).exclude(piece__in=known).delete()


def after_migrate(*, using: str = "default", **_kwargs) -> None:
    """Receiver of `post_migrate`."""
    keep_in_step(using=using)
