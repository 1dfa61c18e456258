"""Options that several commands share."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from geoflow.errors import SpecError
from geoflow.specs import (
    CONVENTIONS,
    CURVATURES,
    DETAILS,
    DEVICES,
    GEOMETRY_FIELDS,
    USUAL_K,
    GeometrySpec,
)
from geoflow.specs.values import Text, brief, number_in, whole_in

Command = TypeVar("Command", bound=Callable[..., Any])


class IntegerParameter(click.ParamType[int]):
    """An integer in ASCII digits; what it may be is for the specs to say."""

    name = "integer"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the integer that a text is."""
        try:
            return value if isinstance(value, int) else whole_in(value)
        except ValueError:
            most = " of at most 30 digits" if len(value) > 30 else ""
            self.fail(f"it must be an integer{most}, not {brief(value)}", param, ctx)


class NumberParameter(click.ParamType[float]):
    """A number in ASCII; what it may be is for the specs to say."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number that a text is."""
        try:
            return value if isinstance(value, int | float) else number_in(value)
        except ValueError:
            self.fail(f"it must be a number, not {brief(value)}", param, ctx)


class NameParameter(click.ParamType[str]):
    """A name that can be shown and found again: not empty, not endless."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name."""
        try:
            return Text().checked("it", value)
        except SpecError as error:
            self.fail(str(error), param, ctx)


WHOLE, NUMBER, NAME = IntegerParameter(), NumberParameter(), NameParameter()


class ListParameter(click.ParamType[tuple[Any, ...]]):
    """One or more values of a kind, separated by commas or spaces."""

    def __init__(self, kind: click.ParamType[Any]) -> None:
        self.kind = kind
        self.name = kind.name

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        """Return the values of one option; repeated options are joined by `flat`."""
        if isinstance(value, tuple):
            return value
        parts = str(value).replace(",", " ").split()
        if not parts:
            self.fail("it is empty: leave the option out, or give a value", param, ctx)
        return tuple(self.kind.convert(part, param, ctx) for part in parts)


def flat(ctx: click.Context, param: click.Parameter, value: tuple[tuple[Any, ...], ...]) -> Any:
    """Join repeated options into one tuple."""
    return tuple(number for numbers in value for number in numbers)


def gathered(
    name: str, make: Callable[..., Any], of: Sequence[str]
) -> Callable[[Command], Command]:
    """Give a command one argument in place of those options ``of`` that it has.

    What was not given, None or nothing of several, is left to the defaults of what is made.
    """

    def changed(command: Command) -> Command:
        @wraps(command)
        def called(**options: Any) -> Any:
            given = {one: options.pop(one) for one in of if one in options}
            made = make(**{one: value for one, value in given.items() if value not in (None, ())})
            return command(**options, **{name: made})

        return cast(Command, called)

    return changed


def db(command: Command) -> Command:
    """Add ``--db``."""
    return click.option(
        "--db",
        type=click.Path(path_type=Path),
        envvar="GEOFLOW_DB",
        default="geoflow.duckdb",
        show_default=True,
        show_envvar=True,
        help="The store.",
    )(command)


def data_dir(command: Command) -> Command:
    """Add ``--data-dir``."""
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        help="Where data files lie.  [default: GEOFLOW_DATA, else data/]",
    )(command)


def snapshots(command: Command) -> Command:
    """Add ``--snapshots``."""
    return click.option(
        "--snapshots",
        type=ListParameter(WHOLE),
        multiple=True,
        callback=flat,
        help="Measure networks after these epochs too, 0 being untrained: 0,1,2,5,10.",
    )(command)


def loaded(ctx: click.Context, param: click.Parameter, value: tuple[Path, ...]) -> tuple[str, ...]:
    """Run the files of a user's scores and return the names that they register."""
    if not value:
        return ()
    from geoflow.scores import load_scores

    return tuple(name for file in value for name in load_scores(file))


def scores(command: Command) -> Command:
    """Add ``--scores``: the command is given the names of the scores in the files."""
    return click.option(
        "--scores",
        type=click.Path(path_type=Path),
        multiple=True,
        callback=loaded,
        help="Python file with scores of your own, under @geoflow.layer_score for instance.",
    )(command)


def device(command: Command) -> Command:
    """Add ``--device``."""
    return click.option(
        "--device",
        type=click.Choice(DEVICES),
        default="cpu",
        show_default=True,
        help="Where geometry is computed; the results are the same.",
    )(command)


def curvature(command: Command) -> Command:
    """Add ``--curvature`` and ``--alpha``."""
    command = click.option(
        "--alpha",
        "alphas",
        type=ListParameter(NUMBER),
        multiple=True,
        callback=flat,
        help="Idle mass of ollivier, one or several.  [default: 0]",
    )(command)
    return click.option(
        "--curvature",
        "curvatures",
        type=ListParameter(click.Choice(list(CURVATURES))),
        multiple=True,
        callback=flat,
        help=f"Local geometry of undirected graphs with these: {', '.join(CURVATURES)}.",
    )(command)


def output(command: Command) -> Command:
    """Add ``--output-layer``."""
    return click.option(
        "--output-layer/--no-output-layer",
        "output",
        default=None,
        help="Measure what a network says, its probabilities, as its last layer.  [default: with"
        " --curvature]",
    )(command)


def transport(is_default: bool | None) -> Callable[[Command], Command]:
    """Add ``--transport``, with its default; None: what a study file says."""
    return click.option(
        "--transport/--no-transport",
        default=is_default,
        show_default="as the study says" if is_default is None else True,
        help="Measure transport geometry too: straightness, optimal transport, non-linearity.",
    )


def geometry(measures_transport: bool = True) -> Callable[[Command], Command]:
    """Add ``--transport`` and the options of geometry: the command is given a `GeometrySpec`.

    The defaults are those of a single network. A ``--seed`` that the command has is that of the
    spec.
    """

    def added(command: Command) -> Command:
        command = device(gathered("geometry", GeometrySpec, GEOMETRY_FIELDS)(command))
        command = click.option(
            "--store-rank",
            type=WHOLE,
            help="Keep neighbours up to this rank.  [default: the largest k at detail edges and"
            " pairs, else 10]",
        )(command)
        command = click.option(
            "--sources",
            "n_sources",
            type=WHOLE,
            help="Estimate hop totals from so many points.  [default: all, exact]",
        )(command)
        command = click.option(
            "--detail",
            type=click.Choice(DETAILS),
            default=GeometrySpec.detail,
            show_default=True,
            help="How much is kept per network, each with all before it.",
        )(command)
        command = click.option(
            "--convention",
            type=click.Choice(CONVENTIONS),
            multiple=True,
            help="How neighbours become edges; repeat for several.  [default: directed, or union"
            " with --curvature]",
        )(command)
        command = transport(measures_transport)(output(curvature(command)))
        return click.option(
            "--k",
            type=ListParameter(WHOLE),
            multiple=True,
            default=[str(USUAL_K)],
            show_default=True,
            callback=flat,
            help="Numbers of neighbours; repeat, or give a list: 10,20,50.",
        )(command)

    return added
