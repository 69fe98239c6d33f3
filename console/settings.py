"""All settings, from the environment, with defaults for production.

`.env.example` lists the variables. `manage.py up` sets those that a loopback console needs.
"""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvValidationError

from console import address, database, postgres, secret

BASE_DIR = Path(__file__).resolve().parent.parent

# Set by `manage.py dev` for its web server. Read before .env, which therefore can't set it
IS_DEVELOPMENT = os.environ.get("BCC_CONSOLE_DEVELOPMENT") == "1"

env = Env(eager=False)
env.read_env(str(BASE_DIR / ".env"), override=False)


def is_loopback(host: str) -> bool:
    """Return True if a server bound to `host` is reachable from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# Address and data

HOST = env.str("HOST", "127.0.0.1")
port = env.str("PORT", "") or "8000"
if port_problem := address.find_wrong_port(port):
    raise ImproperlyConfigured(port_problem)
PORT = int(port)
DATA_DIR = postgres.get_data_dir(env.str("DATA_DIR", ""), project=BASE_DIR)
WEB_WORKERS = env.int("WEB_WORKERS", 2)
WEB_THREADS = env.int("WEB_THREADS", 16)

# Behind a TLS proxy: secure cookies, HSTS, and the client's scheme from its header
HTTPS = env.bool("HTTPS", False)
# The number of trusted proxies that append to X-Forwarded-For
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0)

# True if only this machine can reach the console: a loopback address without a proxy
ONLY_LOCAL = is_loopback(HOST) and not HTTPS and not TRUSTED_PROXIES

# Core

SECRET_KEY = env.str("SECRET_KEY", "") or secret.SIGNING.read(DATA_DIR)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# Fernet keys: the first encrypts the secrets of access keys, all of them decrypt
ACCESS_KEY_ENCRYPTION_KEYS: list[str] = env.list("ACCESS_KEY_ENCRYPTION_KEYS", []) or list(
    filter(None, [secret.ENCRYPTION.read(DATA_DIR)])
)
# Keys of 32 bytes: the first signs the seals of the audit trail, all of them verify
AUDIT_SIGNING_KEYS: list[str] = env.list("AUDIT_SIGNING_KEYS", []) or list(
    filter(None, [secret.AUDIT.read(DATA_DIR)])
)
# Tracebacks in the browser and static files from the source, on this machine only
DEBUG = IS_DEVELOPMENT and ONLY_LOCAL
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])

INSTALLED_APPS = [
    "console",
    "images",
    "accounts",
    "csp",
    "django_htmx",
    "console.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "console.middleware.RequestIdMiddleware",
    "console.api.dispatch.ApiMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # After the API and the static files, which it leaves as they are
    "console.middleware.CompressionMiddleware",
    # Before everything that may respond with our pages
    "django.middleware.locale.LocaleMiddleware",
    "console.middleware.PrivateResponseMiddleware",
    "console.middleware.RequestBoundsMiddleware",
    # Before the session is read, so that a refusal costs no query
    "console.middleware.BudgetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.ConfirmedPersonMiddleware",
    "accounts.middleware.SignInRequiredMiddleware",
    # After it, so that the form of an ended session leads to the sign-in page
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.NewPasswordMiddleware",
    "accounts.middleware.CurrentActorMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "console.account_guard.AccountGuardMiddleware",
    "console.middleware.LastRegionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Last, because it runs the views of forms
    "accounts.once.OnceMiddleware",
]

ROOT_URLCONF = "console.urls"
APPEND_SLASH = True

CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "console.context_processors.frame",
]
TEMPLATES = [
    {
        "BACKEND": "console.templates.Templates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "console.templates.Environment",
            "context_processors": CONTEXT_PROCESSORS,
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["console.templatetags.ui"],
            "context_processors": CONTEXT_PROCESSORS,
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Database: DATABASE_URL, else the embedded server (console/postgres.py). The URL contains a
# password, so it is not a setting: error pages of `make dev` show settings

database_url = env.str("DATABASE_URL", "")
owner_url = env.str("MIGRATION_DATABASE_URL", "")
HAS_EMBEDDED_DATABASE = not database_url
if HAS_EMBEDDED_DATABASE:
    database_url = postgres.get_url(DATA_DIR, postgres.APPLICATION)
    owner_url = postgres.get_url(DATA_DIR, postgres.OWNER)
DATABASES = {"default": database.build_settings(database_url)}
# The owner of the tables, who migrates (console/database/owner.py). None: the same as the above
OWNER_DATABASE = database.build_settings(owner_url) if owner_url else None
# Lists are read from a standby while it is at most so many seconds behind (accounts/standby.py)
if replica_url := env.str("REPLICA_DATABASE_URL", ""):
    DATABASES["standby"] = database.build_standby_settings(replica_url)
    DATABASE_ROUTERS = ["console.database.routing.Router"]
REPLICA_MAX_LAG = env.int("REPLICA_MAX_LAG_SECONDS", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PasswordBackend"]
LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = LOGIN_URL
PASSWORD_HASHERS = ["accounts.hashers.Argon2InTurn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.MinimumLengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
        "accounts.passwords.DemoPasswordValidator",
    )
]
# False turns passwords off, so that people sign in by single sign-on only
LOCAL_SIGN_IN = env.bool("LOCAL_SIGN_IN", True)
# The demo password is public, so it doesn't work on a console that others can reach
DEMO_PASSWORD = "golden-images-2026"  # noqa: S105
DEMO_PASSWORD_WORKS = ONLY_LOCAL

# Single sign-on with an OpenID provider (accounts/sso.py), if OIDC_ISSUER is set

OIDC_ISSUER = env.str("OIDC_ISSUER", "")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "")
OIDC_SCOPES: list[str] = env.list("OIDC_SCOPES", ["openid", "profile", "offline_access"])
OIDC_USERNAME_CLAIM = env.str("OIDC_USERNAME_CLAIM", "preferred_username")
OIDC_ACCOUNT_CLAIM = env.str("OIDC_ACCOUNT_CLAIM", "account")
OIDC_ROLE_CLAIM = env.str("OIDC_ROLE_CLAIM", "groups")
OIDC_ROLES: dict[str, str] = env.dict("OIDC_ROLES", {})
OIDC_OPERATOR_GROUP = env.str("OIDC_OPERATOR_GROUP", "")
# The provider is asked about a person after the first, and must have answered within the second
OIDC_CHECK_MINUTES = env.int("OIDC_CHECK_MINUTES", 15)
OIDC_GRACE_MINUTES = env.int("OIDC_GRACE_MINUTES", 24 * 60)
OIDC_TIMEOUT_SECONDS = 5

SESSION_ENGINE = "accounts.sessions"
# How long an invitation can be used (accounts/invitations.py)
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

SESSION_COOKIE_AGE = env.int("SESSION_IDLE_SECONDS", 2 * 60 * 60)
SESSION_ABSOLUTE_AGE = env.int("SESSION_ABSOLUTE_SECONDS", 12 * 60 * 60)
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "console.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# Requests in each web process: (number, seconds)
REQUESTS_PER_ADDRESS = (6000, 60)
REQUESTS_PER_PERSON = (3000, 60)
CHANGES_PER_ACCOUNT = (50_000, 24 * 60 * 60)

# Sign-in attempts and unknown accounts: (number, seconds)
# Of a name: from one address or known browser, and from all other addresses together
SIGN_IN_ATTEMPTS_PER_NAME = (10, 600)
SIGN_IN_ATTEMPTS_PER_NAME_ANYWHERE = (50, 600)
SIGN_IN_ATTEMPTS_PER_ADDRESS = (60, 600)
# With the right password
SIGN_INS_PER_PERSON = (1000, 3600)
SSO_ATTEMPTS_PER_ADDRESS = (300, 600)
UNKNOWN_ACCOUNTS_PER_PERSON = (1000, 600)
UNKNOWN_ACCOUNTS_PER_ACCOUNT = (5000, 600)

# Transport and browser policy

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
KNOWN_BROWSER_COOKIE_NAME = "known-browser"
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    KNOWN_BROWSER_COOKIE_NAME = "__Host-known-browser"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {"BACKEND": "console.bundles.BundledStorage"},
}

# Languages

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "中文")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "console" / "locale"]
FORMAT_MODULE_PATH = "console.locale"
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = "UTC"

# Log

LOG_FORMAT = env.str("LOG_FORMAT", "json")
LOGGING_CONFIG = "console.logs.configure"
LOGGING: dict[str, object] = {"format": LOG_FORMAT}

# Default limits, which an operator can override per account

MAX_RECIPIENTS_PER_IMAGE = 50
MAX_RECEIVED_IMAGES = 20
MAX_CUSTOM_IMAGES_PER_REGION = 20

# Limits that are the same for all

# Instances of an account that aren't released, in all regions
MAX_INSTANCES = 5000
# Client tokens and IDs of forms that are kept for a person
MAX_CLIENT_TOKENS = 50_000

# Access keys per person: two active ones, so that a new key can replace an old one
MAX_ACTIVE_ACCESS_KEYS = 2
MAX_ACCESS_KEYS = 20

# The region of API requests whose host name has none
API_DEFAULT_REGION = env.str("API_DEFAULT_REGION", "bj")

# Seconds for what takes minutes in BCC

INSTANCE_START_SECONDS = env.int("INSTANCE_START_SECONDS", 5)
INSTANCE_STOP_SECONDS = env.int("INSTANCE_STOP_SECONDS", 3)
IMAGE_CREATE_SECONDS = env.int("IMAGE_CREATE_SECONDS", 15)
IMAGE_COPY_SECONDS = env.int("IMAGE_COPY_SECONDS", 30)

try:
    env.seal()
except EnvValidationError as error:
    problems = [f"{name}: {' '.join(texts)}" for name, texts in error.error_messages.items()]  # type: ignore[union-attr]
    text = f"Change these settings in the environment or in .env. {' '.join(problems)}"
    raise ImproperlyConfigured(text) from error
