"""Queries put together once answer each person with his own rows, and only with them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Value

from accounts.kept import Kept, KeptFor
from accounts.models import User
from dossiers.models import Dossier
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    return KeptFor(
        lambda user, key: (
            Dossier.objects.visible_to(user)
            .filter(pk=key)
            .select_related("client")
            .annotate(beside=Value("said"))
        )
    )


def test_the_second_kam_is_not_answered_with_what_the_first_may_see(
    kept, kam, other_kam, dossier, others_dossier
):
    assert kept.rows(kam, dossier.pk) == [dossier]
    assert kept.rows(other_kam, dossier.pk) == []
    assert kept.rows(other_kam, others_dossier.pk) == [others_dossier]
    assert kept.rows(kam, others_dossier.pk) == []


def test_each_role_has_a_query_of_its_own(kept, head, analyst, colleague, dossier):
    assert kept.rows(head, dossier.pk) == [dossier]
    for person in (analyst, colleague, AnonymousUser()):
        assert kept.rows(person, dossier.pk) == []


def test_whoever_left_is_answered_with_nothing_from_that_moment(kept, kam, dossier):
    assert kept.rows(kam, dossier.pk) == [dossier]
    kam.is_active = False
    assert kept.rows(kam, dossier.pk) == []


def test_a_row_comes_with_what_was_joined_and_annotated(
    kept, kam, dossier, django_assert_num_queries
):
    with django_assert_num_queries(1):
        [found] = kept.rows(kam, dossier.pk)
        assert (found.client.name, found.beside) == (dossier.client.name, "said")


def test_as_many_keys_as_are_asked_for_and_none_among_them(kam, other_kam):
    factories.kam()
    some = Kept(lambda *keys: User.objects.filter(pk__in=keys).order_by("pk"), keys=2)
    assert some.rows(kam.pk, other_kam.pk) == sorted([kam, other_kam], key=lambda one: one.pk)
    assert Kept(lambda *keys: User.objects.filter(pk__in=keys), keys=0).rows() == []
    with pytest.raises(ValueError, match="shorter"):
        some.rows(kam.pk)
