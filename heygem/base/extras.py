"""Packages that only a part of the product needs, and the extra of ours that brings them."""

from importlib.util import find_spec

from heygem.base.errors import ErrorCode, HeygemError


def require(service: str, extra: str, *packages: str) -> None:
    """Raise EXTRA_MISSING unless every package is there; `extra` is what brings them, `service` what needs them."""
    if any(find_spec(package) is None for package in packages):
        raise HeygemError(ErrorCode.EXTRA_MISSING, service=service, extra=extra)
