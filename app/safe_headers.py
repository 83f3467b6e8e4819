"""Headers that tell browsers what they may do with an answer: the content policy and its like."""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import streamlit

from app import provider

Headers = Iterable[tuple[bytes, bytes]]


def added_to(headers: Headers) -> list[tuple[bytes, bytes]]:
    """An answer's headers with the safe ones, and its cookies guarded."""
    is_https = provider.public_address().startswith("https:")
    set_here = _always(is_https)
    kept = [
        (name, _guarded(value, is_https) if name.lower() == b"set-cookie" else value)
        for name, value in headers
        if name.lower() not in dict(set_here)
    ]
    return [*kept, *set_here]


def _guarded(cookie: bytes, is_https: bool) -> bytes:
    """A cookie that isn't sent from other sites, nor without HTTPS where people use HTTPS."""
    attributes = {part.strip().partition(b"=")[0].lower() for part in cookie.split(b";")[1:]}
    if b"samesite" not in attributes:
        cookie += b"; SameSite=Lax"
    if is_https and b"secure" not in attributes:
        cookie += b"; Secure"
    return cookie


@cache
def _always(is_https: bool) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer."""
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' blob: {inline_scripts()}",  # a blob: the student table
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {said}" for name, said in policy.items()),
        "x-frame-options": "DENY",
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }
    if is_https:
        headers["strict-transport-security"] = "max-age=31536000"
    return tuple((name.encode(), said.encode()) for name, said in headers.items())


def inline_scripts() -> str:
    """The hashes of the scripts inside Streamlit's page, which the policy must name."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    return " ".join(f"'sha256-{each}'" for each in hashes)
