"""Settings: typed from the environment; whatever is wrong is refused with its remedy.

Nothing here opens a connection or starts a server. With DATABASE_URL or REDIS_URL unset, the
addresses of the project's own servers are computed by `kam.embedded`, which also starts them.

| variable | default | what it is |
| --- | --- | --- |
| KAM_MODE | local | `local` (this computer), `production`, `test` |
| KAM_HOME | var/ | data folder: own servers, uploads, mail, the generated secret |
| KAM_ROLE | command | `web`, `worker`, `beat`, `command`: only the web role pools connections |
| SECRET_KEY | generated once in local mode | signs sessions; must be given in production |
| ALLOWED_HOSTS | localhost | names this installation answers to; must be given in production |
| CSRF_TRUSTED_ORIGINS | none | origins of forms, where a proxy changes scheme or port |
| DATABASE_URL | own PostgreSQL | `postgres://user:password@host:5432/name` |
| REDIS_URL | own Valkey | `redis://host:6379` |
| EMAIL_URL | files in KAM_HOME/mail | `smtp+tls://user:password@host:587` |
| DEFAULT_FROM_EMAIL | kam@localhost | sender of reminders |
| KAM_URL | http://localhost:PORT | address people use, for links in e-mails |
| TIME_ZONE | Europe/Warsaw | |
| LANGUAGE_CODE | en | language until a person has chosen one: en, ru, pl |
| KAM_CURRENCY | EUR | currency of amounts when nothing else is said |
| KAM_KEEP_SALES_FILES | 90 | days for which the uploaded files of imports are kept; the row of the import stays |
| KAM_KEEP_REPLACED | 400 | days for which an import can be undone: so long is kept what it replaced |
| KAM_DISCOUNT_RATE | 10 | by how many per cent a margin of next year is worth less than one of today (lifetime value) |
| DEBUG | false | Django's debug pages, for development only |
| LOG_LEVEL | INFO | |
| HTTPS | true in production | redirect to https, secure cookies, HSTS |
| SALES_FILE_LIMIT | 2147483648 | largest file of sales that may be uploaded, in bytes |
| ATTACHMENT_LIMIT | 20971520 | largest file that may be attached to a dossier, in bytes |
| PROXY_COUNT | 0, in production 1 | trusted proxies in front: where a visitor's address is read |
"""

import os
import re
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import environ
from csp.constants import NONE, SELF
from redis.backoff import NoBackoff
from redis.retry import Retry

from kam import embedded, environment
from kam.environment import one_of, per_cent, refuse, typed, yes_or_no
from kam.logging import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# ── Where and how ────────────────────────────────────────────────────────────────────────────

KAM_MODE = one_of("KAM_MODE", "local", ("local", "production", "test"))
PRODUCTION = KAM_MODE == "production"
TESTING = KAM_MODE == "test"
KAM_ROLE = one_of("KAM_ROLE", "command", ("web", "worker", "beat", "command"))
KAM_HOME = embedded.home()

DEBUG = yes_or_no("DEBUG", False)
if DEBUG and PRODUCTION:
    raise refuse("DEBUG", "shows settings and source to strangers.", "Unset it in production.")

SECRET_KEY = os.environ.get("SECRET_KEY", "").strip()
if not SECRET_KEY:
    if PRODUCTION:
        raise refuse(
            "SECRET_KEY",
            "is not set, and production does not invent one.",
            'Make one with: python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
        )
    SECRET_KEY = "only-for-tests" * 5 if TESTING else environment.generated_secret(KAM_HOME)

ALLOWED_HOSTS = typed(env.list, "ALLOWED_HOSTS", [], "Names with commas between: kam.example.com")
if not ALLOWED_HOSTS:
    if PRODUCTION:
        raise refuse(
            "ALLOWED_HOSTS",
            "is not set: production must know the names it answers to.",
            "For instance ALLOWED_HOSTS=kam.example.com",
        )
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", ".localhost"]
CSRF_TRUSTED_ORIGINS = typed(
    env.list, "CSRF_TRUSTED_ORIGINS", [], "Origins with commas between: https://kam.example.com"
)
for _origin in CSRF_TRUSTED_ORIGINS:
    if not _origin.startswith(("http://", "https://")):
        raise refuse(
            "CSRF_TRUSTED_ORIGINS",
            f"“{_origin}” has no scheme.",
            "Write https://kam.example.com",
        )

PORT = typed(env.int, "PORT", 8000, "A number such as 8000.")
KAM_URL = os.environ.get("KAM_URL", "").strip().rstrip("/")
if not KAM_URL:
    KAM_URL = f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else f"http://localhost:{PORT}"

# ── Applications ─────────────────────────────────────────────────────────────────────────────

INSTALLED_APPS = [
    "kam",
    "portfolio",
    "dossiers",
    "segmentation",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "kam.apps.StaticFiles",
    "django.forms",
    "django_filters",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "pgtrigger",
    "pghistory",
    "csp",
    "allauth",
    "allauth.account",
    "rest_framework",
    "drf_spectacular",
]

# Each costs time in every request: nothing is here that is not needed.
MIDDLEWARE = [
    "kam.health.HealthMiddleware",
    "kam.logging.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Every page needs a person unless it says otherwise: a new view cannot be left open.
    "accounts.middleware.SignInRequired",
    "accounts.middleware.PersonLocaleMiddleware",
    "accounts.middleware.MergedClients",
    "kam.uploads.BodyLimit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "kam.urls"
WSGI_APPLICATION = "kam.wsgi.application"

_loaders = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _loaders if DEBUG else [("django.template.loaders.cached.Loader", _loaders)],
                )
            ],
            "builtins": ["template_partials.templatetags.partials"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# ── PostgreSQL and Redis or Valkey ───────────────────────────────────────────────────────────

DATABASE_IS_OWN = not os.environ.get("DATABASE_URL", "").strip()
REDIS_IS_OWN = not os.environ.get("REDIS_URL", "").strip()

if DATABASE_IS_OWN:
    if PRODUCTION:
        raise refuse(
            "DATABASE_URL",
            "is not set, and production does not run on the trial's own server.",
            "For instance DATABASE_URL=postgres://kam:password@database:5432/kam",
        )
    _database = embedded.database_settings(KAM_HOME)
else:
    if not os.environ["DATABASE_URL"].strip().startswith(("postgres://", "postgresql://")):
        raise refuse(
            "DATABASE_URL",
            "is not PostgreSQL, whose constraints and triggers hold this product's rules.",
            "Use an address that begins with postgres://",
        )
    _database = typed(
        env.db_url,
        "DATABASE_URL",
        None,
        "For instance postgres://kam:password@localhost:5432/kam",
    )

DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**_database.get("OPTIONS", {}), "application_name": f"kam-{KAM_ROLE}"},
    }
}
if TESTING:
    # Tests' data need not survive a power cut.
    DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
if KAM_ROLE == "web":
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if REDIS_IS_OWN:
    if PRODUCTION:
        raise refuse(
            "REDIS_URL",
            "is not set, and production does not run on the trial's own server.",
            "For instance REDIS_URL=redis://valkey:6379",
        )
    CELERY_BROKER_URL, _cache_url = embedded.valkey_urls(KAM_HOME)
else:
    REDIS_URL = os.environ["REDIS_URL"].strip()
    if not re.fullmatch(r"rediss?://[^/\s]+(/\d*)?", REDIS_URL):
        raise refuse(
            "REDIS_URL",
            "is not an address of a Redis or Valkey server.",
            "For instance redis://localhost:6379 (two databases of it are used: 0 and 1).",
        )
    _server = re.sub(r"/\d*$", "", REDIS_URL)
    CELERY_BROKER_URL, _cache_url = f"{_server}/0", f"{_server}/1"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if TESTING
    else {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _cache_url,
        "KEY_PREFIX": "kam",
        # redis-py would otherwise keep a page waiting for seconds on a server that is away.
        "OPTIONS": {
            "retry": Retry(NoBackoff(), 0),
            "socket_connect_timeout": 1,
            "socket_timeout": 2,
        },
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

# ── Background work ──────────────────────────────────────────────────────────────────────────
# A killed worker's task comes back to the queue, so every task may run twice and must bear it.

CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 2 * 60 * 60
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 5 * 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may take; a shorter one hands a long task out a second time.
    "visibility_timeout": CELERY_TASK_TIME_LIMIT + 10 * 60,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "kam"
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_TASK_EAGER_PROPAGATES = TESTING
# Time for what is nearly done when a worker is asked to stop; the rest goes back to the queue.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BEAT_SCHEDULE_FILENAME = str(KAM_HOME / "celerybeat-schedule")

# ── People and signing in ────────────────────────────────────────────────────────────────────

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 10}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedHouse"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = None
# A whole office signs in from one address in the morning, so the limit by address is wide and
# the one by person is narrow.
ACCOUNT_RATE_LIMITS = {"login": "200/m/ip", "login_failed": "30/m/ip,5/300s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = typed(
    env.int, "PROXY_COUNT", 1 if PRODUCTION else 0, "How many proxies stand in front, 0 or more."
)

# ── History of changes ───────────────────────────────────────────────────────────────────────

PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# ── API ──────────────────────────────────────────────────────────────────────────────────────

REST_FRAMEWORK = {
    # The token first: its challenge is what makes a stranger's answer a 401.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerToken",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "accounts.paging.Pages",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": "600/min"},
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Key account management",
    "DESCRIPTION": (
        "Clients, dossiers, segments, runs and imports, within what the person may see.\n\n"
        "Sign in with a token (`Authorization: Bearer kam_…`), which an administrator makes, or with "
        "the session of the pages. Amounts are decimal text with their currency, dates are ISO 8601. "
        "What a person may not see does not exist for him: 404, never 403, where a row is asked for."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api",
    "PREPROCESSING_HOOKS": ["dossiers.api_writing.each_piece"],
    "ENUM_NAME_OVERRIDES": {
        "InfluenceStrength": "dossiers.models.decision_unit.InfluenceStrength",
        "JobState": "segmentation.models.jobs.JobState",
        "KindOfMove": "segmentation.comparing.KINDS",
        "KindOfMeasure": "segmentation.models.slipping.MeasureKind",
        "ReasonOfDoubt": "segmentation.models.matching.DoubtReason",
        "ReasonOfLoss": "segmentation.models.slipping.LossReason",
        "StateOfDoubt": "segmentation.models.matching.DoubtState",
        "StateOfMeasure": "segmentation.models.slipping.MeasureState",
        "StageOfClient": "accounts.models.client.Stage",
        "StateOfProposal": "segmentation.models.selection.ProposalState",
        "LevelOfRelationship": "dossiers.models.relationship.Level",
        "KindOfCompany": "dossiers.models.general.PartyKind",
        "KindOfInteraction": "dossiers.models.relationship.TimelineKind",
        "KindOfSurvey": "dossiers.models.survey.SurveyKind",
        "OneToFive": [(number, str(number)) for number in range(1, 6)],
        "ReviewState": "dossiers.models.review.ReviewState",
        "TenderReason": "dossiers.models.tender.TenderReason",
        "TieStrength": "dossiers.models.ground.TieStrength",
        "WorkState": "dossiers.models.plan.WorkState",
    },
}

# ── Languages, places, money ─────────────────────────────────────────────────────────────────

LANGUAGES = [("en", "English"), ("ru", "Русский"), ("pl", "Polski")]
LANGUAGE_CODE = one_of("LANGUAGE_CODE", "en", tuple(code for code, _name in LANGUAGES))
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "kam.formats"
USE_TZ = True
TIME_ZONE = os.environ.get("TIME_ZONE", "").strip() or "Europe/Warsaw"
try:
    ZoneInfo(TIME_ZONE)
except (KeyError, ValueError, OSError) as error:
    raise refuse(
        "TIME_ZONE", f"“{TIME_ZONE}” is not known here.", "Use a name such as Europe/Warsaw."
    ) from error
CELERY_TIMEZONE = TIME_ZONE
KAM_SALES_FILE_LIMIT = typed(
    env.int, "SALES_FILE_LIMIT", 2 * 1024**3, "A number of bytes, such as 500000000."
)
# What a workbook may unfold to (it is a zip archive of XML); about 45 bytes a cell.
KAM_SALES_UNFOLDED_LIMIT = typed(
    env.int, "SALES_UNFOLDED_LIMIT", 2 * 1024**3, "A number of bytes, such as 1000000000."
)
KAM_KEEP_SALES_FILES = typed(env.int, "KAM_KEEP_SALES_FILES", 90, "A number of days, such as 90.")
KAM_KEEP_REPLACED = typed(env.int, "KAM_KEEP_REPLACED", 400, "A number of days, such as 400.")
KAM_ATTACHMENT_LIMIT = typed(
    env.int, "ATTACHMENT_LIMIT", 20 * 1024**2, "A number of bytes, such as 20000000."
)
if KAM_ATTACHMENT_LIMIT < 1:
    raise refuse(
        "ATTACHMENT_LIMIT",
        "leaves no room for any file.",
        "Give a number of bytes, such as 20000000.",
    )
KAM_CURRENCY = os.environ.get("KAM_CURRENCY", "").strip() or "EUR"
if not re.fullmatch(r"[A-Z]{3}", KAM_CURRENCY):
    raise refuse(
        "KAM_CURRENCY", f"“{KAM_CURRENCY}” is not a currency.", "Use three letters, such as EUR."
    )
KAM_DISCOUNT_RATE = typed(
    per_cent,
    "KAM_DISCOUNT_RATE",
    Decimal(10),
    "Per cent a year, above 0 and up to 100, such as 7.5.",
)

# ── Files ────────────────────────────────────────────────────────────────────────────────────

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", "").strip() or KAM_HOME / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
# Uploads are private: no URL serves this folder, views do, after asking who is there.
MEDIA_ROOT = KAM_HOME / "media"
FILE_UPLOAD_PERMISSIONS = 0o600
# As much as `kam.uploads` lets through: a text that is too long comes back with its form, and not with an error page.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "kam.static.HashedStaticFiles"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_AUTOREFRESH = DEBUG

# ── Mail ─────────────────────────────────────────────────────────────────────────────────────

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = str(KAM_HOME / "mail")
EMAIL_TIMEOUT = 20
if os.environ.get("EMAIL_URL", "").strip():
    globals().update(
        typed(env.email_url, "EMAIL_URL", {}, "For instance smtp+tls://user:password@host:587")
    )
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "").strip() or "kam@localhost"
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = ""

# ── Safety ───────────────────────────────────────────────────────────────────────────────────

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
HTTPS = yes_or_no("HTTPS", PRODUCTION)
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS and ALLAUTH_TRUSTED_PROXY_COUNT else None
)
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
LANGUAGE_COOKIE_SAMESITE = "Lax"

# ── Logs ─────────────────────────────────────────────────────────────────────────────────────

LOG_LEVEL = one_of("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = logging_config(json_lines=PRODUCTION, level=LOG_LEVEL)
