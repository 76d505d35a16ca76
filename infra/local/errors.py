"""What can go wrong around the stack, each with a sentence for the person at the shell."""


class LocalError(Exception):
    """The local stack cannot do what was asked; the message says why and what helps."""


class PortTakenError(LocalError):
    def __init__(self, port: int, purpose: str, option: str) -> None:
        super().__init__(
            f"Port {port} on 127.0.0.1, wanted for {purpose}, is taken by another program. "
            f"Stop that program, or choose another port with {option}."
        )


class NotRunningError(LocalError):
    def __init__(self) -> None:
        super().__init__("No local stack is running. Start one with `make run`.")


class DeployError(LocalError):
    """The stack was not created or updated; the message names the failed resources."""


class DrainTimeoutError(LocalError):
    """Queues or streams were still busy when the time was up; the message says which."""


class InvocationError(LocalError):
    """A function that was invoked directly failed; the message is its error."""
