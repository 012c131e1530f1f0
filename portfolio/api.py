"""Search by API: the same function as the page's, so the same doors."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from portfolio import concentration_api
from portfolio.models import SearchLine
from portfolio.search import GROUPS, Found, Hit, search


def register(router) -> None:
    router.register("search", SearchViewSet, basename="search")
    concentration_api.register(router)


class HitSerializer(serializers.Serializer):
    """One thing found."""

    piece = serializers.CharField(
        read_only=True,
        help_text='Key of the piece of the dossier in which it stands; "client" or "user" outside them.',
    )
    id = serializers.IntegerField(read_only=True, help_text="The id of the row itself.")
    title = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True, help_text="Where the words stand in its text.")
    client = serializers.IntegerField(read_only=True, allow_null=True)
    dossier = serializers.IntegerField(read_only=True, allow_null=True)
    url = serializers.CharField(read_only=True, help_text="The page on which it is read.")

    def to_representation(self, hit: Hit) -> dict:
        return {
            "piece": hit.line["piece"],
            "id": hit.line["record_id"],
            "title": hit.name,
            "text": "".join(said for said, _is_hit in hit.text),
            "client": hit.line["client_id"],
            "dossier": hit.line["dossier_id"],
            "url": hit.url,
        }


class ShelfSerializer(serializers.Serializer):
    """The hits of one sort, best first."""

    group = serializers.ChoiceField(
        choices=[(key, key) for key in GROUPS], read_only=True, source="group.key"
    )
    more = serializers.BooleanField(
        read_only=True, help_text="There is more: ask for this group alone, or for more words."
    )
    hits = HitSerializer(many=True, read_only=True)


class FoundSerializer(serializers.Serializer):
    too_short = serializers.BooleanField(
        read_only=True, help_text="Too little was asked for: two letters at least."
    )
    near = serializers.BooleanField(
        read_only=True, help_text="Nothing is called so; these names differ in one letter."
    )
    groups = ShelfSerializer(many=True, read_only=True, source="shelves")


class SearchViewSet(viewsets.GenericViewSet):
    """Clients, people, notes, texts of dossiers and attachments that the person may see."""

    serializer_class = FoundSerializer
    pagination_class = None
    filter_backends = ()
    queryset = SearchLine.objects.none()  # what a person finds is told by `portfolio.search`

    @extend_schema(
        operation_id="search",
        responses=FoundSerializer,
        parameters=[
            OpenApiParameter(
                "q",
                str,
                description="Words or their beginnings, in any order; case, accents and endings do not matter.",
            ),
            OpenApiParameter(
                "only", str, enum=list(GROUPS), description="One group, with more of its hits."
            ),
        ],
    )
    def list(self, request):
        asked = request.query_params
        found: Found = search(asked.get("q", ""), by=request.user, only=asked.get("only", ""))
        return Response(self.get_serializer(found).data)
