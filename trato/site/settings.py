"""Django's settings. What an operator decides comes from the environment; docs/admin lists it.

TRATO_DATA      the data folder (default: var)
TRATO_SECRETS   a secrets file shared by several machines (default: secrets.json in the data folder)
TRATO_URL       where people reach Trato (default: http://127.0.0.1:<TRATO_PORT>)
TRATO_LIVE_URL  where browsers reach the live server (default: TRATO_URL's host at the next port)
TRATO_PORT      the port of web; live takes the next one (default: 8000)
TRATO_PROXIES   proxies in front that each add to X-Forwarded-For (default: 0: that header is not believed)
TRATO_HEALTH_PAGE      0 hides how the installation is from administrators of workspaces (for a service)
TRATO_WORKSPACES_EACH  workspaces a person may make in the browser (default: 5; 0: only the operator makes them)
TRATO_INTERNAL_HOSTS  hosts of your own network that people may name for a sign-in, with commas; without TLS too
TRATO_API_PER_MINUTE  calls a token of the API may make in a minute (default: 1200)
DATABASE_URL    a PostgreSQL of yours instead of the embedded one
EMAIL_URL       smtp://user:password@host:587 (STARTTLS) or smtps://... (TLS); default: files in the data folder
EMAIL_FROM      the sender of Trato's own mails
"""

from __future__ import annotations

import os
import sys
from email.utils import parseaddr
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from .database import databases, roles
from .datafolder import DataFolder, folder_from_environment

PACKAGE = Path(__file__).resolve().parent.parent
DATA = DataFolder(folder_from_environment())

# Where we are reached

TRATO_PORT = int(os.environ.get("TRATO_PORT") or 8000)
TRATO_URL = (os.environ.get("TRATO_URL") or f"http://127.0.0.1:{TRATO_PORT}").rstrip("/")
_url = urlsplit(TRATO_URL)
HTTPS = _url.scheme == "https"
TRATO_LIVE_URL = (
    os.environ.get("TRATO_LIVE_URL") or f"{_url.scheme}://{_url.hostname}:{(_url.port or TRATO_PORT) + 1}"
).rstrip("/")
ALLOWED_HOSTS = [_url.hostname or "", "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [TRATO_URL]
ROOT_URLCONF = "trato.site.urls"
WSGI_APPLICATION = "trato.site.wsgi.application"
APPEND_SLASH = False

# Parts

#: The order in which a person meets the modules in menus; those of others follow by name.
ORDER = "people sales quoting billing subscriptions forecasting offers outreach field catalog".split()
_places = {f"trato.modules.{name}": place for place, name in enumerate(ORDER)}
MODULES = sorted(
    (entry.value for entry in entry_points(group="trato.modules")),
    key=lambda name: (_places.get(name, len(_places)), name),
)
INSTALLED_APPS = [
    "trato.engine.workspaces",
    "trato.engine",
    "trato.web",
    "trato.api",
    "trato.live",
    *MODULES,
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.saml",
    "allauth.usersessions",
    "csp",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "trato.site.logs.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "trato.web.middleware.WorkspaceMiddleware",
]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The API: calls a token may make in a minute

TRATO_API_PER_MINUTE = int(os.environ.get("TRATO_API_PER_MINUTE") or 1200)

# Hosts that may be called though they are inside

TRATO_INTERNAL_HOSTS = {
    host for host in (os.environ.get("TRATO_INTERNAL_HOSTS") or "").replace(",", " ").split() if host
}

# How many workspaces a person may make by themselves

TRATO_HEALTH_PAGE = os.environ.get("TRATO_HEALTH_PAGE", "1") != "0"
TRATO_WORKSPACES_EACH = int(os.environ.get("TRATO_WORKSPACES_EACH") or 5)

# Data

DATABASES = databases(DATA)
TRATO_ROLES = roles(DATA)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
MEDIA_ROOT = DATA.files
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# Pages. Jinja2 renders ours; Django's language only the pages that django-allauth owns.

STATIC_URL = "/static/"
STATIC_ROOT = PACKAGE / "site" / "static"
_collected = (STATIC_ROOT / "staticfiles.json").exists() or "collectstatic" in sys.argv
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _collected
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not _collected
WHITENOISE_AUTOREFRESH = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "web" / "templates", *sorted((PACKAGE / "modules").glob("*/templates"))],
        "OPTIONS": {"environment": "trato.web.environment.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "django_templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]

# Languages and time

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("ro", _("Romanian"))]
LOCALE_PATHS = [PACKAGE / "locale"]

# People and sessions

AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "trato.site.forms.Likeness", "OPTIONS": {"user_attributes": ("name", "email")}},
    {"NAME": "trato.site.forms.Length", "OPTIONS": {"min_length": 10}},
    {"NAME": "trato.site.forms.Common"},
    {"NAME": "trato.site.forms.Digits"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRATO_PROXIES") or 0)
ACCOUNT_ADAPTER = "trato.site.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "trato.site.forms.Login",
    "reset_password": "trato.site.forms.ResetPassword",
    "reset_password_from_key": "trato.site.forms.ResetPasswordKey",
    "change_password": "trato.site.forms.ChangePassword",
    "set_password": "trato.site.forms.SetPassword",
    "reauthenticate": "trato.site.forms.Reauthenticate",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account begins with an invitation, which arrived by mail
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _url.scheme
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
SOCIALACCOUNT_ADAPTER = "trato.site.sign_on.SignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form would be stopped by our policy on its way to the provider
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "trato.site.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an account begins with an invitation, which arrived by mail
MFA_TOTP_ISSUER = "Trato"
# No tolerance: allauth remembers a used code for one period only, so that an older one could be used again.
MFA_TOTP_TOLERANCE = 0
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # where browsers allow it themselves: on localhost
MFA_FORMS = {
    "authenticate": "trato.site.forms.Code",
    "reauthenticate": "trato.site.forms.CodeAgain",
    "activate_totp": "trato.site.forms.FirstCode",
    "add_webauthn": "trato.site.forms.NewPasskey",
    "edit_webauthn": "trato.site.forms.NamePasskey",
}
USERSESSIONS_TRACK_ACTIVITY = False  # three statements on every request; a session is described when it begins
SESSION_COOKIE_AGE = 14 * 24 * 3600

# Security

SECRET_KEY = DATA.secrets["django"]
TRATO_SEALING_KEYS = DATA.sealing_keys
DEBUG = False
_prefix = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = _prefix + "trato_session"
CSRF_FAILURE_VIEW = "trato.web.pages.errors.not_trusted"
CSRF_COOKIE_NAME = _prefix + "trato_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF, TRATO_LIVE_URL],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# Mail

EMAIL_FROM = os.environ.get("EMAIL_FROM") or f"Trato <trato@{_url.hostname}>"
DEFAULT_FROM_EMAIL = EMAIL_FROM
SERVER_EMAIL = parseaddr(EMAIL_FROM)[1]
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = DATA.mail
if os.environ.get("EMAIL_URL"):
    _mail = urlsplit(os.environ["EMAIL_URL"])
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = not EMAIL_USE_SSL and bool(EMAIL_HOST_USER)
    EMAIL_PORT = _mail.port or (465 if EMAIL_USE_SSL else 587)

# Logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "trato.site.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("TRATO_LOG_LEVEL") or "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "procrastinate": {"level": "WARNING"},
        "factur-x": {"level": "WARNING"},  # it tells of every file
    },
}
