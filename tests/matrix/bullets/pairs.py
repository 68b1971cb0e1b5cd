"""Lessons and each of them in other words, written by hand, and lessons that only look alike."""

from pathlib import Path

HERE = Path(__file__).parent


def rows(name: str) -> tuple[tuple[str, ...], ...]:
    """The columns of a file of wordings."""
    lines = (HERE / name).read_text().splitlines()
    return tuple(tuple(part.strip() for part in line.split("|")) for line in lines)


PAIRS = rows("wordings.txt")
"""A hundred lessons and a rewording of each; the cut of cosines was chosen looking at them and at `SET`."""

SET = rows("wordings_set.txt")
"""Lessons of other trades, a rewording of each, and another lesson of the same trade."""

FRESH = rows("wordings_fresh.txt")
"""The same, written after every rule and threshold was settled."""

CONTRARY = (
    "Call candidates for late shifts the evening before, not in the morning",
    "Ask for a photo of the driving licence before booking anyone on a building site",
    "Forklift drivers with recent port work stay longer than those from warehouses",
    "Day shifts fill faster when the bus timetable is sent along with the offer",
    "Teachers answer text messages much sooner than e-mails",
    "Clients in food production want proof of hygiene training from the last 3 years",
    "A worker who was late once in a week often finishes the assignment",
    "Offer the travel allowance in the last message to workers who live inside the city",
    "Painters want to know the colour and the area before they accept",
    "Remind workers about steel toe boots five days before the first day",
    "Students cancel less often in the exam weeks of January",
    "The hotel client accepts visible tattoos at the reception desk",
    "Electricians with an expired licence are booked out by Monday for the next month",
    "Rainy days halve the no-shows at the flower market",
    "The paper mill accepts workers without hearing protection",
    "Drivers from the agency in the south have no trailer licence",
    "The clinic needs vaccination records after the first shift, not before it",
    "Workers recommended by other workers last half as long",
    "The airport pass takes 20 days, so begin with the form on the day of hiring",
    "Bakeries look for people who can start at 5 and live nearby",
    "Always book the same team for the cold store two weeks in a row",
    "The brewery asks for references by letter, telephone calls do not count",
    "Confirm the meeting point with a map, the plant has six gates",
    "When a query returns too much, narrow the radius before you add a certificate",
    "Rank distance above availability for jobs that start next month",
    "Join placements by name and never by worker id",
    "Dates in the import from the branch office are month first",
    "An empty certificate list means none, not unknown",
    "The rating column is on a scale of 5 until May and of 100 after it",
    "Compact the table before the nightly import, otherwise searches slow down",
    "Rebuild the index when more than a half of the rows changed",
    "Retry a failed upload three times, then tell the person in charge",
    "Use the large model for greetings and the small one for contracts",
    "Customers in the north order staff for apple picking in September",
    "The shipyard cancels when the wind is above 80 kilometres an hour",
    "The school accepts workers without a police certificate",
    "Crane operators need a medical check every 5 years",
    "The printing house gives breaks by clock and not by machine",
    "The recycling plant provides masks but no gloves",
    "The laundry trains newcomers on Fridays only",
)
"""Lessons that are as alike as can be and say something else: they must be added."""

SUBJECTS = (
    "roofers", "pharmacists", "bus drivers", "library assistants", "beekeepers", "surveyors", "tailors",
    "lifeguards", "opticians", "geologists", "florists", "pilots", "typesetters", "divers", "postal clerks",
    "midwives", "tilers", "archivists", "farm hands", "sound engineers", "dispatchers", "bakers",
)  # fmt: skip
ADVICE = (
    "Offer {} a rotating rota once they have passed the trial month",
    "Contracts of {} should mention the uniform and who washes it",
    "Ask {} for two referees from different employers",
    "Never promise {} a permanent post in the first interview",
    "Train {} on the new scheduling app in groups of four",
    "Insurance papers of {} expire in autumn, renew them early",
    "For {} the overtime rule changes after forty hours",
    "Interview {} at their place of work when that is possible",
    "The newsletter brings more {} than the job board does",
    "Expect a waiting list of {} in the summer holidays",
    "Check the work permit of {} with the original document",
    "Pay {} weekly during their first quarter",
    "Group {} by the tools they own rather than by age",
    "Holiday requests of {} come in March, plan a reserve",
    "Exit talks with {} show that parking is the main complaint",
    "A welcome call in the second week keeps {} on board",
    "Invite {} to the open day, one in three signs up there",
    "Match {} with mentors who speak their mother tongue",
    "Archive the tests of {} for the auditors of the region",
    "Bonus payments for {} are agreed with the works council",
    "Send {} the menu of the canteen with the first rota",
)


def clean() -> tuple[str, ...]:
    """Lessons that nobody told before, 500: forty that only look alike, the others about something else."""
    generated = [advice.format(one) for advice in ADVICE for one in SUBJECTS]
    return (*CONTRARY, *generated)[:500]
