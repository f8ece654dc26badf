"""Help texts: with ``-h`` one that fits a screen, and with ``--help`` a manual page, with options under headings."""

from __future__ import annotations

import inspect
from typing import IO, TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from crossbuild.cli.help_text import first_sentence, write_content
from crossbuild.errors import CrossbuildError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crossbuild.cli.help_text import Section, Terms

OPTION_MAKERS = "option_makers"
"""The attribute of a command's function with what makes its options; see :class:`Command`."""
_HELP = "Help"
"""The heading of the options that show help."""
INTERRUPTED = 130
"""What a shell makes of a program ended by SIGINT: 128 + 2."""
BUG = 70
"""``EX_SOFTWARE`` of sysexits.h."""
_TWICE = 2


class Option(click.Option):
    """An option that is listed under ``heading``, and if it is ``common`` by the short help, too."""

    def __init__(self, *args: Any, heading: str, common: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading
        self.common = common

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert and check the value, unless a shell asks how it goes on."""
        # Completion would throw the values away, but importing what reads those of fifty options takes a while.
        return value if ctx.resilient_parsing else super().process_value(ctx, value)

    def get_error_hint(self, ctx: click.Context | None) -> str:
        """Return what the value is from: the option by its first two names, or the variable that stands in for it."""
        if ctx and self.name and ctx.get_parameter_source(self.name) is ParameterSource.ENVIRONMENT:
            return f"'{self.envvar}'"
        return " / ".join(f"'{name}'" for name in dict.fromkeys((self.opts[0], long_name(self))))


class Manual(click.Command):
    """A command, or a group of some, whose help ends in ``sections``.

    ``common``: whether the short help of its group lists it, if that has more commands than fit.
    """

    def __init__(self, *args: Any, sections: Sequence[Section] = (), common: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.common = common
        self._short_help_option = Option(
            ["-h"],
            heading=_HELP,
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=self._show_short_help,
            help="Show a one-screen summary and exit.",
        )

    def short_help_text(self, ctx: click.Context) -> str:
        """Return the help that fits a screen."""
        from crossbuild.cli.short_help import short_help

        return short_help(self, ctx)

    def _show_short_help(self, ctx: click.Context, _: click.Parameter, given: object) -> None:
        if given and not ctx.resilient_parsing:
            click.echo(self.short_help_text(ctx))
            ctx.exit()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the arguments and options, and those for help."""
        return [*super().get_params(ctx), self._short_help_option]

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """Return what shows all of the help."""
        return [name for name in super().get_help_option_names(ctx) if name not in self._short_help_option.opts]

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence of the help, whole: it is wrapped where it is too long for a line."""
        return first_sentence(self.short_help or self.help or "")

    def options(self, ctx: click.Context) -> list[click.Option]:
        """Return the options that are not hidden, and not those for help."""
        for_help = {self._short_help_option, self.get_help_option(ctx)}
        found = [one for one in self.get_params(ctx) if isinstance(one, click.Option) and one not in for_help]
        return [one for one in found if not one.hidden]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options by heading, in the order they were declared."""
        headings: dict[str, Terms] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record:
                is_help = parameter is self.get_help_option(ctx)
                heading = _HELP if is_help else getattr(parameter, "heading", "Options")
                headings.setdefault(heading, []).append(record)
        for heading, records in headings.items():
            with formatter.section(heading):
                write_content(records, formatter)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections, and where the exit codes are listed."""
        for heading, content in self.sections:
            with formatter.section(heading):
                write_content(content, formatter)
        if ctx.parent:
            formatter.write_paragraph()
            formatter.write_text("Exit codes: see crossbuild --help.")


class Command(Manual):
    """A command.

    Most of its options are made when they are first asked for: each command has dozens, and a call uses one command.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._makers = vars(self.callback).get(OPTION_MAKERS, ()) if self.callback else ()

    @property
    def params(self) -> list[click.Parameter]:
        """The arguments and options."""
        # The makers are used up: click reads this property many times in one call.
        makers, self._makers = self._makers, ()
        made = [option for make in makers for option in make()]
        # Of two with one name, the later is the command's own.
        last = {name: option for option in made for name in option.opts}
        self._params += [option for option in made if all(last[name] is option for name in option.opts)]
        return self._params

    @params.setter
    def params(self, params: list[click.Parameter]) -> None:
        self._params = params

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Refuse values that nobody means, and repeated options that take one value."""
        # A command line that a shell completes is not finished, so nothing is wrong with it yet.
        if not ctx.resilient_parsing:
            self._refuse(ctx, args)
        return super().parse_args(ctx, args)

    def _refuse(self, ctx: click.Context, args: list[str]) -> None:
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

    def _refuse_swallowed(self, option: click.Option, value: object, args: Sequence[str], ctx: click.Context) -> None:
        """Raise UsageError if the ``value`` of ``option`` is another option: its own was forgotten."""
        names = {name for one in self.params for name in one.opts}
        for one in value if isinstance(value, list) else [value]:
            if one in names or (isinstance(option.type, click.Path) and str(one).startswith("-")):
                name = _spellings(option, args)[0]
                raise click.UsageError(f"{name} needs a value, but the option {one} follows it.", ctx)


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


class _NothingGivenError(click.UsageError):
    """Help is all that there is to say."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the help."""
        click.echo(self.format_message(), file=file, err=True)


class Group(Manual, click.Group):
    """A group of commands. As with pip and uv, -v and -q may come before the command."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params += [
            click.Option(["-v", "--verbose"], count=True, help="Show more, as -v after the command does."),
            click.Option(["-q", "--quiet"], count=True, help="Show errors only, as -q after the command does."),
        ]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments up to the command, which gets -v and -q. Show the short help where there are none."""
        if not args and not ctx.resilient_parsing:
            raise _NothingGivenError(self.short_help_text(ctx), ctx)
        super().parse_args(ctx, args)
        before = [("-v", ctx.params.pop("verbose", 0)), ("-q", ctx.params.pop("quiet", 0))]
        ctx.args = [*(name for name, count in before for _ in range(count or 0)), *ctx.args]
        return ctx.args

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, then the options."""
        self.format_commands(ctx, formatter)
        super().format_options(ctx, formatter)


def exit_codes() -> Terms:
    """Return every exit code with what it means, as the error classes say."""
    # Only those of our own module: a subclass that a test or a program adds is no exit code of the command.
    kinds = [kind for kind in CrossbuildError.__subclasses__() if kind.__module__ == CrossbuildError.__module__]
    codes = [(kind.exit_code, _first_line(kind)) for kind in kinds]
    others = [
        (0, "Success."),
        (CrossbuildError.exit_code, "Any other error."),
        (BUG, "A bug in crossbuild."),
        (129, "Ended by SIGHUP."),
        (INTERRUPTED, "Interrupted."),
        (143, "Ended by SIGTERM."),
    ]
    return [(str(code), text) for code, text in sorted(codes + others)]


def _first_line(kind: type[CrossbuildError]) -> str:
    return inspect.cleandoc(kind.__doc__ or "").partition("\n")[0]
