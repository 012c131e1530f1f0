"""Health, for load balancers and `docker compose`: no sign-in, no session, no secrets."""

import logging

from django.contrib.auth.decorators import login_not_required
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
@never_cache
def liveness(request: HttpRequest) -> JsonResponse:
    """The process answers. Touches nothing else, so that it may be asked every second."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
@never_cache
def readiness(request: HttpRequest) -> JsonResponse:
    """Everything a request needs is there: 200, or 503 and which part is missing."""
    parts = {"database": _database(), "redis": _redis(), "migrations": "unknown"}
    if parts["database"] == "ok":
        parts["migrations"] = "ok" if _migrations_applied() else "pending"
    well = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if well else "unavailable", **parts}, status=200 if well else 503
    )


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        logger.warning("the database does not answer: %s", error)
        return "unavailable"
    return "ok"


def _redis() -> str:
    try:
        caches["default"].get("health")
    except (RedisError, OSError) as error:
        logger.warning("Redis does not answer: %s", error)
        return "unavailable"
    return "ok"


class HealthMiddleware:
    """Answers before anything else is asked: load balancers knock by number, not by an allowed name."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        match request.path_info:
            case "/health/live":
                return liveness(request)
            case "/health/":
                return readiness(request)
        return self.get_response(request)


class _Migrations:
    """Once applied, migrations stay applied for the life of this process: read them no more."""

    applied = False


def _migrations_applied() -> bool:
    if not _Migrations.applied:
        try:
            executor = MigrationExecutor(connection)
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as error:
            logger.warning("the table of migrations cannot be read: %s", error)
            return False
        _Migrations.applied = not pending
    return _Migrations.applied
