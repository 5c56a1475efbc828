"""`python -m tests.stripe_standin`: see the README beside this file."""

import argparse
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from tests.stripe_standin.server import LOOPBACK, Standin
from tests.stripe_standin.store import Store
from tests.stripe_standin.world import World


def main() -> int:
    """Serve until ended; 2 where the arguments would leave this machine or touch real money."""
    options = _options()
    refusal = _refusal(options)
    if refusal:
        print(refusal, file=sys.stderr)
        return 2
    server = Standin((options.host, options.port), secret_key=options.secret_key)
    port = server.server_address[1]
    store = Store(Path(options.state))
    if options.webhook_url:
        endpoint = {"url": options.webhook_url, "secret": options.webhook_secret}
        store.set_setting("webhook", endpoint)
    public_url = options.public_url or f"http://{options.host}:{port}"
    server.open(World(store, public_url=public_url, merchant=options.merchant))
    print(f"listening {port}", flush=True)
    if options.until_stdin_closes:
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
    try:
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        return 0
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.stripe_standin")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=12111, help="0 takes a free one")
    parser.add_argument("--state", required=True, help="the SQLite file that holds everything")
    parser.add_argument("--webhook-url", default="", help="where events are sent, on loopback")
    parser.add_argument("--webhook-secret", default="", help="whsec_…")
    parser.add_argument("--secret-key", default="", help="sk_test_…; empty takes any test key")
    parser.add_argument("--public-url", default="", help="how browsers reach the payment page")
    parser.add_argument("--merchant", default="Demo vendor", help="the name on the payment page")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with the parent")
    return parser.parse_args()


def _refusal(options: argparse.Namespace) -> str:
    if options.host not in ("127.0.0.1", "localhost"):
        return "The stand-in serves on loopback only."
    if options.secret_key.startswith(("sk_live_", "rk_live_")):
        return "The stand-in refuses live keys."
    if options.webhook_url and urlsplit(options.webhook_url).hostname not in LOOPBACK:
        return "The stand-in sends webhooks to loopback only."
    if options.webhook_url and not options.webhook_secret:
        return "A webhook URL needs a webhook secret."
    return ""


def _stop_at_end_of_input(server: Standin) -> None:
    sys.stdin.buffer.read()
    server.shutdown()


if __name__ == "__main__":
    sys.exit(main())
