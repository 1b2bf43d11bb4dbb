"""What goods are: category, allergens, cold chain, codes, and what may stand in for them. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from server.kit.errors import Refused

MOST_PRICE_FEN = 10_000_000
MOST_ON_HAND = 1_000_000


class Category(StrEnum):
    VEGETABLES = "vegetables"
    FRUIT = "fruit"
    MEAT = "meat"
    FISH = "fish"
    EGGS_DAIRY = "eggs_dairy"
    STAPLES = "staples"
    SNACKS = "snacks"
    DRINKS = "drinks"
    HOUSEHOLD = "household"
    BABY = "baby"
    INFANT_FORMULA = "infant_formula"
    MEDICINE = "medicine"
    PETS = "pets"
    OTHER = "other"


class Allergen(StrEnum):
    """The eight groups of GB 7718-2011, 4.4.3.1."""

    GLUTEN = "gluten"
    CRUSTACEANS = "crustaceans"
    FISH = "fish"
    EGGS = "eggs"
    PEANUTS = "peanuts"
    SOY = "soy"
    MILK = "milk"
    NUTS = "nuts"


class Storage(StrEnum):
    """The cold chain: chilled 0-8 °C, frozen at most -18 °C."""

    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"


NEVER_SUBSTITUTED = frozenset([Category.MEDICINE, Category.INFANT_FORMULA])
# What a spreadsheet would take for a formula if it stood at the beginning of a cell (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@")


def is_exact(category: str, allergens: Iterable[str]) -> bool:
    """Tell whether nothing may take the place of such goods, nor they of others, without being asked for."""
    return category in NEVER_SUBSTITUTED or any(True for _ in allergens)


def checked_barcode(typed: str | None) -> str | None:
    """Return a GTIN-8, -13 or -14 as it is kept; None for none. UPC-A is GTIN-13 without its zero.

    Raises Refused("market.bad_barcode") for other lengths or a wrong check digit (GS1 General Specifications 7.9).
    """
    code = "".join((typed or "").split())
    if not code:
        return None
    if len(code) == 12:
        code = f"0{code}"
    if not (code.isascii() and code.isdigit() and len(code) in (8, 13, 14)):
        raise Refused("market.bad_barcode")
    weighed = sum(int(digit) * (3 if turn % 2 == 0 else 1) for turn, digit in enumerate(reversed(code[:-1])))
    if (weighed + int(code[-1])) % 10:
        raise Refused("market.bad_barcode")
    return code


def checked_words(*words: str) -> None:
    """Raise Refused("market.formula") for words that a spreadsheet would run, or that hold control characters."""
    for text in words:
        if text.lstrip().startswith(FORMULA) or any(unicodedata.category(sign) == "Cc" for sign in text):
            raise Refused("market.formula", text=text[:40])


def plain(text: str) -> str:
    """Return the text as it is compared: full-width and capital letters count as the others, spaces once."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def search_text(name: str, name_en: str, barcode: str | None) -> str:
    """Return what a search looks through."""
    return plain(" ".join((name, name_en, barcode or "")))
