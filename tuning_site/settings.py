"""Settings by environment; docs/guide/settings.md lists every variable read here."""

import tomllib
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from experiments.ingest.repository_address import entry_problem
from tuning_site.environment import Environment
from tuning_site.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]

# Everything that the product writes lives under one folder.
DATA_DIR = Path(env.text("DATA_DIR", default=str(BASE_DIR / "data"))).resolve()

DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])


def _noted(name: str) -> str:
    """What the first start wrote into the data folder; a folder that can't be read is `serve`'s to refuse."""
    try:
        return (DATA_DIR / name).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


SECRET_KEY = env.text("SECRET_KEY") or _noted("secret_key")
LOCK_KEY = env.text("LOCK_KEY")  # storage.lock_key() has the one of the data folder

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_rq",
    "csp",
    "experiments",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "experiments.web.arriving_files.BodyLimitMiddleware",
]

ROOT_URLCONF = "tuning_site.urls"
WSGI_APPLICATION = "tuning_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# SQLite: WAL and immediate transactions, so that several workers write without "database is locked".
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
}
DATABASES = {
    "default": env.database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = _SQLITE_OPTIONS
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # libpq would wait for ever for an unresponsive server; the address may say otherwise.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Else the embedded server's socket, which lies elsewhere where DATA_DIR's path is too long for one.
REDIS_URL = (
    env.redis("REDIS_URL") or f"unix://{_noted('redis.socket-path') or DATA_DIR / 'redis.sock'}"
)
RQ_QUEUES = {
    # Deadlines are ours (the supervisor of a trial), so RQ's own 180 s default is off.
    "trials": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": -1},
    "short": {"URL": REDIS_URL, "DEFAULT_TIMEOUT": 1800},
}
RQ_SHOW_ADMIN_LINK = False  # its second address would let staff in; /admin/rq/ is the guarded one
RQ = {"DEFAULT_RESULT_TTL": 60, "DEFAULT_FAILURE_TTL": 86_400, "COMMIT_MODE": "on_db_commit"}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

# Behind TLS (HTTPS=1) cookies travel only encrypted, and browsers remember it for an hour or more.
HTTPS = env.bool("HTTPS", default=False)
SESSION_COOKIE_NAME = "tuning_site_session"
SESSION_COOKIE_AGE = env.int("SESSION_DAYS", default=14, least=1) * 86_400
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "tuning_site_csrf"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600 if HTTPS else 0)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.time_zone("TIME_ZONE", default="UTC")
USE_I18N = False
USE_TZ = True

STATIC_URL = "static/"
# What pages load. Their sources, static/js and static/css, are not served.
STATICFILES_DIRS = [(name, BASE_DIR / "static" / name) for name in ("built", "img", "vendor")]
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "tuning_site.static.HashedStaticFiles"},
}

# Where `manage.py serve` listens.
HOST = env.text("HOST", default="127.0.0.1")
PORT = env.int("PORT", default=8000)
# Where `manage.py chief` answers KerasTuner scripts: this machine alone, since the protocol is not
# encrypted. Port 0: nowhere.
CHIEF_HOST = env.text("CHIEF_HOST", default="127.0.0.1")
CHIEF_PORT = env.int("CHIEF_PORT", default=PORT + 700)
WEB_WORKERS = env.int("WEB_WORKERS", default=1, least=1)
WEB_THREADS = env.int("WEB_THREADS", default=16, least=1)
# Whether the first start begins a small search, so that the first page shows something live.
FIRST_EXPERIMENT = env.bool("FIRST_EXPERIMENT", default=True)

# Trials: seconds without a heartbeat before a trial is released; parallel trials on this machine.
LEASE_SECONDS = env.float("LEASE_SECONDS", default=30.0)
SLOTS = env.int("SLOTS", default=2, least=1)
# Custom samplers and pruners, one file each: docs/guide/plugins.md.
PLUGINS_DIR = Path(env.text("PLUGINS_DIR") or DATA_DIR / "plugins")
# A child without a message for so long is ended, or one that uses more memory (0: four fifths of the
# machine's, divided by the slots).
SILENCE_SECONDS = env.float("SILENCE_SECONDS", default=900.0)
TRIAL_MEMORY_BYTES = env.int("TRIAL_MEMORY_BYTES", default=0)
# Custom code: whether it must run in the sandbox, and its limits.
SANDBOX = env.choice("SANDBOX", ("required", "auto", "off"), default="required")
CODE_SECONDS = env.float("CODE_SECONDS", default=6 * 3600.0)
# Git repositories that code may be fetched from: hosts, or beginnings of addresses; none: nowhere.
CODE_REPOSITORIES = env.places("CODE_REPOSITORIES", entry_problem)
CODE_FETCH_BYTES = env.int("CODE_FETCH_BYTES", default=100 * 1024**2, least=1)
CODE_FETCH_SECONDS = env.float("CODE_FETCH_SECONDS", default=60.0)
# Uploaded data: what one file may hold; the upload form shows these.
UPLOAD_LIMIT_BYTES = env.int("UPLOAD_LIMIT_BYTES", default=512 * 1024**2, least=1)
UPLOAD_LIMIT_ROWS = env.int("UPLOAD_LIMIT_ROWS", default=1_000_000, least=1)
UPLOAD_LIMIT_COLUMNS = env.int("UPLOAD_LIMIT_COLUMNS", default=2_000, least=1)
UPLOAD_LIMIT_INFLATED_BYTES = env.int("UPLOAD_LIMIT_INFLATED_BYTES", default=1024**3, least=1)
UPLOAD_LIMIT_ENTRIES = env.int("UPLOAD_LIMIT_ENTRIES", default=100_000, least=1)
UPLOAD_LIMIT_MEMBER_BYTES = env.int("UPLOAD_LIMIT_MEMBER_BYTES", default=200 * 1024**2, least=1)
UPLOAD_LIMIT_PIXELS = env.int("UPLOAD_LIMIT_PIXELS", default=25_000_000, least=1)
FILE_UPLOAD_HANDLERS = ["experiments.web.arriving_files.DataFolderUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LOGGING = logging_settings(
    level=env.level("LOG_LEVEL", default="INFO"),
    style=env.choice("LOG_FORMAT", ("json", "plain", "console"), default=""),
)
