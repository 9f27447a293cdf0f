"""Every setting of the shop, read from the environment once at start; `docs/settings.md` describes each."""

import sys
import warnings
from datetime import timedelta
from pathlib import Path

import moneyed
import phonenumbers
from environs import validate

from shop import embedded, startup

BASE_DIR = Path(__file__).resolve().parent.parent
env = startup.environment(BASE_DIR / ".env")
TESTING = env.bool("TESTING", "pytest" in sys.modules)

# What a merchant sets first.
DEBUG = env.bool("DEBUG", True)
SECRET_KEY = startup.secret_key(env.str("SECRET_KEY", ""), debug=DEBUG)
# This machine itself is always welcome, or a probe of its health would be turned away.
ALLOWED_HOSTS: list[str] = [*env.list("ALLOWED_HOSTS", ["*"] if DEBUG else []), "localhost", "127.0.0.1", "[::1]"]
HOST = env.str("HOST", "127.0.0.1")
PORT = env.int("PORT", 8000, validate=validate.Range(1, 65535))
STREAM_PORT = env.int("STREAM_PORT", PORT + 1 if PORT < 65535 else PORT - 1, validate=validate.Range(1, 65535))
METRICS_TOKEN = env.str("METRICS_TOKEN", "", validate=startup.long_enough)
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data"))).resolve()
SHOP_NAME = env.str("SHOP_NAME", "Demo Shop")
SHOP_DESCRIPTION = env.str("SHOP_DESCRIPTION", "")
SHOP_URL = env.str("SHOP_URL", f"http://localhost:{PORT}").rstrip("/")
STREAM_URL = env.str(
    "STREAM_URL",
    f"http://localhost:{STREAM_PORT}/graphql/stream" if DEBUG else f"{SHOP_URL}/graphql/stream",
    validate=startup.web_address,
)
SHOP_CURRENCY = env.str(
    "SHOP_CURRENCY", "USD", validate=validate.OneOf(moneyed.CURRENCIES, error="Not a currency of ISO 4217 such as USD.")
)
SHOP_COUNTRY = env.str(
    "SHOP_COUNTRY",
    "US",
    validate=validate.OneOf(phonenumbers.SUPPORTED_REGIONS, error="Not a country of ISO 3166-1 such as US or GB."),
)
# Whether prices have their taxes in them, and whether taxes are rounded line by line or each as a whole.
PRICES_INCLUDE_TAX = env.bool("PRICES_INCLUDE_TAX", False)
TAX_ROUNDING = env.str("TAX_ROUNDING", "line", validate=validate.OneOf(["line", "total"]))
SHOP_LANGUAGES: list[str] = env.list("SHOP_LANGUAGES", ["EN"], validate=startup.languages_once)
STOREFRONT_URL = env.str("STOREFRONT_URL", SHOP_URL).rstrip("/")
CHECKOUT_URL = env.str("CHECKOUT_URL", f"{STOREFRONT_URL}/checkout/{{cart}}", validate=startup.with_place_for("cart"))
PASSWORD_RESET_URL = env.str(
    "PASSWORD_RESET_URL", f"{STOREFRONT_URL}/account/reset/{{token}}", validate=startup.with_place_for("token")
)
ORDER_CLAIM_URL = env.str(
    "ORDER_CLAIM_URL", f"{STOREFRONT_URL}/account/claim/{{token}}", validate=startup.with_place_for("token")
)
ORDER_STATUS_URL = env.str(
    "ORDER_STATUS_URL", f"{STOREFRONT_URL}/orders/{{token}}", validate=startup.with_place_for("token")
)
# What stands before the number in the name of an order.
ORDER_NUMBER_PREFIX = env.str("ORDER_NUMBER_PREFIX", "#")
PRODUCT_ALERT_URL = env.str(
    "PRODUCT_ALERT_URL", f"{STOREFRONT_URL}/alerts/{{token}}", validate=startup.with_place_for("token")
)
WISHLIST_URL = env.str(
    "WISHLIST_URL", f"{STOREFRONT_URL}/wishlists/{{token}}", validate=startup.with_place_for("token")
)
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", [])
CORS_ALLOW_ALL_ORIGINS = env.bool("CORS_ALLOW_ALL_ORIGINS", DEBUG)

# Without DATABASE_URL a private PostgreSQL below DATA_DIR is used; without REDIS_URL jobs run in the worker.
DATABASE_URL = env.str("DATABASE_URL", "")
DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", 0 if TESTING else 4, validate=validate.Range(0, 1000))
EMBEDDED_POSTGRES = embedded.Server(DATA_DIR / ("test-postgres" if TESTING else "postgres"), is_durable=not TESTING)
# Planning costs the reads of a page as much as running them, and often more. Measured, keeping the plans saves
# PostgreSQL 60 % of its work for the variants of a page, 40 % for a product page, and nothing for a list of products,
# which it plans anew by how much of the catalog is asked for.
DATABASE_KEEP_PLANS = env.bool("DATABASE_KEEP_PLANS", True)
DATABASES = {
    "default": startup.database(
        DATABASE_URL,
        otherwise=EMBEDDED_POSTGRES,
        pool_size=DATABASE_POOL_SIZE,
        keeps_plans=DATABASE_KEEP_PLANS,
    )
}
startup.require_database(DATABASE_URL, arguments=sys.argv)
REDIS_URL = env.str("REDIS_URL", "")
DRAMATIQ_BROKER = {
    "BROKER": "dramatiq.brokers.redis.RedisBroker" if REDIS_URL else "dramatiq.brokers.stub.StubBroker",
    "OPTIONS": {"url": REDIS_URL} if REDIS_URL else {},
    "MIDDLEWARE": [
        "dramatiq.middleware.AgeLimit",
        "dramatiq.middleware.TimeLimit",
        "dramatiq.middleware.Callbacks",
        "django_dramatiq.middleware.DbConnectionsMiddleware",
    ],
}
METRICS_DIR = Path(env.str("METRICS_DIR", str(DATA_DIR / "metrics"))).resolve()
MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
# Uploads lie below MEDIA_ROOT unless there is a bucket for them. S3_PUBLIC_URL is where visitors fetch them from it.
S3_BUCKET = env.str("S3_BUCKET", "")
S3_PUBLIC_URL = env.str("S3_PUBLIC_URL", "").rstrip("/")
STORAGES = startup.storages(
    private=DATA_DIR / "private",
    bucket=S3_BUCKET,
    endpoint=env.str("S3_ENDPOINT", ""),
    region=env.str("S3_REGION", ""),
    access_key=env.str("S3_ACCESS_KEY", ""),
    secret_key=env.str("S3_SECRET_KEY", ""),
)
THUMBNAILS_ROOT = DATA_DIR / "thumbnails"
THUMBNAILS_MAX_BYTES = env.int("THUMBNAILS_MAX_BYTES", 500_000_000, validate=validate.Range(1_000_000))
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(DATA_DIR / "static"))).resolve()
STATIC_URL = "/static/"
# Where nobody ran `collectstatic`, the files are served from the packages they came with.
WHITENOISE_USE_FINDERS = DEBUG or not STATIC_ROOT.is_dir()
warnings.filterwarnings("ignore", message="No directory at: ", category=UserWarning)
GRAPHIQL_ASSETS = Path(env.str("GRAPHIQL_ASSETS", str(BASE_DIR / ".data" / "graphiql"))).resolve()

# How long things last.
A_WHILE = validate.Range(1, 100_000)
ACCESS_TOKEN_LIFETIME = timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", 15, validate=A_WHILE))
REFRESH_TOKEN_LIFETIME = timedelta(days=env.int("REFRESH_TOKEN_DAYS", 30, validate=A_WHILE))
CART_LIFETIME = timedelta(days=env.int("CART_DAYS", 30, validate=A_WHILE))
IDEMPOTENCY_LIFETIME = timedelta(hours=env.int("IDEMPOTENCY_HOURS", 72, validate=A_WHILE))
DOWNLOAD_LINK_LIFETIME = timedelta(minutes=env.int("DOWNLOAD_LINK_MINUTES", 60, validate=A_WHILE))
HOLD_LIFETIME = timedelta(minutes=env.int("HOLD_MINUTES", 15, validate=A_WHILE))
# So many days a gift card that was sold can be used; None: for ever.
GIFT_CARD_DAYS = env.int("GIFT_CARD_DAYS", None, validate=A_WHILE)

PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds that a link to choose a new password holds

# At this many free units or fewer a variant's stock is low, where the variant says nothing else; None: never.
LOW_STOCK_THRESHOLD = env.int("LOW_STOCK_THRESHOLD", None, validate=validate.Range(0, 1_000_000_000))

# What one request may ask for.
AT_LEAST_ONE = validate.Range(1)
GRAPHQL_MAX_BODY_BYTES = env.int("GRAPHQL_MAX_BODY_BYTES", 1_000_000, validate=AT_LEAST_ONE)
GRAPHQL_MAX_DEPTH = env.int("GRAPHQL_MAX_DEPTH", 20, validate=AT_LEAST_ONE)
GRAPHQL_MAX_ALIASES = env.int("GRAPHQL_MAX_ALIASES", 30, validate=AT_LEAST_ONE)
GRAPHQL_MAX_COST = env.int("GRAPHQL_MAX_COST", 200_000, validate=AT_LEAST_ONE)
GRAPHQL_MAX_TOKENS = env.int("GRAPHQL_MAX_TOKENS", 10_000, validate=AT_LEAST_ONE)
STREAM_MAX_SUBSCRIPTIONS = env.int("STREAM_MAX_SUBSCRIPTIONS", 1_000, validate=AT_LEAST_ONE)
STREAM_MAX_PER_ADDRESS = env.int("STREAM_MAX_PER_ADDRESS", 50, validate=AT_LEAST_ONE)
DATA_UPLOAD_MAX_MEMORY_SIZE = GRAPHQL_MAX_BODY_BYTES
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", 10_000_000, validate=AT_LEAST_ONE)
UPLOAD_MAX_FILES = env.int("UPLOAD_MAX_FILES", 20, validate=AT_LEAST_ONE)
DATA_UPLOAD_MAX_NUMBER_FILES = UPLOAD_MAX_FILES

# Mail. The console shows it by default; EMAIL_URL such as smtp://user:password@host:587 sends it.
vars().update(env.dj_email_url("EMAIL_URL", "console:"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "shop@localhost")

# Who hears of what: topics of the outbox. An empty list is silence.
ABOUT_ORDERS = [
    "order.confirmed",
    "payment.captured",
    "order.shipped",
    "order.delivered",
    "order.edited",
    "order.partly_paid",
    "order.cancelled",
    "payment.refunded",
]
ABOUT_SHOP = ["order.confirmed", "order.partly_paid", "payment.failed", "stock.low"]
CUSTOMER_MAILS: list[str] = env.list("CUSTOMER_MAILS", ABOUT_ORDERS, validate=startup.some_of(ABOUT_ORDERS))
CUSTOMER_SMS: list[str] = env.list(
    "CUSTOMER_SMS",
    ["order.confirmed", "order.shipped", "order.delivered", "order.cancelled"],
    validate=startup.some_of(ABOUT_ORDERS),
)
STAFF_MAILS: list[str] = env.list("STAFF_MAILS", ABOUT_SHOP, validate=startup.some_of(ABOUT_SHOP))
STAFF_EMAILS: list[str] = env.list("STAFF_EMAILS", [])

# Text messages. The console shows them by default.
SMS_SENDER = env.str("SMS_SENDER", "console", validate=validate.OneOf(["console", "africastalking"]))
SMS_TIMEOUT = env.float("SMS_TIMEOUT", 10.0, validate=validate.Range(0.05, 120))
AFRICASTALKING_SANDBOX = env.bool("AFRICASTALKING_SANDBOX", DEBUG)
AFRICASTALKING_USERNAME = env.str("AFRICASTALKING_USERNAME", "sandbox" if AFRICASTALKING_SANDBOX else "")
AFRICASTALKING_API_KEY = env.str("AFRICASTALKING_API_KEY", "")
AFRICASTALKING_SENDER_ID = env.str("AFRICASTALKING_SENDER_ID", "")
AFRICASTALKING_URL = env.str(
    "AFRICASTALKING_URL",
    f"https://api.{'sandbox.' if AFRICASTALKING_SANDBOX else ''}africastalking.com/version1/messaging",
    validate=startup.web_address,
)
startup.require_sms_account(SMS_SENDER, AFRICASTALKING_USERNAME, AFRICASTALKING_API_KEY)

# Who the merchant is, as the law wants it under letters and invoices. Lines are separated by semicolons.
MERCHANT_NAME = env.str("MERCHANT_NAME", SHOP_NAME)
MERCHANT_ADDRESS = startup.lines(env.str("MERCHANT_ADDRESS", ""))
MERCHANT_TAX_ID = env.str("MERCHANT_TAX_ID", "")
MERCHANT_EMAIL = env.str("MERCHANT_EMAIL", "")
MERCHANT_IMPRINT = startup.lines(env.str("MERCHANT_IMPRINT", ""))

# Invoices. Where nobody says who sells, none is issued by itself: it would not be one.
INVOICE_WHEN = env.str(
    "INVOICE_WHEN", "paid" if MERCHANT_ADDRESS else "never", validate=validate.OneOf(["paid", "shipped", "never"])
)
INVOICE_PREFIX = env.str("INVOICE_PREFIX", "INV-", validate=validate.Length(max=20))
CREDIT_NOTE_PREFIX = env.str("CREDIT_NOTE_PREFIX", "CN-", validate=validate.Length(max=20))
INVOICE_NOTE = env.str("INVOICE_NOTE", "")
INVOICE_EXEMPT_NOTE = env.str("INVOICE_EXEMPT_NOTE", "")

# Payments a shopper may choose; the order is the order they are offered in.
PAYMENT_GATEWAYS = env.list("PAYMENT_GATEWAYS", ["test", "manual"] if DEBUG else ["manual"])
# Of these, the gateways that only authorise at checkout and capture when goods are sent.
PAYMENT_CAPTURE_LATER: list[str] = env.list("PAYMENT_CAPTURE_LATER", [])
PARTIAL_PAYMENT_DAYS = env.int("PARTIAL_PAYMENT_DAYS", 7, validate=validate.Range(1, 100))
BANK_TRANSFER_DAYS = env.int("BANK_TRANSFER_DAYS", 7, validate=validate.Range(1, 100))
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "https://api.stripe.com", validate=startup.web_address)
RAZORPAY_KEY_ID = env.str("RAZORPAY_KEY_ID", "")
RAZORPAY_KEY_SECRET = env.str("RAZORPAY_KEY_SECRET", "")
RAZORPAY_WEBHOOK_SECRET = env.str("RAZORPAY_WEBHOOK_SECRET", "")
RAZORPAY_API_BASE = env.str("RAZORPAY_API_BASE", "https://api.razorpay.com", validate=startup.web_address)
MPESA_CONSUMER_KEY = env.str("MPESA_CONSUMER_KEY", "")
MPESA_CONSUMER_SECRET = env.str("MPESA_CONSUMER_SECRET", "")
MPESA_SHORTCODE = env.str("MPESA_SHORTCODE", "")
MPESA_PASSKEY = env.str("MPESA_PASSKEY", "")
MPESA_CALLBACK_SECRET = env.str("MPESA_CALLBACK_SECRET", "", validate=startup.long_enough)
MPESA_API_BASE = env.str("MPESA_API_BASE", "https://api.safaricom.co.ke", validate=startup.web_address)

# Carriers that tell what they ask, each by its handle and the path of its class; and the one that speaks JSON.
CARRIERS = startup.by_handle(env.list("CARRIERS", [], validate=startup.handles_with_paths))
CARRIER_QUOTE_MINUTES = env.int("CARRIER_QUOTE_MINUTES", 30, validate=A_WHILE)
CARRIER_URL = env.str("CARRIER_URL", "", validate=startup.web_address)
CARRIER_TOKEN = env.str("CARRIER_TOKEN", "")
CARRIER_TIMEOUT = env.float("CARRIER_TIMEOUT", 3.0, validate=validate.Range(0.05, 60))

# Who tells the taxes, by the path of its class: nobody but the shop's own rates. And the one that speaks JSON.
TAX_SERVICE = env.str("TAX_SERVICE", "")
TAX_SERVICE_FALLBACK = env.bool("TAX_SERVICE_FALLBACK", False)
TAX_SERVICE_MINUTES = env.int("TAX_SERVICE_MINUTES", 60, validate=A_WHILE)
TAX_SERVICE_URL = env.str("TAX_SERVICE_URL", "", validate=startup.web_address)
TAX_SERVICE_TOKEN = env.str("TAX_SERVICE_TOKEN", "")
TAX_SERVICE_TIMEOUT = env.float("TAX_SERVICE_TIMEOUT", 3.0, validate=validate.Range(0.05, 60))

INSTALLED_APPS = [
    "accounts",
    "catalog",
    "checkout",
    "schema",
    "shop",
    "treebeard",
    "corsheaders",
    "graphql_jwt.refresh_token",
    "django_dramatiq",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "shop.requests.RequestId",
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# The library's defaults accept expired tokens, so every option that matters is set on purpose.
GRAPHQL_JWT = {
    "JWT_SECRET_KEY": SECRET_KEY,
    "JWT_ALGORITHM": "HS256",
    "JWT_VERIFY": True,
    "JWT_VERIFY_EXPIRATION": True,
    "JWT_EXPIRATION_DELTA": ACCESS_TOKEN_LIFETIME,
    "JWT_LEEWAY": 0,
    "JWT_PAYLOAD_HANDLER": "accounts.sessions.claims",
    "JWT_ISSUER": "shop",
    "JWT_AUDIENCE": "shop",
    "JWT_ALLOW_REFRESH": True,
    "JWT_LONG_RUNNING_REFRESH_TOKEN": True,
    "JWT_REFRESH_EXPIRATION_DELTA": REFRESH_TOKEN_LIFETIME,
    "JWT_REFRESH_TOKEN_N_BYTES": 32,
    "JWT_REUSE_REFRESH_TOKENS": False,
    "JWT_AUTH_HEADER_PREFIX": "Bearer",
    "JWT_ALLOW_ARGUMENT": False,
    "JWT_HIDE_TOKEN_FIELDS": False,
    "JWT_COOKIE_SECURE": True,
}
CORS_ALLOW_HEADERS = [
    "accept",
    "apollo-require-preflight",
    "authorization",
    "content-type",
    "graphql-preflight",
    "idempotency-key",
    "x-request-id",
    "x-requested-with",
    "x-shopify-storefront-access-token",
    "x-sdk-variant",
    "x-sdk-version",
]

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SHOP_URL.startswith("https:")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", False) else None
X_FRAME_OPTIONS = "DENY"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
PHONENUMBER_DEFAULT_REGION = SHOP_COUNTRY

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "shop.requests.RequestIdFilter"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request_id"]}},
    # Django's own handlers would write each line once more.
    "loggers": {"django": {"handlers": []}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
