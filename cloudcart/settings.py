"""All settings of the shop, from the environment; README.md has the table of variables."""

import os
from pathlib import Path

from csp.constants import NONE, SELF

from cloudcart.environment import Environment, has_embedded_aws, read_stage

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = Path(Environment().text("CLOUDCART_LOCAL_DIR", str(BASE_DIR / ".local")))

STAGE = read_stage()
IS_LOCAL = STAGE == "local"
# A stage that was deployed to an embedded AWS of this machine (`make rehearse`); never the one that sells.
IS_REHEARSAL = STAGE not in {"local", "production"} and has_embedded_aws()
IS_LAMBDA = "AWS_LAMBDA_FUNCTION_NAME" in os.environ
env = Environment(LOCAL_DIR / "stack.env" if IS_LOCAL else None)
# A package holds the file (cloudcart/aws/release.py).
_RELEASE_FILE = BASE_DIR / "release.txt"
RELEASE = _RELEASE_FILE.read_text() if _RELEASE_FILE.exists() else "local"

DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", "APP_SECRET_ID", on_laptop="only-for-the-laptop-0c3f5d7b9a1e", is_local=IS_LOCAL)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if IS_LOCAL else "")

# The shop

STORE_NAME = env.text("STORE_NAME", "CloudCart")
STORE_EMAIL = env.text("STORE_EMAIL", "shop@cloudcart.example")
# The shop's address as written into mails, which no request is at hand for.
STORE_URL = env.text("STORE_URL", f"http://127.0.0.1:{env.number('PORT', 8000)}")
# Who sells, as invoices have to name it: lines of the address with ";" between them.
SELLER_NAME = env.text("SELLER_NAME", STORE_NAME)
SELLER_ADDRESS = env.lines("SELLER_ADDRESS", "Example Street 1; 10115 Berlin; Germany" if IS_LOCAL else "")
SELLER_VAT_ID = env.text("SELLER_VAT_ID", "DE000000000" if IS_LOCAL else "")
# Where buyers on invoice transfer to.
SELLER_IBAN = env.text("SELLER_IBAN", "DE02 1203 0000 0000 2020 51" if IS_LOCAL else "")
SELLER_BIC = env.text("SELLER_BIC")
TAX_NAME = env.text("TAX_NAME", "VAT")
CURRENCY = env.text("CURRENCY", "EUR")
PRICES_INCLUDE_TAX = env.flag("PRICES_INCLUDE_TAX", default=True)
# Basis points (1900 is 19 %) of the tax that is included in prices or added to them.
TAX_RATE_BASIS_POINTS = env.number("TAX_RATE_BASIS_POINTS", 1900)
SHIPPING_COUNTRIES = env.words(
    "SHIPPING_COUNTRIES", "DE,AT,BE,CH,CZ,DK,ES,FI,FR,GB,IE,IT,LU,NL,NO,PL,PT,SE,US,CA,AU,JP"
)
# Flat rates in minor units; the first is offered as the default.
SHIPPING_METHODS = [
    {"code": "standard", "name": "Standard delivery", "detail": "3 to 5 working days", "unit_amount": 490},
    {"code": "express", "name": "Express delivery", "detail": "1 to 2 working days", "unit_amount": 1290},
]
# In this order; "card" is offered once Stripe's key is there.
PAYMENT_METHODS = env.words("PAYMENT_METHODS", "card,invoice")
RETURN_WINDOW_DAYS = env.number("RETURN_WINDOW_DAYS", 30)
# Attempts an hour: to order from one network address, by one account or e-mail address, of one product from one
# network address; and to begin to pay for one order.
ORDER_LIMITS = {"address": 60, "account": 30, "product": 30, "payment": 20} | env.numbers("ORDER_LIMITS")
CART_LIFETIME_DAYS = env.number("CART_LIFETIME_DAYS", 90)
# Of the two accounts that a local shop is born with (`manage.py create_demo_accounts`).
DEMO_SHOPPER_PASSWORD = env.text("DEMO_SHOPPER_PASSWORD", "shop around the clock")
DEMO_MERCHANT_PASSWORD = env.text("DEMO_MERCHANT_PASSWORD", "mind the shop well")
LOW_STOCK_THRESHOLD = env.number("LOW_STOCK_THRESHOLD", 5)
# Who is told that something runs low.
MERCHANT_EMAIL = env.text("MERCHANT_EMAIL", STORE_EMAIL)

# Payments by card

PAYMENT_GATEWAY = "orders.stripe_gateway.StripeGateway"
STRIPE_SECRET_KEY = env.optional_secret("STRIPE_SECRET_KEY", "STRIPE_SECRET_ID")
STRIPE_WEBHOOK_SECRET = env.optional_secret("STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_ID")
# Empty for Stripe itself; on a laptop and in a rehearsal it is the payment simulator.
STRIPE_API_BASE = env.text("STRIPE_API_BASE")
# Where the page to pay on may be: browsers refuse to follow a form to any other origin.
PAYMENT_PAGE_ORIGINS = env.words("PAYMENT_PAGE_ORIGINS", STRIPE_API_BASE.rstrip("/") or "https://checkout.stripe.com")

# Commands that a schedule may run on AWS, every minute or so; each is harmless to run twice.
SCHEDULED_COMMANDS = ["sweep_orders", "sweep_payments"]
# Commands that the worker function runs for an operator (`zappa manage`). The others make files on a laptop, or do what
# its role must not.
WORKER_COMMANDS = [
    *SCHEDULED_COMMANDS,
    "answer_return",
    "cancel_order",
    "mark_paid",
    "rebuild_counters",
    "rebuild_stock_lists",
    "reconcile_order",
    "refund_order",
    "seed",
    "verify_stock",
]

# Django

OWN_APPS = ["cloudcart", "catalog", "catalog.spreadsheets", "cart", "orders", "accounts"]
INSTALLED_APPS = [
    "cloudcart.staff.apps.ThemeConfig",
    "cloudcart.staff.apps.StaffConfig",
    "cloudcart.staff.apps.AdminConfig",
    "cloudcart.staff.apps.AuthConfig",
    "cloudcart.staff.apps.ContentTypesConfig",
    *OWN_APPS,
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "cloudcart.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cloudcart.middleware.compress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "cloudcart.middleware.refuse_cross_site_posts",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "accounts.middleware.attach_customer",
    "django.contrib.messages.middleware.MessageMiddleware",
    "cloudcart.staff.middleware.open_admin",
    "django_htmx.middleware.HtmxMiddleware",
    "cart.middleware.set_cart_cookies",
    "cloudcart.middleware.translate_storefront_errors",
]

if IS_LAMBDA:
    # CloudFront answers for static files before a request gets here.
    INSTALLED_APPS.remove("whitenoise.runserver_nostatic")
    MIDDLEWARE.remove("whitenoise.middleware.WhiteNoiseMiddleware")

ROOT_URLCONF = "cloudcart.urls"
WSGI_APPLICATION = "cloudcart.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "cloudcart.staff.templates.LateTemplates",
        # By this name django-template-partials finds whose loaders to extend.
        "NAME": "django",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "cloudcart.context_processors.store",
                "cloudcart.staff.context_processors.staff",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# There is no SQL database; whatever asks for one fails at once.
DATABASES = {"default": {"ENGINE": "cloudcart.dynamo_admin.database"}}
DATABASE_ROUTERS = ["cloudcart.dynamo_admin.database.router.NoMigrations"]

USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "Europe/Berlin")
LANGUAGE_CODE = "en"
# The locale in which Babel writes prices and dates.
FORMAT_LOCALE = env.text("FORMAT_LOCALE", "en_IE")

# Sessions, cookies and security

SESSION_ENGINE = "cloudcart.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
MESSAGE_STORAGE = "cloudcart.flash.LateCookieStorage"

# Browsers keep Secure cookies from http://localhost and refuse them from http://127.0.0.1.
SECURE_COOKIES = env.flag("SECURE_COOKIES", default=not IS_LOCAL)
SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = SECURE_COOKIES
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
SECURE_SSL_REDIRECT = False  # CloudFront redirects; the function never sees plain http.
SECURE_PROXY_SSL_HEADER = None if IS_LOCAL else ("HTTP_X_FORWARDED_PROTO", "https")
USE_X_FORWARDED_HOST = env.flag("USE_X_FORWARDED_HOST")
# Behind CloudFront, "": API Gateway's address has the stage as a prefix, the shop's own has none.
FORCE_SCRIPT_NAME = os.environ.get("FORCE_SCRIPT_NAME")
# How many proxies before us append to X-Forwarded-For: an API Gateway is one, CloudFront before it makes
# two. 0 trusts none of it.
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0 if IS_LOCAL else 1)
SECURE_HSTS_SECONDS = 0 if IS_LOCAL else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not IS_LOCAL
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The shop's forms need no token (docs/adr/0006-posts-without-a-token.md); the admin's have one all the same.
CSRF_COOKIE_PATH = "/admin/"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, *PAYMENT_PAGE_ORIGINS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Staff: which groups of the user pool work in the admin, and what each may do there

AUTH_USER_MODEL = "staff.StaffUser"
LOGIN_URL = "accounts:sign-in"
# Patterns of Django's permission names.
STAFF_PERMISSIONS = {
    "admins": ["*"],
    "merchandisers": ["catalog.*"],
    "support": ["orders.*", "accounts.*"],
    "viewers": ["*.view_*"],
}
# Whether the admin opens only to sign-ins that a code of an authenticator app has completed.
STAFF_MFA_REQUIRED = env.flag("STAFF_MFA_REQUIRED")
# Where the admin writes who did what.
DYNAMO_ADMIN_AUDIT = "cloudcart.staff.audit.AuditEntry"
UNFOLD = {
    "SITE_TITLE": STORE_NAME,
    "SITE_HEADER": STORE_NAME,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "cloudcart.staff.assets.favicon"}],
    "STYLES": [f"cloudcart.staff.assets.{name}" for name in ("fonts", "tokens", "styles")],
    "SCRIPTS": ["cloudcart.staff.assets.scripts"],
    "DASHBOARD_CALLBACK": "orders.dashboard_views.add_dashboard",
}

# AWS

# Of the keys by which CloudFront is known (cloudcart.aws.origin_key); empty admits everybody.
ORIGIN_KEY_DIGESTS = env.words("ORIGIN_KEY_DIGESTS")
# Empty on AWS; boto3 reads it by itself.
AWS_ENDPOINT_URL = env.text("AWS_ENDPOINT_URL")
AWS_REGION = env.text("AWS_DEFAULT_REGION", "eu-central-1")
STACK_NAME = f"cloudcart-{STAGE}"
TABLE_PREFIX = env.text("TABLE_PREFIX", f"{STACK_NAME}-")
COGNITO_USER_POOL_ID = env.text("COGNITO_USER_POOL_ID")
COGNITO_CLIENT_ID = env.text("COGNITO_CLIENT_ID")
TASK_QUEUE_NAME = f"{STACK_NAME}-tasks"
TASK_QUEUE_URL = env.text("TASK_QUEUE_URL")
# Where word of changes goes that a projection could not take.
STREAM_DEAD_LETTERS_URL = env.text("STREAM_DEAD_LETTERS_URL")
EVENT_BUS_NAME = env.text("EVENT_BUS_NAME", f"{STACK_NAME}-events")
EVENT_TOPIC_ARN = env.text("EVENT_TOPIC_ARN")
MEDIA_BUCKET = env.text("MEDIA_BUCKET", f"{STACK_NAME}-media")
INVOICE_BUCKET = env.text("INVOICE_BUCKET", f"{STACK_NAME}-invoices")
SPREADSHEET_BUCKET = env.text("SPREADSHEET_BUCKET", f"{STACK_NAME}-spreadsheets")
# How long a task of an import or export begins new steps. The last one may take 40 seconds more; a task has 90.
TRANSFER_SECONDS = 20
# Hosts with their ports, such as "127.0.0.1:8081", that pictures may be fetched from although they are internal.
# For tests alone.
PICTURE_HOSTS_ALLOWED: frozenset[str] = frozenset()

# Files

STATIC_URL = "/static/"
# A function has the list of the hashed names alone; the files are in S3, before them CloudFront.
STATIC_ROOT = BASE_DIR / "staticfiles" if IS_LAMBDA else LOCAL_DIR / "static"
if DEBUG:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = env.text("MEDIA_URL", "/media/")
# On AWS, CloudFront answers /media/ from the bucket; elsewhere the shop hands the objects through.
SERVE_MEDIA = env.flag("SERVE_MEDIA", default=IS_LOCAL)
STORAGES = {
    "default": {
        "BACKEND": "cloudcart.storage.MediaStorage",
        "OPTIONS": {
            "bucket_name": MEDIA_BUCKET,
            "region_name": AWS_REGION,
            "querystring_auth": False,
            "file_overwrite": True,
            # Keys carry a hash of the content, so that what is under one never changes.
            "object_parameters": {"CacheControl": "public, max-age=31536000, immutable"},
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if IS_LAMBDA
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 31_536_000 if not DEBUG else 0
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# Mail

EMAIL_BACKEND = "cloudcart.mail.Backend"
DEFAULT_FROM_EMAIL = f"{STORE_NAME} <{STORE_EMAIL}>"
SERVER_EMAIL = STORE_EMAIL
AWS_SES_REGION_NAME = AWS_REGION
AWS_SES_REGION_ENDPOINT_URL = AWS_ENDPOINT_URL or None
AWS_SES_AUTO_THROTTLE = None

# Logs: one JSON object a line, or colored lines where a person reads them

LOG_FORMAT = env.text("LOG_FORMAT", "console" if IS_LOCAL else "json")
LOGGING_CONFIG = "cloudcart.logs.configure"
LOGGING = {"level": env.text("LOG_LEVEL", "INFO"), "format": LOG_FORMAT}

# Numbers for CloudWatch, which reads them out of a Lambda function's log
EMIT_METRICS = env.flag("EMIT_METRICS", default=IS_LAMBDA)
