"""The emulator's process: `python -m end_to_end.emulator.serve DIRECTORY`.

Binds a free port of 127.0.0.1 before ministack is imported, because ministack
reads its own port from the environment at import. Writes the port to
`DIRECTORY/port` once it listens. Ends when its standard input closes, so that a
killed test run leaves no server behind.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from pathlib import Path


def main(directory: Path) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    os.environ.update(emulator_settings(port))
    # The functions inherit this process's environment; our import path is none of their business.
    os.environ.pop("PYTHONPATH", None)

    application = build_application(directory)
    threading.Thread(target=stop_when_the_parent_is_gone, daemon=True).start()
    try:
        asyncio.run(serve(application, listener, port, directory))
    finally:
        # As leader of a group of its own it takes the functions that still run along.
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)


def emulator_settings(port: int) -> dict[str, str]:
    return {
        "AUTH": "true",
        "GATEWAY_PORT": str(port),
        # Pinned, so that queue URLs are the same whoever asks.
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": "us-east-1",
        # Any AWS managed policy may be attached; ministack ships only some.
        "MINISTACK_AUTOCREATE_AWS_MANAGED": "1",
        # Asynchronous invocations: AWS waits a minute before it tries again.
        "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",
        # Servers and daemons that no test needs.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
    }


def build_application(directory: Path):
    """Import ministack (only now: the environment is set) and fit our parts to it."""
    import ministack.app as ministack

    from . import corrections, dispatch, routes

    corrections.install()
    dispatch.install(ministack, calls=directory / "calls.jsonl")
    return routes.in_front_of(ministack.app)


def stop_when_the_parent_is_gone() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


async def serve(application, listener: socket.socket, port: int, directory: Path) -> None:
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = "WARNING"
    config.accesslog = None
    listener.listen(256)  # From here on a connection waits rather than being refused.
    (directory / "port.new").write_text(str(port))
    (directory / "port.new").rename(directory / "port")
    await hypercorn_serve(application, config)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
