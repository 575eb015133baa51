"""A real mail server and real commits, as the tests of the queue have them."""

from tests.test_jobs import committed, postbox

__all__ = ["committed", "postbox"]
