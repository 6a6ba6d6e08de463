"""The errors that a person can meet, each with the way out, and the exit codes of the command."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What `nexasat` returns to the shell."""

    OK = 0
    FAILED = 1  # the work was tried and failed: a test, a model, a check
    USAGE = 2  # wrong words on the command line (click's own code)
    BAD_FILE = 3  # the file as a whole cannot be loaded; nothing was changed
    NO_SERVER = 4  # PostgreSQL cannot be started or reached
    NOT_CLUSTERED = 5  # no run was written; the old one stays in force
    NOT_TRUSTED = 6  # clusters below the recipe's floor of stability; the old run stays in force
    INTERRUPTED = 130  # Ctrl-C, as shells count it


class NexasatError(Exception):
    """A failure that is told to the user in one sentence and a hint, never as a traceback.

    Args:
        message: what is wrong, naming the file, line and column where there is one.
        hint: the way out.
        exit_code: what the command returns.
    """

    def __init__(
        self, message: str, *, hint: str = "", exit_code: ExitCode = ExitCode.FAILED
    ) -> None:
        """Keeps the three parts; `str()` gives the message alone."""
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code
