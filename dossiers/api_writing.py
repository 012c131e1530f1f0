"""Writing in a dossier by API: the same forms, the same locks and the same refusals as on its pages.

Each piece has an address of its own under its dossier. A record's ETag is its version; who changes or deletes
one says in If-Match which version he saw. Other people's changes in other fields are no obstacle; where the same
field changed, the answer is 412 with both values, and nothing was stored.
"""

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import models
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)
from rest_framework import serializers, status
from rest_framework.exceptions import (
    APIException,
    MethodNotAllowed,
    NotFound,
    PermissionDenied,
    ValidationError,
)
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import JSONParser
from rest_framework.response import Response

from accounts.api import PersonName
from dossiers import editing, merging
from dossiers.api import name_of, points_to, serializer_for
from dossiers.forms import PROVENANCE, form_for
from dossiers.models import Attachment, Dossier, DossierRecord
from dossiers.pieces import BY_KEY, PIECES, Piece

LARGEST_KEY = 2**63 - 1


class VersionNeeded(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED


class Stopped(APIException):
    """409: as things stand in the dossier, this cannot be done."""

    status_code = status.HTTP_409_CONFLICT


# ── What is sent and what is answered ────────────────────────────────────────────────────────


@cache
def fields_of(piece: Piece) -> type[serializers.ModelSerializer]:
    """What may be written in a record of the piece; a row pointed to is named by its id."""
    names = (*piece.fields, *PROVENANCE)
    rows = {
        name: serializers.IntegerField(
            min_value=1,
            max_value=LARGEST_KEY,
            required=not (field.null or field.blank),
            allow_null=field.null,
            help_text=gettext_lazy("Its id."),
        )
        for name in names
        if (field := piece.model._meta.get_field(name)).is_relation
    }
    meta = type("Meta", (), {"model": piece.model, "fields": names, "validators": []})
    return type(
        f"{_title(piece)}Fields",
        (serializers.ModelSerializer,),
        {"Meta": meta, "__doc__": "", **rows},
    )


def _title(piece: Piece) -> str:
    return name_of(piece).title().replace("_", "")


class FieldInConflict(serializers.Serializer):
    """One field that somebody else changed since the version in If-Match."""

    field = serializers.CharField()
    yours = serializers.JSONField(help_text="What this request wanted to write.", allow_null=True)
    theirs = serializers.JSONField(help_text="What stands now.", allow_null=True)
    seen = serializers.JSONField(
        help_text="What stood at the version in If-Match; null where that version is unknown.",
        allow_null=True,
    )
    by = PersonName(allow_null=True, help_text="Who wrote what stands now.")
    at = serializers.DateTimeField(allow_null=True, help_text="And when.")


class Refused(serializers.Serializer):
    """Why nothing was stored, in a sentence."""

    detail = serializers.CharField()


class ConflictFound(Refused):
    """Nothing was stored: `version` is the one that stands now."""

    version = serializers.IntegerField()
    conflicts = FieldInConflict(many=True)


# ── Answering ────────────────────────────────────────────────────────────────────────────────


class OfPiece(GenericAPIView):
    """What the two addresses of a piece share. `described` is the piece where the API describes itself."""

    described: Piece | None = None
    parser_classes = (JSONParser,)
    filter_backends = ()
    queryset = Dossier.objects.none()

    @property
    def piece(self) -> Piece:
        if self.described:
            return self.described
        piece = BY_KEY.get(self.kwargs["piece"])
        if piece is None:
            raise Http404
        return piece

    def get_serializer_class(self):
        return serializer_for(self.piece)

    def dossier(self) -> Dossier:
        """The dossier, if the person may read it; closed ones are read only."""
        visible = Dossier.objects.visible_to(self.request.user).select_related("client")
        dossier: Dossier = get_object_or_404(visible, pk=self.kwargs["dossier_id"])
        if self.request.method not in ("GET", "HEAD", "OPTIONS") and not dossier.is_open:
            raise Stopped(
                _("This dossier is closed: it can be read, but nothing is added to it any more.")
            )
        return dossier

    def records(self, dossier: Dossier) -> models.QuerySet:
        return self.piece.records(dossier).select_related("updated_by", *points_to(self.piece))

    def sent(self, *, partial: bool) -> dict[str, Any]:
        """What was sent, each value of the type of its field. A field that there is not is refused, not passed over."""
        if not isinstance(self.request.data, dict):
            raise ValidationError({"detail": [_("Send one JSON object with the fields.")]})
        try:
            json.dumps(self.request.data, ensure_ascii=False).encode()
        except UnicodeEncodeError as refusal:
            raise ValidationError(
                {"detail": [_("There are signs in it that are no text.")]}
            ) from refusal
        wanted = fields_of(self.piece)(data=self.request.data, partial=partial)
        unknown = {
            str(name): [_("There is no such field here.")]
            for name in self.request.data
            if name not in wanted.fields
        }
        if not wanted.is_valid() or unknown:
            raise ValidationError({**unknown, **wanted.errors})
        return dict(wanted.validated_data)

    def seen(self) -> str:
        """The version in If-Match."""
        tag = self.request.headers.get("If-Match", "").strip()
        if tag in ("", "*"):
            raise VersionNeeded(
                _(
                    'Say in If-Match which version you saw: it is the ETag of the record, such as "3".'
                )
            )
        found = re.fullmatch(r'"(\d{1,9})"', tag)
        if not found:
            raise ValidationError(
                {"If-Match": [_('Name one version in quotation marks, such as "3".')]}
            )
        return found[1]

    def shown(self, record: DossierRecord, *, code: int = status.HTTP_200_OK) -> Response:
        """The record as it stands now, in the words of the API."""
        found = self.records(record if isinstance(record, Dossier) else record.dossier)
        now = found.get(pk=record.pk)
        response = Response(self.get_serializer(now).data, status=code)
        response["ETag"] = _etag(now.version)
        if code == status.HTTP_201_CREATED:
            response["Location"] = reverse(
                "api:entry", args=[self.kwargs["dossier_id"], self.piece.key, now.pk]
            )
        return response

    def handle_exception(self, exc):
        if isinstance(exc, editing.EditRefused):
            return _refusal(exc) or super().handle_exception(_as_api(exc, self.request.method))
        return super().handle_exception(exc)

    def change(self, dossier: Dossier, pk: int) -> Response:
        data = {**self.sent(partial=True), "version": self.seen()}
        record = editing.change(
            self.piece,
            dossier=dossier,
            pk=pk,
            data=data,
            by=self.request.user,
            today=timezone.localdate(),
            partial=True,
        )
        return self.shown(record)


class PieceView(OfPiece):
    """A sheet, or a list with its entries."""

    def get(self, request, *args, **kwargs):
        dossier = self.dossier()
        if self.piece.is_sheet:
            return self.shown(self.piece.records(dossier).get())
        page = self.paginate_queryset(self.records(dossier))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def post(self, request, *args, **kwargs):
        piece, dossier = self.piece, self.dossier()
        if not _grows(piece):
            raise MethodNotAllowed(request.method)
        key = request.headers.get("Idempotency-Key", "").strip()
        if len(key) > 255:
            raise ValidationError({"Idempotency-Key": [_("At most 255 characters.")]})
        empty = form_for(piece.key)(dossier=dossier)
        record = editing.add(
            piece,
            dossier=dossier,
            data=merging.completed(self.sent(partial=False), empty),
            by=request.user,
            today=timezone.localdate(),
            once=key and f"api {key}",
        )
        return self.shown(record, code=status.HTTP_201_CREATED)

    def patch(self, request, *args, **kwargs):
        dossier = self.dossier()
        if not self.piece.is_sheet:
            raise MethodNotAllowed(request.method)
        return self.change(dossier, self.piece.records(dossier).values_list("pk", flat=True).get())


class EntryView(OfPiece):
    """One entry of a list."""

    @property
    def piece(self) -> Piece:
        piece = super().piece
        if piece.is_sheet:
            raise Http404
        return piece

    def get(self, request, *args, **kwargs):
        return self.shown(get_object_or_404(self.records(self.dossier()), pk=self.kwargs["pk"]))

    def patch(self, request, *args, **kwargs):
        return self.change(self.dossier(), self.kwargs["pk"])

    def delete(self, request, *args, **kwargs):
        dossier = self.dossier()
        get_object_or_404(self.piece.records(dossier), pk=self.kwargs["pk"])
        editing.delete(
            self.piece,
            dossier=dossier,
            pk=self.kwargs["pk"],
            data={"version": self.seen()},
            by=request.user,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


def _etag(version: int) -> str:
    return f'"{version}"'


def _grows(piece: Piece) -> bool:
    """Whether entries are added by naming their fields; an attachment begins with its file, on the page."""
    return not piece.is_sheet and piece.model is not Attachment


def _refusal(refusal: editing.EditRefused) -> Response | None:
    """412 with what stands now, for whoever did not know it."""
    stale = (editing.EditConflict, editing.ChangedMeanwhile, editing.VersionMissing)
    if not isinstance(refusal, stale) or refusal.record is None:
        return None
    body = {
        "detail": str(refusal),
        "version": refusal.record.version,
        "conflicts": [
            {
                "field": conflict.name,
                "yours": _plain(conflict.values[2]),
                "theirs": _plain(conflict.values[1]),
                "seen": _plain(conflict.values[0]),
                "by": conflict.by and {"id": conflict.by.pk, "name": conflict.by.name},
                "at": conflict.at,
            }
            for conflict in refusal.conflicts
        ],
    }
    if isinstance(refusal, editing.VersionMissing):
        body["detail"] = _("There never was such a version of this record. Read it anew.")
    response = Response(body, status=status.HTTP_412_PRECONDITION_FAILED)
    response["ETag"] = _etag(refusal.record.version)
    return response


def _plain(value: Any) -> Any:
    """An amount is exact as text, here as everywhere in the API."""
    return str(value) if isinstance(value, Decimal) else value


def _as_api(refusal: editing.EditRefused, method: str | None) -> APIException:
    if isinstance(refusal, editing.Invalid) and refusal.form is not None:
        named = {
            "non_field_errors" if name == "__all__" else name: [str(error) for error in errors]
            for name, errors in refusal.form.errors.items()
        }
        return ValidationError(named)
    if isinstance(refusal, editing.NotEditable):
        return PermissionDenied(str(refusal))
    if isinstance(refusal, editing.Gone):
        return (
            Stopped(_("This entry was added and has been deleted since. Send another key."))
            if method == "POST"
            else NotFound()
        )
    return Stopped(str(refusal))


# ── How the API describes it ─────────────────────────────────────────────────────────────────

_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description='The version that was read: the ETag of the record, such as "3".',
)
_ONCE = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Sent again within a month with the same contents, nothing is added twice: the entry that the "
    "first request added is answered.",
)
_NOT_SEEN = {404: OpenApiResponse(description="No such thing, or not for this person.")}
_READING = {401: OpenApiResponse(description="Nobody signed in."), **_NOT_SEEN}
_WRITING = {
    400: OpenApiResponse(description="What is wrong, by field; nothing was stored."),
    403: OpenApiResponse(Refused, description="The dossier is no longer in the person's hands."),
    409: OpenApiResponse(
        Refused, description="The dossier is closed, or other entries point to this one."
    ),
    **_READING,
}
_CHANGING = {
    **_WRITING,
    412: OpenApiResponse(ConflictFound, description="Somebody else changed the same field."),
    428: OpenApiResponse(Refused, description="If-Match is missing."),
}


def each_piece(endpoints: Iterable[tuple]) -> list[tuple]:
    """For drf-spectacular: an address of each piece in the place of the one for all, so that its fields are told."""
    told = []
    for path, regex, method, callback in endpoints:
        view = getattr(callback, "cls", None)
        if not isinstance(view, type) or not issubclass(view, OfPiece):
            told.append((path, regex, method, callback))
            continue
        for piece in PIECES:
            if method in set(_methods(view, piece)):
                own = _described(view, piece).as_view()
                told.append((path.replace("{piece}", piece.key), regex, method, own))
    return told


def _methods(view: type[OfPiece], piece: Piece) -> Iterator[str]:
    if view is PieceView:
        yield "GET"
        if piece.is_sheet:
            yield "PATCH"
        elif _grows(piece):
            yield "POST"
    elif not piece.is_sheet:
        yield from ("GET", "PATCH", "DELETE")


def _described(view: type[OfPiece], piece: Piece) -> type[OfPiece]:
    one, fields, name = serializer_for(piece), fields_of(piece), name_of(piece)
    is_list = view is PieceView and not piece.is_sheet
    described = type(f"{_title(piece)}{view.__name__}", (view,), {"described": piece})
    acts = {
        "get": extend_schema(
            operation_id=f"{name}_list" if is_list else f"{name}_retrieve",
            responses={200: one(many=True) if is_list else one, **_READING},
            description=str(piece.label),
        ),
        "patch": extend_schema(
            operation_id=f"{name}_change",
            parameters=[_IF_MATCH],
            request=fields,
            responses={200: one, **_CHANGING},
            description=_("Change the fields named; the others stay as they are."),
        ),
    }
    if view is PieceView:
        acts["post"] = extend_schema(
            operation_id=f"{name}_add",
            parameters=[_ONCE],
            request=fields,
            responses={201: one, **_WRITING},
            description=str(piece.add_label),
        )
    else:
        acts["delete"] = extend_schema(
            operation_id=f"{name}_delete",
            parameters=[_IF_MATCH],
            request=None,
            responses={204: None, **_CHANGING},
            description=_("Out of the list; the history keeps it."),
        )
    return extend_schema_view(**acts)(described)
