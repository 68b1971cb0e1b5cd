"""[pure] What is written in mails, orders and call notes; {role} and {city} are filled in."""

from typing import Final, NamedTuple


class Letter(NamedTuple):
    """One kind of mail."""

    direction: str
    """outbound or inbound."""

    subject: str
    body: str


def _letters(text: str) -> tuple[Letter, ...]:
    return tuple(Letter(*line.split(" | ")) for line in text.strip().splitlines())


TO_CANDIDATES: Final = _letters(
    """
outbound | {role} opening near you | we have a {role} opening that fits your profile. Reply with a good \
time to talk and I will send the details.
outbound | Your start on Monday | you start on Monday at six. Please bring two forms of identification \
and your safety shoes, and ask for the shift lead.
outbound | Time sheet missing | your time sheet for last week is missing. Please send it by noon \
tomorrow so that payroll can run.
outbound | Checking in | how is the {role} assignment going? Tell me if anything about hours or safety \
is not as agreed.
outbound | Certificates on file | one of your certificates runs out soon. Send a photo of the renewed \
card when you have it.
outbound | Are you still looking? | I tried to reach you about {role} work. Are you still looking, and \
from when could you start?
inbound | Re: {role} opening | thank you, I am interested. I can start in two weeks and would prefer \
days if there is a choice.
inbound | Question about my check | my last check looks short by a few hours of overtime. Could you look \
into it?
inbound | Running late | my car did not start this morning. I told the lead and will be there by nine.
inbound | Not available | I found something closer to home, so please take me off the list for now.
"""
)
TO_CLIENTS: Final = _letters(
    """
outbound | Shortlist: {role} | attached are three people for your {role} order, with certificates \
checked. Whom would you like to meet?
outbound | Invoice for last week | the invoice for last week is ready. Hours are grouped by order and \
cost center.
outbound | Rate review | pay for {role} work has moved in your area. Could we talk about the rate before \
the next order?
outbound | Replacement on the way | the person who missed today's shift is replaced from tomorrow, at no \
extra cost.
inbound | New order: {role} | we need more {role} staff from next Monday, same shift and dress code as \
last time.
inbound | No show this morning | one of your people did not come in today and nobody called. Please send \
somebody for tomorrow.
inbound | Well done | the crew you sent is doing well. We would like to keep two of them beyond the \
agreed date.
"""
)

ORDER_TEXTS: Final = (
    "{role} for a {site} in {city}. Long-term, with a chance to be hired.",
    "Busy season at a {site} in {city}: {role} needed, overtime likely.",
    "Reliable {role} wanted for a {site} in {city}; punctuality matters.",
    "Cover for leave at a {site} in {city}, {role}, six weeks or longer.",
    "New line at a {site} in {city} starts soon, {role} with some experience.",
)

OUTCOMES: Final = ("answered", "voicemail", "no answer", "callback asked", "wrong number")
CALL_NOTES: Final = (
    ("Talked about open orders.", "Confirmed hours and pay.", "Wants to hear of new sites.", "Checked in."),
    ("Left a message.", "Left a message about an order.", "Mailbox, asked to call back.", "Left my number."),
    (None, None, "Rang out.", "No pick-up, will try later."),
    ("Call back after four.", "Asked me to call tomorrow.", "At work, call at lunch.", "Busy, call tonight."),
    ("Number belongs to somebody else.", "Not in service.", None, "Ask for a new number."),
)  # fmt: skip

EARLY_REASONS: Final = ("attendance", "performance", "left for another job", "client stopped the order")
EARLY_WEIGHTS: Final = (34, 22, 24, 20)
FULL_REASONS: Final = ("completed", "hired by client")
"""Why a placement ended on the agreed day."""
FULL_WEIGHTS: Final = (88, 12)
