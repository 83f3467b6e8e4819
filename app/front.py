"""The page before sign-in: plain HTML, so that strangers start no Streamlit session."""

from html import escape
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from streamlit import config
from streamlit.url_util import make_url_path
from streamlit.user_info import generate_login_redirect_url

from app import provider

PATH = "sign-in"
DEFAULT = "default"  # Streamlit's name for the one provider of an [auth] section
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>EduPulse</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 30rem; margin: 4rem auto; padding: 0 1.5rem; }
a { display: inline-block; margin: 0 .5rem .5rem 0; padding: .5rem 1rem; border-radius: .5rem;
    background: #2457a6; color: #fff; text-decoration: none; }
a:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
</style>
</head>
<body>
<main>
<h1>EduPulse</h1>
<p>Sign in with your school account.</p>
<p>{links}</p>
</main>
</body>
</html>
"""


def page() -> Response:
    """The page, with a link to each identity provider."""
    named = provider.named_providers(provider.auth_section()) or {"": None}
    links = "\n".join(_link(name) for name in named)
    return HTMLResponse(_PAGE.replace("{links}", links), headers={"Cache-Control": "no-store"})


async def go(request: Request) -> Response:
    """Redirect to an identity provider, through an address of Streamlit's that soon expires."""
    name = request.query_params.get("with", DEFAULT)
    named = provider.named_providers(provider.auth_section()) or {DEFAULT: None}
    if name not in named:
        return RedirectResponse(_address(""), 302)
    return RedirectResponse(generate_login_redirect_url(name), 302)


def _link(name: str) -> str:
    address = _address(f"{PATH}?with={quote(name)}" if name else PATH)
    return f'<a href="{address}">Sign in{f" with {escape(name)}" if name else ""}</a>'


def _address(path: str) -> str:
    return make_url_path(str(config.get_option("server.baseUrlPath") or ""), path)
