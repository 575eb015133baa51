"""A real mail server, as the tests of the queue have it."""

from tests.test_jobs import postbox

__all__ = ["postbox"]
