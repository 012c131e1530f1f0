"""The records of the pieces of one dossier, with whom and what they point to, in few and cheap statements.

A page shows a dozen lists. To put each statement together anew costs as much as running it, and to join the
people to each list fetches the same three of them again and again. So the statements are kept, and what
records point to is fetched once for all lists of the page.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache

from django.db import models

from accounts.kept import Kept
from accounts.models import User
from dossiers import wallet
from dossiers.models import BudgetLine, Dossier, DossierRecord
from dossiers.pieces import Piece

# What a page shows of a person of ours.
OF_A_PERSON = ("name", "email")


def gather(
    pieces: Iterable[Piece],
    dossier: Dossier,
    *,
    latest: int | None = None,
    instead: Mapping[str, Kept] | None = None,
    people: Iterable[User | None] = (),
) -> dict[str, list[DossierRecord]]:
    """{key of the piece: its records in their order}.

    One statement for each model, one for the people and one for each model pointed to that is not among
    the pieces. `latest`: no more than so many entries of the timeline. `instead`: for some pieces, a
    query of fewer records. `people`: who was fetched already.
    """
    wanted = list(pieces)
    found: dict[type[models.Model], list] = {User: [person for person in people if person]}
    for piece in wanted:
        if piece.model is Dossier:
            found[Dossier] = [dossier]
        elif piece.model not in found:
            kept = (instead or {}).get(piece.key) or _all_of(
                piece.model, latest if piece.shape == "timeline" else None
            )
            found[piece.model] = kept.rows(dossier.pk)
    lost = attach(
        [(field, found[piece.model]) for piece in wanted for field in relations(piece)], found
    )
    if lost:
        for model in {piece.model for piece in wanted}:
            found[model] = [record for record in found[model] if record not in lost]
    return {piece.key: found[piece.model] for piece in wanted}


def one(
    piece: Piece, dossier: Dossier, *, keys: Sequence[int] | None = None
) -> list[DossierRecord]:
    """The records of one piece, in one statement; of those keys only, where they are given."""
    if keys is None:
        return _whole(piece).rows(dossier.pk)
    return list(_with_people(piece, dossier.pk).filter(pk__in=keys))


@cache
def _whole(piece: Piece) -> Kept:
    return Kept(lambda dossier: _with_people(piece, dossier))


def _with_people(piece: Piece, dossier: int) -> models.QuerySet:
    """The records of the piece with what they point to, in one statement."""
    if piece.model is Dossier:
        records = Dossier.objects.filter(pk=dossier)
    else:
        records = _told(piece.model).filter(dossier=dossier)
    followed = relations(piece)
    unseen = [
        f"{field.name}__{column.name}"
        for field in followed
        if field.related_model is User
        for column in User._meta.concrete_fields
        if column.name not in (*OF_A_PERSON, "id")
    ]
    return records.select_related(*(field.name for field in followed)).defer(*unseen)


@cache
def _all_of(model: type[DossierRecord], limit: int | None) -> Kept:
    return Kept(lambda dossier: _told(model).filter(dossier=dossier)[:limit])


@lru_cache(maxsize=200)
def _of_keys(model: type[models.Model], number: int) -> Kept:
    """So many records, by their keys."""

    def build(*keys: int) -> models.QuerySet:
        rows = model._default_manager.filter(pk__in=keys).order_by()
        return rows.only(*OF_A_PERSON) if model is User else rows

    return Kept(build, keys=number)


def _told(model: type[DossierRecord]) -> models.QuerySet:
    """The records of a model with what the page tells beside them, in the same statement."""
    records = model.objects.as_read()
    return wallet.with_sales(records) if model is BudgetLine else records


@cache
def relations(piece: Piece) -> tuple[models.ForeignKey, ...]:
    """What a page follows: who wrote the entry, and what its fields point to."""
    fields = (piece.model._meta.get_field(name) for name in ("updated_by", *piece.fields))
    return tuple(field for field in fields if field.is_relation)


def attach(
    pointing: Sequence[tuple[models.ForeignKey, Sequence[models.Model]]],
    found: Mapping[type[models.Model], Sequence[models.Model]] | None = None,
) -> list[models.Model]:
    """Give each record what its field points to: one statement for each model that is not among those found.

    What was deleted since the record was read is not pointed to any more, as the deletion will have left it. Returns the
    records that cannot be without it, and so went with it.
    """
    keys: dict[type[models.Model], set[int]] = {}
    for field, records in pointing:
        keys.setdefault(field.related_model, set()).update(
            getattr(record, field.attname) for record in records if not field.is_cached(record)
        )
    known = {
        model: {record.pk: record for record in (found or {}).get(model, ())} for model in keys
    }
    for model, wanted in keys.items():
        missing = wanted - {None} - known[model].keys()
        if missing:
            known[model] |= {
                record.pk: record for record in _of_keys(model, len(missing)).rows(*missing)
            }
    lost = []
    for field, records in pointing:
        of_model = known[field.related_model]
        for record in records:
            key = getattr(record, field.attname)
            if key is None or field.is_cached(record):
                continue
            if key in of_model:
                field.set_cached_value(record, of_model[key])
            elif field.null:
                setattr(record, field.attname, None)
            else:
                lost.append(record)
    return lost
