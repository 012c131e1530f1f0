"""By API: two runs compared, and the recommended actions of the cells with their versions."""

import re

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts.access import may
from segmentation import comparing, recommending
from segmentation.models import CellAction, SegmentationRun
from segmentation.models.runs import CELLS

PAGE = 100


class VersionNeeded(APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED


class VersionPassed(APIException):
    """412: somebody else was quicker."""

    status_code = status.HTTP_412_PRECONDITION_FAILED


class PassageSerializer(serializers.Serializer):
    was = serializers.CharField(allow_null=True, help_text="The cell before; null when new.")
    now = serializers.CharField(allow_null=True, help_text="The cell after; null when gone.")
    kind = serializers.ChoiceField(choices=comparing.KINDS)
    count = serializers.IntegerField()
    total_before = serializers.CharField()
    total_after = serializers.CharField()


class MoveSerializer(serializers.Serializer):
    client_id = serializers.IntegerField()
    client = serializers.CharField()
    number = serializers.CharField()
    was = serializers.CharField(allow_null=True)
    now = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=comparing.KINDS)
    total_before = serializers.CharField(allow_null=True)
    total_after = serializers.CharField(allow_null=True)
    change = serializers.CharField()
    rank_before = serializers.IntegerField(allow_null=True)
    rank_after = serializers.IntegerField(allow_null=True)


class ComparisonSerializer(serializers.Serializer):
    """The transition table and one page of the clients behind it."""

    before = serializers.IntegerField(help_text="id of the run before")
    after = serializers.IntegerField(help_text="id of the run after")
    differences = serializers.ListField(
        child=serializers.CharField(), help_text="What the two do not share, in sentences."
    )
    passages = PassageSerializer(many=True)
    count = serializers.IntegerField(help_text="Clients behind the moves asked for.")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    moves = MoveSerializer(many=True)


class ComparedRuns:
    """For the viewset of runs: `runs/<after>/compare/<before>/`."""

    @extend_schema(
        responses=ComparisonSerializer,
        parameters=[
            OpenApiParameter("other", int, "path", description="id of the run before"),
            OpenApiParameter("kind", str, enum=["moved", *comparing.KINDS]),
            OpenApiParameter("from", str, description="The cell before, or NEW."),
            OpenApiParameter("to", str, description="The cell after, or GONE."),
            OpenApiParameter("sort", str, enum=[*comparing.ORDERS]),
            OpenApiParameter("page", int),
        ],
        filters=False,
    )
    @action(
        detail=True,
        url_path=r"compare/(?P<other>\d{1,15})",
        pagination_class=None,
    )
    def compare(self, request, pk=None, other=None):
        """Who moved from cell to cell between two finished runs; for analysts and heads."""
        if not may(request.user, "run_segmentation"):
            raise PermissionDenied(_("Your role does not do this."))
        visible = SegmentationRun.objects.visible_to(request.user).succeeded()
        after = get_object_or_404(visible, pk=pk)
        before = get_object_or_404(visible, pk=other)
        wanted = comparing.Wanted.read(request.query_params)
        table = comparing.Table(comparing.passages(before, after))
        paginator = Paginator(range(table.count(wanted)), PAGE)
        page = paginator.get_page(request.query_params.get("page"))
        moves = comparing.moves(
            before, after, wanted, start=max(page.start_index() - 1, 0), number=PAGE
        )
        told = {
            "before": before.pk,
            "after": after.pk,
            "differences": comparing.differences(before, after),
            "passages": table.passages,
            "count": paginator.count,
            "page": page.number,
            "pages": paginator.num_pages,
            "moves": moves,
        }
        return Response(ComparisonSerializer(told).data)


class CellActionSerializer(serializers.Serializer):
    """What is recommended for a cell. `version` is 0 where it stands as delivered; it is the ETag."""

    cell = serializers.CharField(read_only=True)
    do = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=2000)
    version = serializers.IntegerField(read_only=True)


_REFUSALS = {
    403: OpenApiResponse(description="The person's role does not do this."),
    412: OpenApiResponse(description="Somebody else changed it meanwhile; nothing was stored."),
    428: OpenApiResponse(description="If-Match is missing."),
}
_IF_MATCH = OpenApiParameter(
    "If-Match", str, "header", required=True, description='The version that was read, such as "0".'
)
_CELL = OpenApiParameter("cell", str, "path", enum=CELLS)


class CellActionViewSet(viewsets.GenericViewSet):
    """The nine cells with what is recommended in each."""

    serializer_class = CellActionSerializer
    queryset = CellAction.objects.none()
    pagination_class = None
    filter_backends = ()
    lookup_field = "cell"
    lookup_value_regex = "[A-C][X-Z]"

    @extend_schema(responses=CellActionSerializer(many=True))
    def list(self, request):
        self._may_see(request)
        stands = recommending.actions()
        return Response([self._told(cell, stands[cell]) for cell in CELLS])

    @extend_schema(parameters=[_CELL])
    def retrieve(self, request, cell=None):
        self._may_see(request)
        return self._answer(self._known(cell), recommending.actions()[cell])

    @extend_schema(
        parameters=[_CELL, _IF_MATCH], responses={200: CellActionSerializer, **_REFUSALS}
    )
    def update(self, request, cell=None):
        """Put other words in the place of those that stand; for heads."""
        self._may_change(request)
        version = self._seen(request)
        asked = CellActionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return self._do(
            recommending.set_action,
            self._known(cell),
            by=request.user,
            version=version,
            **asked.validated_data,
        )

    @extend_schema(
        parameters=[_CELL, _IF_MATCH], responses={200: CellActionSerializer, **_REFUSALS}
    )
    def destroy(self, request, cell=None):
        """Let stand again what was delivered; for heads."""
        self._may_change(request)
        return self._do(
            recommending.put_back, self._known(cell), by=request.user, version=self._seen(request)
        )

    def _do(self, rule, cell: str, **told) -> Response:
        try:
            stands = rule(cell, **told)
        except recommending.ActionChanged as conflict:
            raise VersionPassed(
                {"detail": str(conflict), **self._told(cell, conflict.now)}
            ) from conflict
        except recommending.ActionRefused as refusal:
            raise ValidationError({"detail": str(refusal)}) from refusal
        return self._answer(cell, stands)

    def _answer(self, cell: str, stands: recommending.Recommendation) -> Response:
        return Response(self._told(cell, stands), headers={"ETag": f'"{stands.version}"'})

    def _told(self, cell: str, stands: recommending.Recommendation) -> dict:
        return {
            "cell": cell,
            "do": str(stands.do),
            "text": str(stands.text),
            "version": stands.version,
        }

    def _known(self, cell: str) -> str:
        if cell not in CELLS:
            raise Http404
        return cell

    def _may_see(self, request) -> None:
        if not may(request.user, "see_figures"):
            raise PermissionDenied(_("Your role does not do this."))

    def _may_change(self, request) -> None:
        if not may(request.user, "set_policy"):
            raise PermissionDenied(_("Only a sales head changes the recommended actions."))

    def _seen(self, request) -> int:
        tag = request.headers.get("If-Match", "").strip()
        if not tag:
            raise VersionNeeded(_('Say in If-Match which version you saw, such as "0".'))
        found = re.fullmatch(r'"(\d{1,9})"', tag)
        if not found:
            raise ValidationError(
                {"If-Match": [_('Name one version in quotation marks, such as "3".')]}
            )
        return int(found[1])
