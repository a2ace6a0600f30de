"""Applications, templates, database, languages, static files, mail."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.settings.env import COOKIE_PREFIX, ROOT, env, mailer

BASE_DIR = ROOT
DEBUG = env("DEBUG")
SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env("CSRF_TRUSTED_ORIGINS")
BASE_URL = env("BASE_URL", default="http://127.0.0.1:8000")
PRODUCT_NAME = env("PRODUCT_NAME", default="CRM")
DEMO_LOGINS_FILE = env("CRM_LOGINS_FILE", default="")
ADMIN_EMAIL = env("ADMIN_EMAIL", default="")
ADMIN_PASSWORD = env("ADMIN_PASSWORD", default="")

INSTALLED_APPS = [
    "crm",
    "records",
    "accounts",
    "contacts",
    "catalog",
    "activities",
    "deals",
    "leads",
    "reports",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "pgtrigger",
    "pghistory",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SeenMiddleware",
    "accounts.middleware.PersonMiddleware",
    "records.pace.PaceMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "records.history.HistoryMiddleware",
    "records.audit.AuditMiddleware",
    "accounts.viewing_as.ViewAsMiddleware",
    "records.taking_out.TakingOutMiddleware",
]
MIDDLEWARE = [*env.list("EXTRA_MIDDLEWARE", default=[]), *MIDDLEWARE]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "crm.navigation.shell",
            ],
            "builtins": ["records.templatetags.crm"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FILTERS_EMPTY_CHOICE_LABEL = pgettext_lazy("filter", "Any")

DATABASES = {"default": env.db("DATABASE_URL", default="postgres:///crm")}
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {})
# Compiling a query of rights to machine code takes seconds and saves milliseconds.
DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
DATABASES["default"]["STATEMENT_SECONDS"] = env.int("STATEMENT_SECONDS", default=60)
if template := env("TEST_TEMPLATE", default=""):  # set by `crm test`: a migrated database
    DATABASES["default"]["TEST"] = {"TEMPLATE": template}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"

LANGUAGE_CODE = env("LANGUAGE_CODE", default="ru")
LANGUAGES = [("ru", _("Russian")), ("uk", _("Ukrainian")), ("en", _("English"))]
LOCALE_PATHS = [ROOT / "locale"]
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}crm_language"
PHONE_REGIONS = env.list("PHONE_REGIONS", default=["UA", "RU"])
TIME_ZONE = env("TIME_ZONE", default="Europe/Kyiv")
FISCAL_YEAR_MONTH = min(12, max(1, env.int("FISCAL_YEAR_MONTH", default=1)))
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # keys in addresses and values stay plain; `number` groups
FORMAT_MODULE_PATH = ["crm.formats"]

STATIC_URL = "static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(ROOT / "staticfiles"))
STATICFILES_DIRS = [("dist", ROOT / "static" / "dist")]  # sources are not served
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "crm.static_storage.ForgivingStaticStorage"
    },
}
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}
MEDIA_ROOT = env("MEDIA_ROOT", default=str(ROOT / "var" / "media"))

MAILERS = {"default": mailer(env("EMAIL_URL", default=""), Path(MEDIA_ROOT).parent / "mail")}
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="crm@localhost")

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_HANDLERS = ["records.uploads.NoFiles"]  # nothing here takes files from a browser
REQUESTS_PER_MINUTE = env.int("REQUESTS_PER_MINUTE", default=900)
EXPORTS_PER_HOUR = env.int("EXPORTS_PER_HOUR", default=60)

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "crm.log_lines.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
}
