"""Confirming a proposed type by API: the dossier, if one is open, is told in the same act."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from accounts.access import may
from accounts.models import Client
from dossiers import confirmed_types
from dossiers.models import Dossier
from segmentation import proposing
from segmentation.models import TypeProposal
from segmentation.models.selection import ProposalState
from segmentation.selection_api import TypeDecisionSerializer


def register(router) -> None:
    router.register("type-decisions", TypeDecisionViewSet, basename="type-decision")


class TypeDecisionRequest(serializers.Serializer):
    client = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Its id.")
    client_type = serializers.ChoiceField(choices=[(key, key) for key in proposing.LABELS])
    state = serializers.ChoiceField(choices=ProposalState.choices)


class TypeDecisionViewSet(viewsets.ReadOnlyModelViewSet):
    """Proposed types of key client that a head confirmed or declined, with what they were proposed from."""

    serializer_class = TypeDecisionSerializer
    filterset_fields = ("client", "client_type", "state")
    queryset = TypeProposal.objects.none()

    def get_queryset(self):
        decided = TypeProposal.objects.visible_to(self.request.user)
        return decided.select_related("client", "decided_by").order_by("-decided_on", "-pk")

    @extend_schema(
        request=TypeDecisionRequest,
        responses={
            200: TypeDecisionSerializer,
            400: OpenApiResponse(description="What is wrong, by field; nothing was stored."),
            403: OpenApiResponse(description="The person's role does not do this."),
            404: OpenApiResponse(description="No such client, or not for this person."),
            409: OpenApiResponse(description="The sales do not propose this type."),
        },
    )
    @action(detail=False, methods=["post"])
    def decide(self, request):
        """Confirm or decline; a confirmed type is written into the client's open dossier."""
        if not may(request.user, "choose_key_clients"):
            raise PermissionDenied(_("Your role does not do this."))
        sent = TypeDecisionRequest(data=request.data)
        sent.is_valid(raise_exception=True)
        told = sent.validated_data
        client = get_object_or_404(Client.objects.visible_to(request.user), pk=told["client"])
        dossier = Dossier.objects.editable_by(request.user).filter(client=client).first()
        today = timezone.localdate()
        try:
            with transaction.atomic():
                decided = proposing.decide(
                    client, told["client_type"], state=told["state"], by=request.user, today=today
                )
                if dossier is not None:
                    confirmed_types.write_type(dossier, decided, by=request.user, today=today)
        except proposing.ProposalRefused as refusal:
            return Response({"detail": str(refusal)}, status=status.HTTP_409_CONFLICT)
        return Response(TypeDecisionSerializer(decided).data)
