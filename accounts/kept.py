"""Queries put together once: to build a statement anew for each page costs as much as running it."""

from collections.abc import Callable
from functools import cached_property
from inspect import signature
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.query import get_related_populators

from accounts.models import User

# Stands in the statement where a key will stand; no key is negative.
_ANY = -1_000_000_007


class _Statement:
    """The SQL, and how its rows become records; nothing in it belongs to one connection."""

    def __init__(self, rows: models.QuerySet):
        compiler = rows.query.get_compiler(connection=connection)
        self.sql, self.parameters = compiler.as_sql()
        select, klass, self.annotations = (
            compiler.select,
            compiler.klass_info,
            compiler.annotation_col_map or {},
        )
        self.converters = list(compiler.get_converters([one[0] for one in select]).items())
        self.model = None
        if klass:
            self.model = klass["model"]
            self.first, self.end = klass["select_fields"][0], klass["select_fields"][-1] + 1
            self.names = [one[0].target.attname for one in select[self.first : self.end]]
            self.related = get_related_populators(klass, select, connection.alias)


class Kept:
    """A query for the rows of one key or several: `Kept(lambda key: Model.objects.filter(owner=key))`.

    The query must not depend on anything but the keys, which are numbers: it is built once, in this process,
    with others in their place. Whoever asks has seen to it that the person may read the rows of those keys, or
    gives the person's key as one of them.
    """

    def __init__(self, build: Callable[..., models.QuerySet], *, keys: int | None = None):
        self._build = build
        number = len(signature(build).parameters) if keys is None else keys
        self._stand_ins = [_ANY - place for place in range(number)]

    @cached_property
    def _statement(self) -> _Statement | None:
        """None where the query finds nothing, whatever the keys."""
        try:
            return _Statement(self._build(*self._stand_ins))
        except EmptyResultSet:
            return None

    def rows(self, *keys: int) -> list:
        """Records, with what the query annotates and joins."""
        made = self._statement
        if made is None:
            return []
        alias, names, first, end = connection.alias, made.names, made.first, made.end
        found = []
        for row in self.tuples(*keys):
            record = made.model.from_db(alias, names, row[first:end])
            for populator in made.related:
                populator.populate(row, record)
            for name, place in made.annotations.items():
                setattr(record, name, row[place])
            found.append(record)
        return found

    def tuples(self, *keys: int) -> list[Any]:
        """The bare values of each row, in the order of the query's columns."""
        made = self._statement
        if made is None:
            return []
        given = dict(zip(self._stand_ins, keys, strict=True))
        parameters = [
            given.get(value, value) if isinstance(value, int) else value
            for value in made.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(made.sql, parameters)
            rows = cursor.fetchall()
        if not made.converters:
            return rows
        converted = [list(row) for row in rows]
        for place, (functions, expression) in made.converters:
            for row in converted:
                for function in functions:
                    row[place] = function(row[place], expression, connection)
        return converted


class KeptFor:
    """A query that begins with what a person may see, put together once for each role:
    `KeptFor(lambda user, key: Model.objects.visible_to(user).filter(owner=key))`.

    Of the person it may ask for no more than the key, the role and whether he is active: a stand-in has nothing else.
    """

    def __init__(self, build: Callable[..., models.QuerySet], *, keys: int | None = None):
        """`keys`: how many there are beside the person's, where the function takes any number."""
        self._build = build
        self._number = len(signature(build).parameters) if keys is None else keys + 1
        self._of_role: dict[tuple[str, bool], Kept] = {}

    def rows(self, user: User, *keys: int) -> list:
        return self._of(user).rows(user.pk, *keys) if user.is_authenticated else []

    def tuples(self, user: User, *keys: int) -> list[Any]:
        return self._of(user).tuples(user.pk, *keys) if user.is_authenticated else []

    def _of(self, user: User) -> Kept:
        role, is_active = user.role, user.is_active
        kept = self._of_role.get((role, is_active))
        if kept is None:

            def build(person: int, *keys: int) -> models.QuerySet:
                return self._build(User(pk=person, role=role, is_active=is_active), *keys)

            kept = self._of_role[role, is_active] = Kept(build, keys=self._number)
        return kept
