"""Commands about the HTTP API: its tokens, and the server."""

import json
from typing import Annotated, Any

import typer

from edupulse_core import stopping
from edupulse_core.cli.serving import check_free, one_core
from edupulse_core.cli.terminal import AsJson, table
from edupulse_core.config import load_settings
from edupulse_core.people.actor import OPERATOR

token = typer.Typer(
    help="Make, list and revoke tokens of the HTTP API.", no_args_is_help=True, add_completion=False
)


@token.command()
def create(
    name: Annotated[str, typer.Option(help="Who will use it, as the audit will say.")],
    role: Annotated[str, typer.Option(help="district, principal or steward.")],
    school: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="A principal's school; may be repeated.")
    ] = None,
    days: Annotated[int, typer.Option(help="How long it works.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Make a token and show it, this one time."""
    from edupulse_core.actions.tokens import create_token

    made, secret = create_token(OPERATOR, load_settings(), name, role, school or (), days)
    if as_json:
        told = {"token": secret, "id": made.token_id, "expires_at": made.expires_at.isoformat()}
        print(json.dumps(told))
        return
    print(secret)
    print(
        f"The token {made.token_id} works until {made.expires_at:%Y-%m-%d}. "
        "Copy it now: it cannot be shown again."
    )


@token.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """List every token, without its secret."""
    from edupulse_core.actions.tokens import list_tokens
    from edupulse_core.people.tokens import clock

    now = clock()
    rows: list[dict[str, Any]] = [
        {
            "id": one.token_id,
            "name": one.name,
            "role": one.role,
            "schools": list(one.schools),
            "state": "revoked" if one.revoked_at else "open" if one.is_open(now) else "expired",
            "expires_at": one.expires_at.isoformat(),
            "used_at": one.used_at and one.used_at.isoformat(),
        }
        for one in list_tokens(OPERATOR, load_settings())
    ]
    if as_json:
        print(json.dumps({"tokens": rows}))
        return
    shown = [
        [row["id"], row["name"], row["role"], ", ".join(row["schools"]), row["state"]]
        + [str(row[name] or "")[:10] for name in ("expires_at", "used_at")]
        for row in rows
    ]
    table("Tokens", ["id", "name", "role", "schools", "state", "expires", "last used"], shown)


@token.command()
def revoke(token_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """End a token at once."""
    from edupulse_core.actions.tokens import revoke_token

    ended = revoke_token(OPERATOR, load_settings(), token_id)
    print(f"The token {ended.name} ({ended.token_id}) no longer works.")


def api(
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8600,
) -> None:
    """Serve the HTTP API."""
    settings = load_settings()
    check_free(host, port)
    settings.make_home()
    shown = "localhost" if host == "127.0.0.1" else host
    print(f"The API is at http://{shown}:{port}, its documentation at /docs", flush=True)
    where = ("--host", host, "--port", str(port))
    stopping.become("uvicorn", "edupulse_core.api:serve", "--factory", *where, *QUIET, **one_core())


QUIET = ("--log-level", "warning", "--no-server-header", "--no-proxy-headers")
