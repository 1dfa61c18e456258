"""What a user reads of an exception: one line, whatever it is."""

import errno
import traceback

import click

from geoflow.errors import GeoflowError

FULL = (errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC)
"""What a file or stream answers that cannot take any more."""


def in_a_line(error: BaseException) -> str:
    """Return what went wrong, and what to do, in one line.

    >>> in_a_line(PermissionError(13, "Permission denied", "mine.toml"))
    'mine.toml (Permission denied)'
    """
    if isinstance(error, GeoflowError):
        return str(error)
    said = " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return f"memory ran out{f' ({said})' if said else ''}: use fewer points, or less at once"
    if isinstance(error, RecursionError):
        return "the input is nested too deep to be read: write it with fewer levels"
    if isinstance(error, OSError) and error.strerror:
        where = error.filename or ("cannot write" if error.errno in FULL else "the system says")
        return f"{where} ({error.strerror})"
    return (
        f"{type(error).__name__}{f' ({said})' if said else ''}. This is a bug in geoflow:"
        " run `geoflow --debug ...` for the traceback, and report it"
    )


def usage_lines(error: click.ClickException) -> list[str]:
    """Return what click says of wrong usage; what the user typed begins no line of its own."""
    said = error.format_message()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):  # help, of a group without a command
        return said.split("\n")
    has_list = isinstance(error, click.MissingParameter)  # click's own, of the choices there are
    lines = said.expandtabs(4).split("\n") if has_list else [said]
    before: list[str] = []
    if isinstance(error, click.UsageError) and error.ctx is not None:
        option = error.ctx.help_option_names[0]
        before = [
            *error.ctx.get_usage().split("\n"),
            f"Try '{error.ctx.command_path} {option}' for help.",
            "",
        ]
    return [*before, f"Error: {lines[0]}", *lines[1:]]


def whole_story(error: BaseException) -> list[str]:
    """Return the traceback of an exception and of all that led to it, line by line."""
    cause: BaseException | None = error
    while cause is not None:
        cause.__suppress_context__ = False
        cause = cause.__cause__ or cause.__context__
    return "".join(traceback.format_exception(error)).rstrip().split("\n")
