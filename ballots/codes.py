"""Codes that people read, type and say aloud: 60 random bits in Crockford base32.

Source: Douglas Crockford, Base 32, https://www.crockford.com/base32.html
"""

import re
import secrets

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK_DIGITS = DIGITS + "*~$=U"
LENGTH = 12
SEPARATORS = re.compile(r"[\s\u00ad\u2010-\u2015-]")  # spaces, and the hyphens that letters and PDFs print
LOOKALIKES = str.maketrans("OIL", "011")


def new_code() -> str:
    """A code of 12 characters, such as a voting code."""
    return "".join(secrets.choice(DIGITS) for _ in range(LENGTH))


def read_code(text: str) -> str:
    """The code in what somebody typed: any case, spaces and hyphens; O is 0, I and L are 1.

    Raises ValueError, without the text, if that is not 12 characters of the alphabet.
    """
    code = normal(text)
    if len(code) != LENGTH or not set(code) <= set(DIGITS):
        raise ValueError("not a code of 12 characters")
    return code


def new_ballot_code() -> str:
    """A code and its check character: the name under which a voter finds their ballot after the count."""
    code = new_code()
    return code + check_character(code)


def read_ballot_code(text: str) -> str:
    """As `read_code`, for 13 characters. Raises ValueError also when the last tells of a typing error."""
    text = normal(text)
    code = read_code(text[:-1])
    if text[-1] != check_character(code):
        raise ValueError("the check character does not fit the code")
    return text


def show_code(code: str) -> str:
    """The code in groups of four, with hyphens between."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def check_character(code: str) -> str:
    """The code's value modulo 37: it finds every single wrong character and every swap of two neighbours."""
    value = 0
    for character in code:
        value = value * len(DIGITS) + DIGITS.index(character)
    return CHECK_DIGITS[value % len(CHECK_DIGITS)]


def normal(text: str) -> str:
    return SEPARATORS.sub("", text).upper().translate(LOOKALIKES)
