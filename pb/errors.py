"""The three kinds of error: a field error is shown in its form; a Refusal is a sentence; the rest are bugs."""


class Refusal(Exception):
    """The act is not possible, and the message says why and what to do next, in the person's language."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Refusal):
    status = 404


class NotAllowed(Refusal):
    status = 403


class NotSignedIn(NotAllowed):
    """Nobody is signed in; the page offers the way in."""

    status = 401


class WrongPhase(Refusal):
    """The act exists, but not now."""


class TooMany(Refusal):
    """Too many tries; the message says when to try again."""

    status = 429


class MissingKey(Refusal):
    """A key is not in the secrets directory: the administrator restores it, waiting does not help."""

    status = 503


class FieldErrors(Exception):
    """What a service found wrong with a form's fields: {field: sentence}. The page shows them in place."""

    def __init__(self, **errors: str) -> None:
        super().__init__(errors)
        self.errors = errors
