"""Every setting, once: environment variables with the prefix PB_ (a `.env` file is not read)."""

import os
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# An address with its places, and nothing that would end a rule of the content security policy.
TILES = r"^(https://[\w.{}-]+(:\d+)?/[^\s;,]*)?$"


def default_data_dir() -> Path:
    """Where the embedded database and the secrets live unless told otherwise.

    As root the server runs as `nobody`, who cannot enter root's home.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/kukkaro")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kukkaro"


class Settings(BaseSettings):
    """One frozen set of settings. Each line of the README's table names one of these fields."""

    model_config = SettingsConfigDict(env_prefix="PB_", frozen=True)

    database_url: str = ""  # postgresql://… of the app's own role; empty: the embedded PostgreSQL
    owner_url: str = ""  # postgresql://… of the role that owns the tables and migrates; empty: database_url
    database: str = "kukkaro"  # name of the database inside the embedded PostgreSQL
    data_dir: Path = default_data_dir()  # embedded database and secrets
    secrets_dir: Path | None = None  # keys, mode 0700, outside backups; default: secrets/ in data_dir
    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str = ""  # public address written into mails; default: http://host:port
    city: str = "Vanajaniemi"  # the city's name, shown in the masthead and the reports
    content_language: str = "fi"  # the language in which the city writes its own texts
    time_zone: str = "Europe/Helsinki"
    tiles: Annotated[str, Field(pattern=TILES)] = ""  # https://…/{z}/{x}/{y}.png under the maps; empty: areas only
    tiles_note: str = ""  # who made the tiles, as their licence wants it said
    session_days: int = 14  # days a sign-in lasts
    sign_in_minutes: int = 30  # minutes a sign-in link is good for
    vote_minutes: int = 60  # minutes a voter has from code to cast before the code is asked again
    appeal_days: int = 45  # days after the publication before a round's envelopes and keys may be destroyed
    code_guesses: int = 20  # wrong voting codes allowed from one address in ten minutes
    smtp_host: str = ""  # empty: mails are printed on the console
    smtp_port: int = 25
    mail_from: str = "kukkaro@localhost"

    @property
    def secrets(self) -> Path:
        return self.secrets_dir or self.data_dir / "secrets"

    @property
    def address(self) -> str:
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"


@cache
def get_settings() -> Settings:
    return Settings()
