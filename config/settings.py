"""Settings: here what the environment decides (docs/operations.md), in `config/fixed` what it does not. Composition only: no
business rule lives here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.fixed.api import *  # noqa: F403  # whatever stands there is a setting
from config.fixed.apps import *  # noqa: F403  # whatever stands there is a setting
from config.fixed.headers import *  # noqa: F403  # whatever stands there is a setting
from config.fixed.people import *  # noqa: F403  # whatever stands there is a setting
from config.fixed.queue import *  # noqa: F403  # whatever stands there is a setting

HERE = Path(__file__).resolve().parent.parent
env = environ.Env()

DJANGO_ENV: str = env("DJANGO_ENV", default="demo")
PRODUCTION = DJANGO_ENV == "production"
if DJANGO_ENV not in {"demo", "production"}:
    raise ImproperlyConfigured("DJANGO_ENV must be demo or production.")
DEBUG: bool = env.bool("DEBUG", default=False)
VAR = Path(env("WASL_VAR", default=str(HERE / "var")))
DEMO_FIELD_KEY = "ZGVtby1vbmx5LW5vdC1hLXNlY3JldC1kZW1vLW9ubHk="
DEMO_HASH_KEY = "00" * 32


def secret(name: str) -> str:
    """A secret that production must be given; the demo falls back to a value that is worthless outside this machine."""
    value = str(env(name, default=""))
    if not value and PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production.")
    return value


def check_keys(field_keys: list[str], hash_key: str) -> None:
    """A key that is no key would be found out by the first redemption; a demo's key by whoever has read this file."""
    try:
        for key in field_keys:
            Fernet(key)
    except ValueError:
        raise ImproperlyConfigured("FIELD_KEYS must be Fernet keys, separated by commas.") from None
    try:
        long_enough = len(bytes.fromhex(hash_key)) >= 32
    except ValueError:
        long_enough = False
    if not long_enough:
        raise ImproperlyConfigured("HASH_KEY must be 32 bytes or more in hexadecimal.")
    if PRODUCTION and (not field_keys or DEMO_FIELD_KEY in field_keys or hash_key == DEMO_HASH_KEY):
        raise ImproperlyConfigured("FIELD_KEYS and HASH_KEY must be your own in production.")


# Secrets ------------------------------------------------------------------------------------------------------------
SECRET_KEY = secret("SECRET_KEY") or "demo-only-not-a-secret-demo-only-not-a-secret-demo"
# Fernet keys, newest first: what we keep encrypted. Rotate with `manage.py rotate_keys` (docs/operations.md).
FIELD_KEYS: list[str] = [key.strip() for key in secret("FIELD_KEYS").split(",") if key.strip()]
# Key of the lookup hashes (voucher codes, ID numbers). Never rotated in place: every hash would change.
HASH_KEY = secret("HASH_KEY") or DEMO_HASH_KEY
if not FIELD_KEYS and not PRODUCTION:
    FIELD_KEYS = [DEMO_FIELD_KEY]
check_keys(FIELD_KEYS, HASH_KEY)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production.")

# Where we are reached -----------------------------------------------------------------------------------------------
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desk.frame.frame",
            ],
            "builtins": ["branches.templatetags.show"],
        },
    }
]

# Database: PostgreSQL always ----------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {"default": env.db("DATABASE_URL", default="postgres://app:@localhost/wasl")}
DATABASES["default"].update(
    ENGINE="django.db.backends.postgresql",
    CONN_MAX_AGE=60,
    CONN_HEALTH_CHECKS=True,
    ATOMIC_REQUESTS=False,  # the protocol: an intent must be durable before a byte leaves
)
# Who owns the tables (docs/operations.md): migrations, backup and restore only. Empty: one role does everything.
DATABASE_OWNER: dict[str, Any] = env.db("DATABASE_OWNER_URL") if env("DATABASE_OWNER_URL", default="") else {}
APP_ROLE = str(DATABASES["default"]["USER"])
# A lock that is not had within 15 s is an error with a page, not a thread that waits for ever.
DATABASES["default"].setdefault("OPTIONS", {}).update(connect_timeout=5, options="-c lock_timeout=15s")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker: only a bell (docs/how-it-works.md) -------------------------------------------------------------------------
BROKER_URL: str = env("BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = BROKER_URL
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")

# People -------------------------------------------------------------------------------------------------------------
DEMO_PASSWORD = "wasl-demo-2026"  # printed by the demo; production lets nobody in with it
PROXY_COUNT: int = env.int("PROXY_COUNT", default=0)  # proxies of ours that append to X-Forwarded-For
# The second factor: asked of whoever has one, and demanded of these roles (branches/middleware.py).
ROLES = ["receptionist", "supervisor", "manager", "accountant", "owner", "admin"]
MFA_ROLES: list[str] = env.list("MFA_ROLES", default=ROLES if PRODUCTION else [])
if not set(MFA_ROLES) <= set(ROLES):
    raise ImproperlyConfigured(f"MFA_ROLES must be some of {', '.join(ROLES)}, separated by commas.")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # a demo is reached without https
STEP_UP_SECONDS: int = env.int("STEP_UP_SECONDS", default=600)  # how long a proof of who is there counts
SESSION_ENGINE = "branches.sessions"
SESSION_IDLE_SECONDS: int = env.int("SESSION_IDLE_SECONDS", default=1800)
SESSION_COOKIE_AGE = 12 * 3600  # from the sign-in on, whatever is done meanwhile
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "desk.errors.csrf_failure"

# Languages ----------------------------------------------------------------------------------------------------------
LANGUAGE_CODE: str = env("LANGUAGE_CODE", default="ar")
LANGUAGES = [("ar", _("Arabic")), ("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [HERE / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = False  # a row's number must come back from a field as it went; people read `grouped` figures
USE_TZ = True
TIME_ZONE: str = env("TIME_ZONE", default="Asia/Riyadh")
LANGUAGE_COOKIE_HTTPONLY = True
TILL_COOKIE_NAME = "till"

# Pages, files, limits -----------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(VAR / "static")))
STATICFILES_DIRS = [HERE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no other site has a use for our files
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Security headers ---------------------------------------------------------------------------------------------------
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-wasl"
    CSRF_COOKIE_NAME = "__Host-wasl-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-wasl-language"
    TILL_COOKIE_NAME = "__Host-wasl-till"

# Audit --------------------------------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True
PGHISTORY_ADMIN_ORDERING = "-pgh_created_at"

# Partner API (docs/partners.md) --------------------------------------------------------------------------------------
API_RATE_KEY: int = env.int("API_RATE_KEY", default=600)  # requests a minute of one key
API_RATE_ALL: int = env.int("API_RATE_ALL", default=6000)  # of all keys together
API_WAIT_SECONDS: float = env.float("API_WAIT_SECONDS", default=8)  # for a worker's answer
API_WAITING_THREADS = 4  # of each web process, at the same time: the others serve people at desks

# Providers ----------------------------------------------------------------------------------------------------------
# Extra hosts an account may point at, beside those that each provider's own folder names.
PROVIDER_HOSTS_ALLOWED: list[str] = env.list("PROVIDER_HOSTS_ALLOWED", default=[])
if PRODUCTION and any(host.split(".")[0] in {"localhost", "127", "[::1]", "::1"} for host in PROVIDER_HOSTS_ALLOWED):
    raise ImproperlyConfigured("PROVIDER_HOSTS_ALLOWED must not name this machine in production.")
LOOPBACK_ALLOWED = not PRODUCTION  # the sandbox lives on loopback; production refuses it at save and at send
# How many look-ups, and how many redemptions, may wait for one account. More would only wait past their minute.
WAITING_LIMIT: int = env.int("WAITING_LIMIT", default=200)
# Clients whose cards a night asks about, one call each: an hour of the mirror's part of two hundred calls a minute.
CARDS_A_NIGHT: int = env.int("CARDS_A_NIGHT", default=9_000)
# A branch that can be booked for fewer days ahead than this raises an alarm.
HORIZON_DAYS: int = env.int("HORIZON_DAYS", default=7)
SANDBOX_PORT: int = env.int("SANDBOX_PORT", default=8900)

# Logs: one line an event, ids only; see docs/security.md for what may never appear ------------------------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"class": "config.logs.OneLine", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "axes": {"level": "WARNING"},
        "celery": {"level": env("LOG_LEVEL", default="WARNING")},
        "fontTools": {"level": "WARNING"},  # one line a table of each font that goes into a letter
        "django.db.backends": {"level": "INFO"},  # below it: every value of every statement
        "django.template": {"level": "INFO"},  # below it: all that a page was made of, whenever a name is not in it
        "django.request": {"level": "CRITICAL"},  # desk.errors logs what failed, with the reference that was shown
    },
}
