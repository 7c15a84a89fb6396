"""Settings, read from the environment. Without any, Wubu runs on one SQLite file."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from wubu.database import from_url

BASE_DIR = Path(__file__).resolve().parent
HOME = Path(os.environ.get("WUBU_HOME") or Path.cwd() / "var").resolve()
DEBUG = os.environ.get("WUBU_DEBUG") == "1"


def _secret_key() -> str:
    """The key that signs sessions and cursors: from the environment, else made once and kept."""
    given = os.environ.get("WUBU_SECRET_KEY")
    if given:
        return given
    path = HOME / "secret-key"
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("WUBU_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("WUBU_ORIGINS", "").split(",") if o]

DATABASES = {
    "default": from_url(os.environ.get("DATABASE_URL") or f"sqlite:///{HOME / 'wubu.sqlite3'}")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Member"

ROOMS = [
    "wubu.kernel.calendar",
    "wubu.kernel.people",
    "wubu.kernel.audit",
    "wubu.kernel.jobs",
    "wubu.kernel.rules",
    "wubu.kernel.catalog",
    "wubu.kernel.events",
    "wubu.kernel.permissions",
    "wubu.kernel.records",
    "wubu.kernel.packs",
    "wubu.collect.conversations",
    "wubu.collect.imports",
    "wubu.collect.forms",
    "wubu.collect.views",
    "wubu.collect.plans",
    "wubu.measure.metrics",
    "wubu.measure.ledger",
    "wubu.measure.targets",
    "wubu.measure.scorecards",
    "wubu.control.boards",
    "wubu.control.reminders",
    "wubu.control.alerts",
    "wubu.control",
    "wubu.motivate.leaderboards",
    "wubu.motivate.points",
    "wubu.motivate",
    "wubu.improve.reviews",
    "wubu.improve.actions",
    "wubu.improve.handover",
    "wubu.web",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "ninja",  # its static files: the reader of the API document
    *ROOMS,
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "wubu.web.middleware.UnitOfWorkMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "wubu.web.middleware.ActorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "wubu.web.urls"
ASGI_APPLICATION = "wubu.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "OPTIONS": {
            "builtins": ["wubu.web.templatetags.wubu", "django.templatetags.static"],
            "context_processors": [
                "django.template.context_processors.request",
                "wubu.web.context.page",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]

LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "wubu.web.problems.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = os.environ.get("WUBU_HTTPS") == "1"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

USE_I18N = False  # both languages stand side by side in the source, see wubu.kernel.types.Text
USE_TZ = True
TIME_ZONE = os.environ.get("WUBU_TIME_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "web" / "static"]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = HOME / "files"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
