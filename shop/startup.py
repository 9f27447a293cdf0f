"""Checks that stop a misconfigured shop at its start with one clear sentence."""

import sys


def secret_key(value: str, *, debug: bool) -> str:
    """The key to sign with; in debug a well-known one stands in, outside it a missing or weak one ends the program."""
    if debug:
        return value or "insecure-development-key-that-is-refused-outside-debug"
    if not value:
        sys.exit("SECRET_KEY is not set: with DEBUG=0 the shop needs a random one of 50 characters or more.")
    if len(value) < 50 or len(set(value)) < 5 or value.startswith(("insecure-", "django-insecure-")):
        sys.exit("SECRET_KEY is too weak: with DEBUG=0 use a random one of 50 characters or more.")
    return value
