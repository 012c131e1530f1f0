"""The API's ground: people, the signed-in person, clients."""

import django_filters
from django.db.models import Exists, OuterRef, Prefetch
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.response import Response

from accounts.access import ACTS, may
from accounts.models import Assignment, Client, User
from accounts.models.assignment import Holding
from accounts.sorting import sort_key


def register(router) -> None:
    router.register("me", MeViewSet, basename="me")
    router.register("clients", ClientViewSet, basename="client")


class PersonName(serializers.ModelSerializer):
    """A person of ours, as far as colleagues need to know him."""

    class Meta:
        model = User
        fields = ("id", "name")
        read_only_fields = fields


class ClientName(serializers.ModelSerializer):
    class Meta:
        model = Client
        fields = ("id", "name", "stage")
        read_only_fields = fields


class Holder(PersonName):
    """Who holds the client as KAM, or as deputy, today; null where nobody does."""

    def __init__(self, *args, holding, **kwargs):
        self.holding = holding
        super().__init__(*args, read_only=True, allow_null=True, **kwargs)

    def get_attribute(self, instance):
        client = getattr(instance, "client", instance)
        held = (held for held in client.open_assignments if held.holding == self.holding)
        return next((assignment.person for assignment in held), None)


class ClientDetails(serializers.ModelSerializer):
    """Master data, for those who may see the client's figures; null for everybody else."""

    class Meta:
        model = Client
        fields = ("external_id", "tax_id", "country", "city", "industry", "channel", "created_at")
        read_only_fields = fields

    def get_attribute(self, instance):
        return instance if instance.figures_are_visible else None


class ClientSerializer(serializers.ModelSerializer):
    kam = Holder(holding=Holding.KAM)
    deputy = Holder(holding=Holding.DEPUTY)
    details = ClientDetails(read_only=True, allow_null=True)

    class Meta:
        model = Client
        fields = ("id", "name", "stage", "kam", "deputy", "details")
        read_only_fields = fields


class ClientFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="by_name", label=_("part of the name; case and accents do not matter")
    )
    kam = django_filters.NumberFilter(method="by_kam", label=_("id of the KAM who holds it"))
    external_id = django_filters.CharFilter(
        method="by_external_id", label=_("number in the sales ledger")
    )

    class Meta:
        model = Client
        fields = ("stage",)

    def by_name(self, clients, _name, value):
        return clients.filter(name_sort__contains=sort_key(value))

    def by_kam(self, clients, _name, value):
        held = Assignment.objects.open().kams().filter(client=OuterRef("pk"), person=value)
        return clients.filter(Exists(held))

    def by_external_id(self, clients, _name, value):
        # Asking by a number must not tell what the answer would not show.
        return clients.filter(external_id=value, figures_are_visible=True)


class ClientViewSet(viewsets.ReadOnlyModelViewSet):
    """Clients whose card the person may open, by name."""

    serializer_class = ClientSerializer
    filterset_class = ClientFilter
    queryset = Client.objects.none()  # for the schema; what a person gets is told below

    def get_queryset(self):
        person = self.request.user
        visible = Client.objects.visible_to(person).filter(pk=OuterRef("pk"))
        open_assignments = Assignment.objects.open().select_related("person")
        return (
            Client.objects.with_card_for(person)
            .annotate(figures_are_visible=Exists(visible))
            .prefetch_related(
                Prefetch("assignments", queryset=open_assignments, to_attr="open_assignments")
            )
            .by_name()
        )


class Me(serializers.ModelSerializer):
    may = serializers.SerializerMethodField(help_text="The acts that the person's role knows.")

    class Meta:
        model = User
        fields = ("id", "name", "email", "role", "position", "language", "may")
        read_only_fields = fields

    def get_may(self, person) -> list[str]:
        return sorted(act for act in ACTS if may(person, act))


class MeViewSet(viewsets.GenericViewSet):
    """The person in whose name the request is made."""

    serializer_class = Me
    pagination_class = None
    filter_backends = ()
    queryset = User.objects.none()

    @extend_schema(operation_id="me", responses=Me)
    def list(self, request):
        return Response(self.get_serializer(request.user).data)
