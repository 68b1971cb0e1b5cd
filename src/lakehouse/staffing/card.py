"""[pure] What questions may say about candidates: the card of the resumes."""

from collections.abc import Mapping
from typing import Final

STATES: Final[Mapping[str, str]] = {
    "Illinois": "IL", "Indiana": "IN", "Ohio": "OH", "Michigan": "MI", "Wisconsin": "WI",
    "Minnesota": "MN", "Missouri": "MO", "Kentucky": "KY", "Tennessee": "TN", "Georgia": "GA",
    "Texas": "TX", "Arizona": "AZ", "California": "CA", "Nevada": "NV", "Washington": "WA",
    "Oregon": "OR", "Colorado": "CO", "Utah": "UT", "Pennsylvania": "PA", "New Jersey": "NJ",
    "New York": "NY", "Massachusetts": "MA", "Connecticut": "CT", "North Carolina": "NC",
    "South Carolina": "SC", "Florida": "FL", "Alabama": "AL",
}  # fmt: skip
"""The table has codes only; people say names."""

RESUMES: Final[Mapping[str, object]] = {
    "name": "resumes",
    "index": "resumes",
    "purpose": "Candidates: who can do a job, where, with which papers, when and for how much",
    "facets": [
        "role", "city", "state", "certificates", "skills", "shift", "years_experience", "pay_rate",
        "availability", "status",
    ],
    "keys": ["role", "city"],
    "rows": ["candidate", "worker", "person", "people"],
    "aliases": {
        "role": ["trade", "job", "occupation"],
        "city": ["town"],
        "shift": ["shifts"],
        "availability": ["available", "free"],
        "skills": ["skill", "skilled"],
        "certificates": [
            "certified", "certification", "cert", "card", "license", "licence", "ticket",
        ],
        "years_experience": ["experience"],
        "pay_rate": ["pay", "rate", "wage", "earning", "making"],
    },
    "synonyms": {
        "role": {
            "forklift driver": "Forklift Operator",
            "maintenance technician": "Maintenance",
            "production worker": "Production",
        },
        "state": dict(STATES),
    },
    "units": {"years_experience": ["years", "yrs", "yr"], "pay_rate": ["$", "dollars", "usd"]},
    "within": {"city": "state"},
}  # fmt: skip
"""An earlier placement counts only for the same role in the same city."""
