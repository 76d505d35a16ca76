"""`python -m infra.local <command>`: the local stack, and what one does with it elsewhere."""

import argparse
import importlib
import json
import logging
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.logging import RichHandler

from infra.local import partner
from infra.local.errors import LocalError
from infra.local.issuer import Issuer
from infra.local.logs import LogTail, access_line
from infra.local.places import DEFAULT_STATE, StateDir
from infra.local.stack import LocalStack, Ports, attach, is_running

PORTS = Ports()
INTERRUPTED = 130
ACCEPTED = {"accepted"}

# Written by their own modules, which are started as programs of their own: `main(arguments)`.
HOOKS = {
    "demo": "a sample month, played and checked",
    "check": "what the running stack promises, checked",
}

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def main() -> None:
    arguments = sys.argv[1:]
    if arguments and arguments[0] in HOOKS:
        _run_hook(arguments[0], arguments[1:])
        return
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], None] = options.command
    try:
        command(options)
    except LocalError as error:
        _fail(error)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def run(options: argparse.Namespace) -> None:
    """Run the stack until Ctrl-C, with the sample month played through it unless --empty."""
    logging.basicConfig(
        level=logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=console, show_path=False, omit_repeated_times=False)],
    )
    logging.captureWarnings(capture=True)
    showing = threading.Event()

    def on_access(method: str, path: str, status: int, seconds: float) -> None:
        if showing.is_set():
            console.print(access_line(method, path, status, seconds), soft_wrap=True)

    started = time.monotonic()
    stack = LocalStack(
        options.state_dir,
        Ports(options.port, options.endpoint_port, options.dynamodb_port),
        store=options.store,
        on_access=on_access,
    )
    # A service manager's way of asking for the same thing; and a shell that starts this in the
    # background lets it ignore Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if not options.empty:
        _hook("demo").resume_clock(options.state_dir)
    stack.start()
    try:
        _greet(stack, options, time.monotonic() - started)
        if options.empty:
            console.print("Ctrl-C stops it.")
        else:
            _play_sample_month(stack, options)
        with LogTail(StateDir(options.state_dir.resolve()).handler_log, _names(stack), console):
            showing.set()
            threading.Event().wait()
    except KeyboardInterrupt:
        console.print("Stopping ...")
    finally:
        try:
            stack.stop()
        except KeyboardInterrupt:  # asked twice: at once
            stack.kill()
            raise


def _names(stack: LocalStack) -> dict[str, str]:
    return {stack.outputs[name]: folder for name, folder in stack.function_names.items()}


def _play_sample_month(stack: LocalStack, options: argparse.Namespace) -> None:
    demo = _hook("demo")
    shown = demo.make_console()
    result = demo.present(stack, options.state_dir, shown)
    demo.greet(stack, result.plan, shown)


def token(options: argparse.Namespace) -> None:
    """Print an access token of the local issuer."""
    print(attach(options.state_dir).token(options.subject, scopes=options.scope))


def link_token(options: argparse.Namespace) -> None:
    """Print a partner's link token."""
    print(attach(options.state_dir).link_token(options.partner, options.reference))


def send(options: argparse.Namespace) -> None:
    """Report a file's events as a partner, and print what was said to each."""
    events = partner.read_events(options.file)
    results = attach(options.state_dir).send_events(options.partner, events)
    for result in results:
        accepted = result.status in ACCEPTED
        detail = "" if accepted else f" {json.dumps(dict(result.detail), ensure_ascii=False)}"
        console.print(
            f"{result.event_id} {result.status}{detail}",
            style="green" if accepted else "red",
            markup=False,
            soft_wrap=True,
        )
    if any(result.status not in ACCEPTED for result in results):
        raise SystemExit(1)


def fire(options: argparse.Namespace) -> None:
    """Call a schedule's function now and print its answer."""
    print(json.dumps(attach(options.state_dir).fire(options.schedule), indent=2))


def rotate_keys(options: argparse.Namespace) -> None:
    """Give the issuer a new key; tokens of the former ones are refused from now on."""
    state = StateDir(options.state_dir.resolve())
    state.create()
    key_id = Issuer(state.issuer).rotate(keep_old=options.keep_old)
    fate = "still published" if options.keep_old else "withdrawn"
    print(f"Tokens are signed with key {key_id} from now on; the former keys are {fate}.")


def reset(options: argparse.Namespace) -> None:
    """Delete the stack's state: data, keys, logs."""
    if is_running(options.state_dir):
        raise LocalError("The stack is running; stop it first.")
    state = options.state_dir.resolve()
    if state.exists():
        if any(state.iterdir()) and not StateDir(state).lock.exists():
            raise LocalError(f"{state} is not the state of a local stack; nothing was deleted.")
        shutil.rmtree(state)
    print(f"{state} is gone; the next start is a first one.")


def _greet(stack: LocalStack, options: argparse.Namespace, seconds: float) -> None:
    console.print(f"[bold]Carbon Account[/bold] is ready after {seconds:.1f} s.")
    console.print(f"  API        {stack.base_url}/v1/docs")
    console.print(f"  Page       {stack.base_url}/app")
    durable = options.store == "durable"
    enforced = "IAM enforced, except on tables" if durable else "IAM enforced"
    console.print(f"  AWS        http://127.0.0.1:{options.endpoint_port} (MiniStack, {enforced})")
    kept = "survives kill -9" if durable else "kept by a clean stop"
    console.print(f"  State      {options.state_dir} ({options.store}: {kept})")
    console.print("  A token    python -m infra.local token alice")


def _run_hook(name: str, arguments: list[str]) -> None:
    try:
        raise SystemExit(_hook(name).main(arguments))
    except LocalError as error:
        _fail(error)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _hook(name: str) -> Any:
    # Imported when it is wanted: what a hook needs would make every other command slower.
    return importlib.import_module(f"infra.local.{name}")


def _fail(error: LocalError) -> None:
    errors.print(str(error), style="bold red", markup=False, soft_wrap=True)
    raise SystemExit(1) from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local",
        description="Run template.yaml on this machine, and use the stack that runs.",
        epilog="\n".join(f"  {name:<12} {text}" for name, text in HOOKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--state-dir", type=Path, default=DEFAULT_STATE, help="where the stack keeps its state"
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, command: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        text = (command.__doc__ or "").strip()
        added = commands.add_parser(name, help=text, description=text, parents=[common])
        added.set_defaults(command=command)
        return added

    running = add("run", run)
    running.add_argument("--store", choices=["memory", "durable"], default="memory")
    running.add_argument("--empty", action="store_true", help="without the sample month")
    running.add_argument("--port", type=int, default=PORTS.http, help="of the API")
    running.add_argument("--endpoint-port", type=int, default=PORTS.endpoint)
    running.add_argument("--dynamodb-port", type=int, default=PORTS.dynamodb)

    minting = add("token", token)
    minting.add_argument("subject")
    minting.add_argument(
        "--scope", action="append", help="one of its scopes; repeatable; all of them if not given"
    )

    linking = add("link-token", link_token)
    linking.add_argument("partner")
    linking.add_argument("reference", help="the partner's own reference of its user")

    sending = add("send", send)
    sending.add_argument("partner")
    sending.add_argument("file", type=Path, help="one event, an array of them, or one a line")

    firing = add("fire", fire)
    firing.add_argument("schedule", help="its logical id, or its function's folder: close_day")

    rotating = add("rotate-keys", rotate_keys)
    rotating.add_argument("--keep-old", action="store_true", help="let former tokens stay valid")

    add("reset", reset)
    return parser


if __name__ == "__main__":
    main()
