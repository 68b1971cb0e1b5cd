"""[pure] What a staffing company asks of its data: four proven queries by name, and questions in words.

Every query is one SELECT in DuckDB's dialect over the seven tables, with named parameters and plain
functions only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """A named parameter of a query: `$name` in its text."""

    name: str
    default: str | int
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query that people ask again and again."""

    name: str
    title: str
    question: str
    """The same in a recruiter's words."""
    sql: str
    params: tuple[Param, ...] = ()

    @property
    def defaults(self) -> dict[str, str | int]:
        """The parameters by name, as the query is asked when nobody says otherwise."""
        return {param.name: param.default for param in self.params}


AVAILABLE_SKILLED: Final = Query(
    name="available_skilled",
    title="Skilled people who are free, by place",
    question="Which forklift operators in Illinois who know reach trucks and hold OSHA-10 are available now?",
    sql="""\
SELECT candidate_id, first_name, last_name, city, certificates, years_experience, shift, pay_rate
FROM candidates
WHERE role = $role
  AND state = $state
  AND list_contains(string_split(skills, '; '), $skill)
  AND list_contains(string_split(certificates, '; '), $certificate)
  AND availability = 'now'
  AND status = 'active'
ORDER BY years_experience DESC, candidate_id""",
    params=(
        Param(name="role", default="Forklift Operator", doc="The trade."),
        Param(name="state", default="IL", doc="Two-letter state code."),
        Param(name="skill", default="reach truck", doc="An entry of the skills."),
        Param(name="certificate", default="OSHA-10", doc="An entry of the certificates."),
    ),
)

CLIENT_MARGIN: Final = Query(
    name="client_margin",
    title="Revenue and margin by client",
    question="What do we earn with each client, and with which ones do we lose money?",
    sql="""\
SELECT c.client_id, c.name, c.vertical,
       round(e.revenue, 2) AS revenue,
       round(e.margin, 2) AS margin,
       round(100 * e.margin / e.revenue, 1) AS margin_percent
FROM (SELECT p.client_id, sum(t.bill_total) AS revenue, sum(t.bill_total - t.pay_total) AS margin
      FROM timesheets t JOIN placements p ON p.placement_id = t.placement_id
      GROUP BY p.client_id) e
JOIN clients c ON c.client_id = e.client_id
ORDER BY margin, c.client_id""",
)

COLD_LEADS: Final = Query(
    name="cold_leads",
    title="Called again and again, never placed",
    question="Whom have we called at least five times and never placed?",
    sql="""\
SELECT c.candidate_id, c.first_name, c.last_name, c.role, c.city, c.state, k.calls, k.last_call
FROM (SELECT candidate_id, count(*) AS calls, max(started_at) AS last_call
      FROM calls GROUP BY candidate_id HAVING count(*) >= $calls) k
JOIN candidates c ON c.candidate_id = k.candidate_id
WHERE NOT EXISTS (SELECT 1 FROM placements p WHERE p.candidate_id = k.candidate_id)
ORDER BY k.calls DESC, c.candidate_id""",
    params=(Param(name="calls", default=5, doc="At least so many calls."),),
)

VERTICAL_MARGIN: Final = Query(
    name="vertical_margin",
    title="Margin by vertical",
    question="In which verticals is our margin best?",
    sql="""\
SELECT c.vertical,
       count(*) AS clients,
       round(sum(e.revenue), 2) AS revenue,
       round(sum(e.margin), 2) AS margin,
       round(100 * sum(e.margin) / sum(e.revenue), 1) AS margin_percent
FROM (SELECT p.client_id, sum(t.bill_total) AS revenue, sum(t.bill_total - t.pay_total) AS margin
      FROM timesheets t JOIN placements p ON p.placement_id = t.placement_id
      GROUP BY p.client_id) e
JOIN clients c ON c.client_id = e.client_id
GROUP BY c.vertical
ORDER BY margin_percent DESC, c.vertical""",
)

QUERIES: Final = (AVAILABLE_SKILLED, CLIENT_MARGIN, COLD_LEADS, VERTICAL_MARGIN)
BY_NAME: Final[Mapping[str, Query]] = {query.name: query for query in QUERIES}

EXAMPLES: Final = (
    "Who can work narrow aisle lifts around Joliet and has no commercial license?",
    "Which clients are we losing money on?",
    "Who near Chicago can repair cooling units and is free for nights?",
)
"""Questions in words, for answers by meaning, by SQL, and by both."""
