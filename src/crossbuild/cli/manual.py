"""Help texts that read like a manual page: options under headings, then what no option says."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from crossbuild.errors import CrossbuildError

if TYPE_CHECKING:
    from collections.abc import Sequence

Terms = list[tuple[str, str]]
"""Terms with what they mean."""
Section = tuple[str, str | Terms | Callable[[], Terms]]
"""A heading, and text to be shown as it is, or terms; or what makes them when the help is shown."""

OPTION_MAKERS = "option_makers"
"""The attribute of a command's function with what makes its options; see :class:`Command`."""
INTERRUPTED = 130
"""What a shell makes of a program ended by SIGINT: 128 + 2."""
BUG = 70
"""``EX_SOFTWARE`` of sysexits.h."""
_TWICE = 2


class Option(click.Option):
    """An option that is listed under ``heading``."""

    def __init__(self, *args: Any, heading: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return what the value is from: the option by its first two names, or the variable that stands in for it."""
        if ctx and self.name and ctx.get_parameter_source(self.name) is ParameterSource.ENVIRONMENT:
            return f"'{self.envvar}'"
        return " / ".join(f"'{name}'" for name in dict.fromkeys((self.opts[0], long_name(self))))


class Command(click.Command):
    """A command whose help ends in ``sections``.

    Most of its options are made when they are first asked for: each command has dozens, and a call uses one command.
    """

    def __init__(self, *args: Any, sections: Sequence[Section] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        self._makers = vars(self.callback).get(OPTION_MAKERS, ()) if self.callback else ()

    @property
    def params(self) -> list[click.Parameter]:
        """The arguments and options."""
        # The makers are used up: click reads this property many times in one call.
        makers, self._makers = self._makers, ()
        self._params += [option for make in makers for option in make()]
        return self._params

    @params.setter
    def params(self, params: list[click.Parameter]) -> None:
        self._params = params

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Refuse values that nobody means, and repeated options that take one value."""
        # Parsed once more than click does: its result no longer tells an option that was given twice or empty from one
        # that was not.
        given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        options = [one for one in order if isinstance(one, click.Option)]
        for argument in (one for one in order if isinstance(one.type, click.Path)):
            _refuse_empty(argument, given.get(argument.name or ""), ctx)
        # --help has to work even if other words are wrong: that is when people need it.
        for option in options if not any(one.is_eager for one in options) else ():
            _refuse_empty(option, given.get(option.name or ""), ctx)
            self._refuse_swallowed(option, given.get(option.name or ""), args, ctx)
            _refuse_repeated(option, options, args, ctx)
        return super().parse_args(ctx, args)

    def _refuse_swallowed(self, option: click.Option, value: object, args: Sequence[str], ctx: click.Context) -> None:
        """Raise UsageError if the ``value`` of ``option`` is another option: its own was forgotten."""
        names = {name for one in self.params for name in one.opts}
        for one in value if isinstance(value, list) else [value]:
            if one in names or (isinstance(option.type, click.Path) and str(one).startswith("-")):
                name = _spellings(option, args)[0]
                raise click.UsageError(f"{name} needs a value, but the option {one} follows it.", ctx)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options by heading, in the order they were declared."""
        headings: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record:
                headings.setdefault(getattr(parameter, "heading", "Other"), []).append(record)
        for heading, records in headings.items():
            with formatter.section(heading):
                formatter.write_dl(records, col_max=26)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        _write(self.sections, formatter)


def _refuse_empty(parameter: click.Parameter, value: object, ctx: click.Context) -> None:
    values = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(one, str) and not one.strip() for one in values):
        raise click.BadParameter("It is empty. Give a value, or leave it out.", ctx, parameter)


def _refuse_repeated(
    option: click.Option, given: Sequence[click.Option], args: Sequence[str], ctx: click.Context
) -> None:
    """Raise UsageError if ``option`` takes one value, and has several among the options ``given`` in ``args``."""
    same = [one for one in given if one.name == option.name]
    # Flags with one name are alternatives, such as --json and --shell. Each has its own spelling.
    names = list(dict.fromkeys(one.opts[-1] for one in same))
    if len(names) > 1 and option.is_flag:
        raise click.UsageError(f"{' and '.join(names)} exclude each other.", ctx)
    if len(same) < _TWICE or option.multiple or option.count or option.is_flag:
        return
    names = _spellings(option, args)
    if len(names) > 1:
        raise click.UsageError(f"{' and '.join(names)} are the same option, which takes one value. Give it once.", ctx)
    raise click.UsageError(f"{names[0]} is given {len(same)} times, but takes one value. Give it once.", ctx)


def _spellings(option: click.Option, args: Sequence[str]) -> list[str]:
    """Return the names by which ``option`` is in ``args``; the one that the help uses, if that cannot be told."""
    return [name for name in option.opts if any(_is_spelt(word, name) for word in args)] or [long_name(option)]


def _is_spelt(word: str, name: str) -> bool:
    """Return whether ``word`` of a command line is the option ``name``, perhaps with its value."""
    return word == name or word.startswith(f"{name}=" if name.startswith("--") else name)


def long_name(option: click.Option) -> str:
    """Return the first ``--name`` of ``option``, or else its only name."""
    return next((name for name in option.opts if name.startswith("--")), option.opts[0])


class Group(click.Group):
    """A group of commands whose help ends in ``sections``.

    As with pip and uv, -v and -q may come before the command.
    """

    command_class = Command

    def __init__(self, *args: Any, sections: Sequence[Section] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.params += [
            click.Option(["-v", "--verbose"], count=True, help="As after the command: show more."),
            click.Option(["-q", "--quiet"], count=True, help="As after the command: show errors only."),
        ]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments up to the command, which gets -v and -q."""
        super().parse_args(ctx, args)
        ctx.args = [*(["-v"] * ctx.params.pop("verbose")), *(["-q"] * ctx.params.pop("quiet")), *ctx.args]
        return ctx.args

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        _write(self.sections, formatter)


def exit_codes(success: str = "Every wheel is there, and verified.") -> Terms:
    """Return every exit code with what it means, as the error classes say; ``success`` is what 0 does."""
    # Only those of our own module: a subclass that a test or a program adds is no exit code of the command.
    kinds = [kind for kind in CrossbuildError.__subclasses__() if kind.__module__ == CrossbuildError.__module__]
    codes = [(kind.exit_code, _first_line(kind)) for kind in kinds]
    others = [
        (0, success),
        (CrossbuildError.exit_code, "Anything else that went wrong."),
        (BUG, "A bug in crossbuild."),
        (129, "Ended by SIGHUP."),
        (INTERRUPTED, "Interrupted."),
        (143, "Ended by SIGTERM."),
    ]
    return [(str(code), text) for code, text in sorted(codes + others)]


def _first_line(kind: type[CrossbuildError]) -> str:
    return inspect.cleandoc(kind.__doc__ or "").partition("\n")[0]


def _write(sections: Sequence[Section], formatter: click.HelpFormatter) -> None:
    for heading, content in sections:
        with formatter.section(heading):
            if isinstance(content, str):
                for line in inspect.cleandoc(content).splitlines():
                    formatter.write(f"{' ' * formatter.current_indent}{line}".rstrip() + "\n")
            else:
                formatter.write_dl(content() if callable(content) else content, col_max=26)
