"""What can be set or typed is in the README."""

from pathlib import Path

import pytest

from pb.cli import pb
from pb.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_setting_is_in_the_readme(setting):
    assert f"`PB_{setting.upper()}`" in README


@pytest.mark.parametrize("command", pb.commands)
def test_every_command_is_in_the_readme(command):
    assert f"pb {command}" in README


def test_the_settings_cannot_change_while_the_app_runs():
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1
