"""[pure] What a staffing company talks about: certificates, verticals, and the sentences all trades share.

The trades themselves are in `trades`.
"""

from typing import Final, NamedTuple

from lakehouse.staffing.people import listed


class Certificate(NamedTuple):
    """A paper that somebody has or lacks."""

    name: str
    """As written in the certificate columns; no name is part of another."""
    have: str
    """How a person says that they have it; fits after "I have "."""
    lack: str
    """A whole sentence of a person who does not have it."""


def _certificates(*rows: tuple[str, str, str]) -> dict[str, Certificate]:
    return {name: Certificate(name, have, lack) for name, have, lack in rows}


CERTIFICATES: Final = _certificates(
    ("OSHA-10", "my OSHA-10 card", "I have not done the ten-hour OSHA course yet."),
    ("OSHA-30", "the thirty-hour OSHA card", "No OSHA-30 yet, I can take the class any weekend."),
    ("Forklift", "a current forklift certification", "I am not certified on forklifts."),
    ("Reach Truck", "the reach truck endorsement", "No reach truck endorsement so far."),
    ("AWS D1.1", "AWS D1.1 structural papers", "I have never taken the AWS D1.1 test."),
    ("AWS D1.2", "the AWS aluminum qualification", "I do not hold papers for aluminum welding."),
    ("EPA 608", "EPA 608 universal for refrigerants", "I cannot handle refrigerants, no EPA 608."),
    ("CDL-A", "a class A commercial license", "No CDL yet, I am still studying for the permit."),
    ("CDL-B", "a class B commercial license", "I do not drive trucks commercially, no class B."),
    ("Hazmat", "the hazmat endorsement", "No hazmat endorsement on my license."),
    ("TWIC", "a TWIC card for the ports", "I have no TWIC card, so no port work for now."),
    ("Journeyman", "a journeyman license", "Not a journeyman yet, I still have hours to log."),
    ("NFPA 70E", "arc flash training to NFPA 70E", "No arc flash training so far."),
    ("LOTO", "lockout tagout training", "I have not been trained on lockout tagout."),
    ("Confined Space", "confined space entry training", "I am not cleared for confined spaces."),
    ("CNC Level 1", "NIMS CNC level one", "No CNC papers, I learned on the floor."),
    ("CQT", "the ASQ quality technician certificate", "I have not sat the ASQ exam."),
    ("Yellow Belt", "a Six Sigma yellow belt", "No Six Sigma belt."),
    ("ServSafe", "ServSafe for food handling", "I have no food handler card."),
    ("GMP", "good manufacturing practice training", "I never had GMP training."),
    ("CPR", "first aid and CPR", "My first aid card has run out."),
)


class Vertical(NamedTuple):
    """A branch of business that clients are in."""

    name: str
    share: int
    markup: int
    """Usual factor from base to bill rate, in hundredths."""
    nouns: tuple[str, ...]
    """Second half of company names."""
    demand: tuple[int, ...]
    """How often each of `trades.TRADES` is ordered, in their order."""
    site: str
    """Where the work is, in an order's text."""


VERTICALS: Final = (
    Vertical(
        "manufacturing", 30, 140,
        ("Fabrication", "Stamping", "Plastics", "Castings", "Precision", "Components", "Tooling", "Motors"),
        (14, 16, 4, 20, 10, 10, 6, 6, 22, 2), "plant",
    ),
    Vertical(
        "logistics", 26, 136,
        ("Logistics", "Distributing", "Freight", "Parcel", "Warehousing", "Cartage", "Supply", "Express"),
        (26, 0, 0, 0, 2, 3, 24, 32, 2, 14), "distribution center",
    ),
    Vertical(
        "construction", 14, 146,
        ("Builders", "Contracting", "Steel", "Electric", "Concrete", "Erectors", "Interiors", "Structures"),
        (12, 30, 30, 2, 2, 10, 8, 2, 2, 6), "job site",
    ),
    Vertical(
        "healthcare", 8, 150,
        ("Medical", "Devices", "Pharma", "Diagnostics", "Laboratories", "Health", "Surgical", "Implants"),
        (6, 0, 6, 14, 28, 14, 4, 12, 22, 2), "clean facility",
    ),
    Vertical(
        "food", 14, 134,
        ("Foods", "Bakery", "Provisions", "Dairy", "Packing", "Beverage", "Produce", "Snacks"),
        (14, 0, 2, 12, 10, 10, 12, 12, 24, 6), "food plant",
    ),
    Vertical(
        "energy", 8, 155,
        ("Energy", "Power", "Solar", "Pipeline", "Utilities", "Wind", "Turbines", "Grid"),
        (6, 24, 34, 4, 6, 18, 4, 2, 2, 8), "site",
    ),
)  # fmt: skip  # one fact on a line reads better than one number on a line

COMPANY_HEADS: Final = listed(
    """
Granite Prairie Lakeside Northfield Summit Ironwood Keystone Harbor Lodestar Cascade Redwood Stonebridge
Fairview Crestline Midland Riverbend Oakhurst Pinnacle Beacon Cardinal Eastgate Foxglove Glenwood
Heritage Juniper Kingston Liberty Meridian Newbury Orchard Patriot Quarry Ridgeway Sterling Tamarack
Union Valley Westport Yorktown Zephyr Anchor Birchwood Copperfield Delta Evergreen Frontier Gateway
Hawthorn Imperial Jasper Kestrel Lancaster Magnolia Norfolk Osprey Palisade Raven Sequoia Trident
Vanguard Wildcat Amberly Bristol Calumet
"""
)
COMPANY_TAILS: Final = ("Inc", "LLC", "Co", "Group", "Partners", "Works")

SHIFTS: Final = ("day", "evening", "night", "any")
SHIFT_WEIGHTS: Final = (50, 18, 14, 18)
SHIFT_SENTENCES: Final = (
    ("Looking for day shift.", "I need mornings because of my kids.", "Days only, please."),
    ("Second shift suits me best.", "I would rather start in the afternoon.", "Looking for evenings."),
    ("I like working nights.", "Third shift is my first choice.", "Overnight work is what I want."),
    ("Any shift is fine.", "I can work days, evenings or nights.", "My hours are open."),
)  # fmt: skip

HOME_SENTENCES: Final = (
    "I live in {city}, {state}.",
    "Based in {city}, {state}, with my own car.",
    "Home is {city}, {state}, and I ride the bus to work.",
    "I rent a place in {city}, {state}, and can travel half an hour.",
)

CLOSINGS: Final = (
    "I learn fast and get along with most people.",
    "References from my last two supervisors on request.",
    "Steady work matters more to me than the last dollar.",
    "I show up, do the job and clean up after myself.",
    "Open to overtime and to temp work that turns permanent.",
    "Bilingual, English and Spanish.",
    "Army veteran, used to early hours and clear orders.",
    "I am looking for a place where I can stay.",
    "I have trained new hires more than once.",
    "Before that I worked in a kitchen and in retail.",
    "My last contract ended when the site closed.",
    "Weekends are possible with a bit of notice.",
)
FILLERS: Final = (
    "I take safety seriously, I ask when something is not clear to me, and I can lift fifty pounds all day.",
    "I am used to production targets, written instructions and being on my feet for a full ten-hour day.",
    "I own my boots, my hard hat and my basic tools, and I can pass a drug screen and a background check.",
    "I get on with new crews quickly, keep my area clean, and write things down when I hand over to others.",
)

NUMBER_WORDS: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip

SOURCES: Final = ("referral", "job board", "walk-in", "website", "job fair", "rehire")
SOURCE_WEIGHTS: Final = (22, 34, 12, 20, 7, 5)
