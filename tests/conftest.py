"""The people of the tests, and a browser session for each: `as_kam.get(...)`."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.utils import translation

from tests import factories


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Tables whose rows are rolled back all the time look empty to autovacuum's statistics.

    The planner then expects one row where a test has stored thousands, and a query of milliseconds
    takes minutes: so tables of tests are left without statistics, and judged by their size.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f"ALTER TABLE {connection.ops.quote_name(table)} SET (autovacuum_enabled = false)"
            )


@pytest.fixture(autouse=True)
def _each_test_begins_in_the_language_of_the_house():
    """A page asked for in Polish leaves its language in the thread, and the next test would read Polish."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def head(db):
    return factories.head(name="Helena Head", email="helena@example.com")


@pytest.fixture
def other_head(db):
    return factories.head(name="Henryk Head", email="henryk@example.com")


@pytest.fixture
def kam(db):
    return factories.kam(name="Karol Kam", email="karol@example.com")


@pytest.fixture
def other_kam(db):
    return factories.kam(name="Olga Other", email="olga@example.com")


@pytest.fixture
def analyst(db):
    return factories.analyst(name="Ada Analyst", email="ada@example.com")


@pytest.fixture
def colleague(db):
    return factories.person("colleague", name="Cezary Colleague", email="cezary@example.com")


@pytest.fixture
def admin(db):
    return factories.person("admin", name="Adam Admin", email="adam@example.com")


@pytest.fixture
def dossier(head, kam):
    """The dossier of a key client that `kam` holds."""
    return factories.dossier(kam=kam, by=head, name="Huta Północ")


@pytest.fixture
def others_dossier(head, other_kam):
    """The dossier of a key client that `other_kam` holds."""
    return factories.dossier(kam=other_kam, by=head, name="Завод Восток")


def _signed_in(person) -> Browser:
    browser = Browser()
    browser.force_login(person)
    return browser


@pytest.fixture
def anonymous():
    return Browser()


@pytest.fixture
def as_head(head):
    return _signed_in(head)


@pytest.fixture
def as_other_head(other_head):
    return _signed_in(other_head)


@pytest.fixture
def as_kam(kam):
    return _signed_in(kam)


@pytest.fixture
def as_other_kam(other_kam):
    return _signed_in(other_kam)


@pytest.fixture
def as_analyst(analyst):
    return _signed_in(analyst)


@pytest.fixture
def as_colleague(colleague):
    return _signed_in(colleague)


@pytest.fixture
def as_admin(admin):
    return _signed_in(admin)
