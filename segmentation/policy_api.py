"""The policy by API: the versions, and setting the next one."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts.access import may
from accounts.api import PersonName
from segmentation import policies, tasks
from segmentation.models import Policy


class NewerVersion(APIException):
    """409: somebody else set a version meanwhile."""

    status_code = status.HTTP_409_CONFLICT


class CriterionSerializer(serializers.Serializer):
    key = serializers.SlugField(max_length=40)
    weight = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=0, max_value=100, normalize_output=True
    )
    name = serializers.CharField(
        max_length=80, required=False, help_text="Of a criterion of the house's own."
    )

    def to_internal_value(self, data):
        told = super().to_internal_value(data)
        return {**told, "weight": f"{told['weight'].normalize():f}"}


class PolicySerializer(serializers.ModelSerializer):
    created_by = PersonName(read_only=True, allow_null=True)
    criteria = CriterionSerializer(many=True, required=False)
    seen = serializers.IntegerField(
        write_only=True,
        required=False,
        min_value=0,
        help_text="id of the version you looked at (0 before the first): what somebody else changed since is then kept.",
    )

    class Meta:
        model = Policy
        fields = (
            "id",
            *(field.name for field in policies.fields()),
            "reason",
            "seen",
            "created_by",
            "created_at",
        )
        read_only_fields = ("id", "created_by", "created_at")
        extra_kwargs = {
            **{field.name: {"required": False} for field in policies.fields()},
            "reason": {"required": True, "allow_blank": False},
        }

    def get_validators(self):
        return []  # the rules are those of policies.set_policy, which sees the version as a whole


@extend_schema_view(
    list=extend_schema(
        description="Versions of the policy, the newest first: that one holds. None: the usual limits hold."
    ),
    create=extend_schema(
        responses={
            201: PolicySerializer,
            400: OpenApiResponse(description="A sentence on what is wrong; nothing was set."),
            403: OpenApiResponse(description="Only a sales head sets the policy."),
            409: OpenApiResponse(description="Somebody changed the same field meanwhile."),
        }
    ),
)
class PolicyViewSet(
    mixins.CreateModelMixin,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet,
):
    serializer_class = PolicySerializer
    queryset = Policy.objects.none()

    def get_queryset(self):
        return Policy.objects.visible_to(self.request.user).select_related("created_by")

    def create(self, request, *args, **kwargs):
        """Set the next version: what is left out stays as it is."""
        if not may(request.user, "set_policy"):
            raise PermissionDenied(_("Only a sales head sets the policy."))
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told = dict(asked.validated_data)
        if "criteria" in told:
            told["criteria"] = [dict(each) for each in told["criteria"]]
        try:
            version = policies.set_policy(by=request.user, **told)
        except policies.PolicyChanged as conflict:
            raise NewerVersion(str(conflict)) from conflict
        except policies.PolicyRefused as refusal:
            raise ValidationError({refusal.field or "detail": [str(refusal)]}) from refusal
        tasks.ask_to_look()
        return Response(self.get_serializer(version).data, status=status.HTTP_201_CREATED)
