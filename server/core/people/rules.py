"""Pure decisions about codes, traits, names and who may see what."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from server.kit.errors import Refused, TooMany

ROLES = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "officer", "clinic", "admin")
TRAITS = ("elder", "alone", "disabled", "pregnant", "chronic", "under14")
# The committee's guarantee list (兜底): who has one of these is served first.
GUARANTEED = frozenset({"alone", "elder", "disabled", "pregnant", "chronic"})

CODE_LIVES = timedelta(minutes=10)
CODE_TRIES = 5
CODES_A_DAY = 5
CODE_PAUSE = timedelta(minutes=1)
CODES_A_DAY_PER_ADDRESS = 200
TRIES_COUNT_FOR = timedelta(minutes=15)
# Whoever guesses at a login locks it for his own address, long before he locks it for its owner.
TRIES_OF_LOGIN_AND_ADDRESS = 10
TRIES_OF_LOGIN = 100
TRIES_OF_ADDRESS = 100
HOME_CODE_LIVES = timedelta(days=14)
LOOKS_KEPT = timedelta(days=180)
# No 0/O, 1/I/L: people read these aloud and copy them by hand.
HOME_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PHONE = re.compile(r"\+[0-9]{6,15}")  # E.164 has at most fifteen digits


@dataclass(frozen=True)
class SentCode:
    """A code that was sent: to whom is not needed to judge it."""

    sent_at: datetime
    tries: int
    is_used: bool
    is_right: bool


def normal_phone(text: str) -> str:
    """Return the phone with country code, digits only behind "+"; mainland China when none is given.

    Raises Refused if it cannot be a phone number.
    """
    digits = re.sub(r"[\s\-()]", "", text)
    phone = digits if digits.startswith("+") else f"+86{digits}"
    if not PHONE.fullmatch(phone):
        raise Refused("people.bad_phone")
    return phone


def new_sign_in_code() -> str:
    """Return seven random digits: 23 bits (six would be 19.9), and five tries at most within ten minutes."""
    return f"{secrets.randbelow(10**7):07d}"


def new_home_code() -> str:
    """Return eight random letters (39 bits) in two groups, as printed on paper."""
    letters = "".join(secrets.choice(HOME_CODE_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def code_hash(code: str, salt: str) -> str:
    """Return the keyed hash under which a code is kept; case and dashes do not count."""
    return hmac.new(salt.encode(), plain_code(code).encode(), hashlib.sha256).hexdigest()


def plain_code(code: str) -> str:
    """Return a code as it is compared: no spaces or dashes, upper case."""
    return re.sub(r"[\s\-]", "", code).upper()


def check_may_send(sent_to_phone: Sequence[datetime], sent_to_address: int, *, now: datetime) -> None:
    """Raise TooMany if this phone or this address has had enough codes. ``sent_to_phone``: of the last day."""
    if sent_to_phone:
        wait = max(sent_to_phone) + CODE_PAUSE - now
        if wait > timedelta(0):
            raise TooMany("people.code_too_soon", retry_after_s=int(wait.total_seconds()) + 1)
    if len(sent_to_phone) >= CODES_A_DAY or sent_to_address >= CODES_A_DAY_PER_ADDRESS:
        raise TooMany("people.too_many_codes", retry_after_s=3600)


def check_code(code: SentCode | None, *, now: datetime) -> None:
    """Raise Refused unless the code opens: right, fresh, unused, few tries.

    Every failure says the same: nobody learns which phones are known.
    """
    if (
        code is None
        or code.is_used
        or code.tries > CODE_TRIES
        or now > code.sent_at + CODE_LIVES
        or not code.is_right
    ):
        raise Refused("people.code_wrong")


def check_may_try(*, both: int, login: int, address: int) -> None:
    """Raise TooMany if a password may not be tried now.

    Counts of failed tries within ``TRIES_COUNT_FOR``: of this login from this address, of this login from anywhere,
    of any login from this address.
    """
    if both >= TRIES_OF_LOGIN_AND_ADDRESS or login >= TRIES_OF_LOGIN or address >= TRIES_OF_ADDRESS:
        raise TooMany("people.too_many_tries", retry_after_s=int(TRIES_COUNT_FOR.total_seconds()))


def check_role(role: str) -> None:
    """Raise Refused for a role that does not exist."""
    if role not in ROLES:
        raise Refused("people.unknown_role", role=role[:40])


def check_may_grant(granter_roles: Iterable[str], role: str) -> None:
    """Raise Refused unless somebody with these roles may grant ``role``: nobody grants more than they have."""
    held = set(granter_roles)
    if "admin" in held or ("officer" in held and role not in ("admin", "officer")):
        return
    raise Refused("people.may_not_grant", role=role)


def check_traits(traits: Iterable[str]) -> None:
    """Raise Refused for a trait that does not exist."""
    unknown = sorted(set(traits) - set(TRAITS))
    if unknown:
        raise Refused("people.unknown_trait", traits=unknown)


def guarantee_tier(traits_of_members: Iterable[Iterable[str]]) -> int | None:
    """Return 0 for a home on the guarantee list, else None."""
    return 0 if any(GUARANTEED & set(traits) for traits in traits_of_members) else None


def first_name(name: str) -> str:
    """Return what a courier may see: a Chinese name's family name with 女士/先生 left out, else the first word."""
    # A demo account is called "林小梅 / Lin Xiaomei".
    words = name.partition(" / ")[0].split()
    if not words:
        return ""
    if len(words) == 1 and re.fullmatch(r"[\u4e00-\u9fff]{2,4}", words[0]):
        return words[0][1:]
    return words[0]


def masked_phone(phone: str) -> str:
    """Return the phone with all but its last four digits hidden."""
    return "*" * max(0, len(phone) - 4) + phone[-4:]
