from tests.voting.conftest import town

__all__ = ["town"]
