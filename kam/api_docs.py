"""The API's description as a page: the OpenAPI document, laid out for reading.

The usual viewers of such documents (Swagger UI, Redoc) were tried: the one works under our Content Security
Policy but fails the accessibility checks that every page here has to pass, the other needs inline
styles. A page of our own is small, follows the theme and reads well on a telephone.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

SUCCESS = ("200", "201", "202", "204")


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    note: str
    points_to: str = ""
    required: bool = False


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    note: str
    parameters: list[Field]
    sends: str
    answers: str
    answers_list: bool


@dataclass(frozen=True)
class Shape:
    name: str
    note: str
    fields: list[Field]
    values: list[str]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    groups, shapes = _described(get_language())
    context = {"groups": groups, "shapes": shapes, "address": settings.KAM_URL}
    return render(request, "kam/api_docs.html", context)


@lru_cache(maxsize=8)
def _described(language: str) -> tuple[dict[str, list[Operation]], list[Shape]]:
    """What the page shows, in the reader's language; the addresses do not change while we run."""
    document = SchemaGenerator().get_schema(request=None, public=True)
    groups: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            groups.setdefault(told["tags"][0], []).append(_operation(path, method, told))
    shapes = [
        _shape(name, told)
        for name, told in document["components"]["schemas"].items()
        if not name.startswith("Paginated")
    ]
    return groups, shapes


def _operation(path: str, method: str, told: dict) -> Operation:
    answer = next((told["responses"][code] for code in SUCCESS if code in told["responses"]), {})
    answers = _schema_in(answer)
    name = _name(answers)
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        note=told.get("description", ""),
        parameters=[
            Field(
                one["name"],
                _type(one.get("schema", {})),
                one.get("description", ""),
                required=one.get("required", False),
            )
            for one in told.get("parameters", [])
        ],
        sends=_name(_schema_in(told.get("requestBody", {}))),
        answers=name.removeprefix("Paginated").removesuffix("List")
        if name.startswith("Paginated")
        else name,
        answers_list=name.startswith("Paginated"),
    )


def _shape(name: str, told: dict) -> Shape:
    required = told.get("required", [])
    fields = [
        Field(
            field,
            _type(schema),
            schema.get("description") or schema.get("title") or "",
            points_to=_name(schema),
            required=field in required,
        )
        for field, schema in told.get("properties", {}).items()
    ]
    return Shape(
        name, told.get("description", ""), fields, [str(value) for value in told.get("enum", [])]
    )


def _schema_in(body: dict) -> dict:
    contents: dict[str, Any] = body.get("content", {})
    return next((content["schema"] for content in contents.values()), {})


def _name(schema: dict) -> str:
    """The name of the shape that a schema points to, if it points to one."""
    if "$ref" in schema:
        return schema["$ref"].rsplit("/", 1)[-1]
    for part in schema.get("allOf", []) + schema.get("oneOf", []):
        if name := _name(part):
            return name
    return _name(schema["items"]) if "items" in schema else ""


def _type(schema: dict) -> str:
    if "items" in schema:
        return f"[{_type(schema['items'])}]"
    name = _name(schema) or schema.get("format") or schema.get("type", "")
    return f"{name} | null" if schema.get("nullable") else name
