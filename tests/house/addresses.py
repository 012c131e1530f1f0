"""Every address of the product, read from the URLconf, and what the table says each role is answered there."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver, reverse

TABLE = Path(__file__).with_name("url_table.toml")
# The order of the columns in the table. Both KAMs ask for what belongs to the first one.
ROLES = ("anonymous", "colleague", "analyst", "admin", "kam", "other_kam", "head")


@dataclass(frozen=True)
class Address:
    """One pattern: its name with namespaces, its route as written, the names of its parameters."""

    name: str
    route: str
    parameters: tuple[str, ...]

    def path(self, world: dict) -> str:
        """The address filled in from the world of the test; parameters of equal name, equal thing."""
        given = ROWS.get(self.name, {}).get("args", {})
        values = {}
        for parameter in self.parameters:
            wanted = given.get(parameter, "entry" if parameter == "pk" else parameter)
            values[parameter] = world.get(wanted, wanted)
        return reverse(self.name, kwargs=values)


def every_address() -> Iterator[Address]:
    yield from _walk(get_resolver().url_patterns, (), "", ())


def _walk(patterns, namespaces, route, parameters) -> Iterator[Address]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        found = (*parameters, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inside = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern.url_patterns, inside, here, found)
        elif isinstance(pattern, URLPattern):
            name = ":".join((*namespaces, pattern.name)) if pattern.name else f"(no name) {here}"
            yield Address(name, here, found)


ROWS: dict[str, dict] = tomllib.loads(TABLE.read_text(encoding="utf-8"))


def expected(name: str, method: str) -> dict[str, str]:
    """{role: answer} of a row; `get` is needed, `post` is refused with 405 unless told."""
    row = ROWS[name]
    told = row.get(method) or "405"
    answers = told.split()
    if len(answers) == 1:
        anonymous = answers[0] if row.get("open") else "in"
        answers = [anonymous, *answers * (len(ROLES) - 1)]
    assert len(answers) == len(ROLES), (
        f"{TABLE.name}: {name}.{method} has {len(answers)} answers; it needs one, or one for each of "
        f"{', '.join(ROLES)}."
    )
    return dict(zip(ROLES, answers, strict=True))
