"""The `forensics` command: its subcommands, and the one place where errors become messages."""

from __future__ import annotations

import importlib
import inspect
import logging
import os
import sys
from typing import NoReturn

import click

from forensics import __version__
from forensics.cli.interrupt import STOPPED, leave_on_interrupt
from forensics.cli.logs import set_up_log
from forensics.cli.output import err, say_error
from forensics.errors import ForensicsError, UsageError, nearest

#: Where each command lives; modules are imported only when their command is used.
COMMANDS = {
    "run": "forensics.cli.analyse:run",
    "ingest": "forensics.cli.analyse:ingest",
    "analyse": "forensics.cli.analyse:analyse",
    "status": "forensics.cli.status:status",
    "cluster": "forensics.cli.cluster:cluster",
    "account": "forensics.cli.account:account",
    "bundle": "forensics.cli.bundle:bundle",
    "key": "forensics.cli.key:key",
    "query": "forensics.cli.query:query",
    "graph": "forensics.cli.graph:graph",
    "label": "forensics.cli.label:label",
    "simulate": "forensics.cli.simulate:simulate",
    "evaluate": "forensics.cli.evaluate:evaluate",
}


class LazyGroup(click.Group):
    """A group that imports a subcommand's module on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return example_last(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            ctx.fail(f"no command '{args[0]}'{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="forensics")
@click.option("-v", "--verbose", count=True, help="Log what is done (-vv: in detail).")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: all that goes to stderr as one JSON object a line, each step with what it took.",
)
def cli(verbose: int, log_format: str) -> None:
    """Find groups of accounts that one operator is likely to run, and bundle the evidence.

    \b
    Example:
      forensics run sample_data
    """
    set_up_log(verbose, log_format)


def example_last(command: click.Command) -> click.Command:
    """Move the example that a help text ends in behind the options, so that help ends in it."""
    text, mark, example = inspect.cleandoc(command.help or "").partition("\b\nExample:")
    if mark:
        command.help, command.epilog = text.rstrip(), mark + example
    for inner in getattr(command, "commands", {}).values():
        example_last(inner)
    return command


example_last(cli)


def main() -> NoReturn:
    """Run the command; exit 0 when done, 1 when it failed, 2 when it was asked wrongly."""
    leave_on_interrupt()
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command line and return its exit code; a traceback never reaches the user."""
    err.quiet = False
    try:
        result = cli.main(args=arguments, prog_name="forensics", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        if err.quiet:
            say_error(error.format_message())
        else:
            error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say_error(STOPPED)
        return 1
    except UsageError as error:
        say_error(str(error))
        return 2
    except ForensicsError as error:
        say_error(str(error))
        return 1
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say_error(f"{where}{error.strerror or error}")
        return 1
    except Exception as error:
        logging.getLogger(__name__).debug("unexpected error", exc_info=True)
        say_error(
            f"unexpected error ({type(error).__name__}: {error}); this is a bug: "
            "please report it with what 'forensics -vv' prints"
        )
        return 1
    return result if isinstance(result, int) else 0
