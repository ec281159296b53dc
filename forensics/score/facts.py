"""What is known of each cluster beside its links: one row of plain facts per cluster.

Signals of abuse and innocent explanations are both read off these facts, so that what speaks for
the one and against the other is counted once and in one place. A fact that the case has no data
for is null, never 0.
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pyarrow as pa
from disposable_email_domains import blocklist

from forensics.case.database import connect
from forensics.case.store import Case
from forensics.cluster.holds import MOST_OPERATORS
from forensics.cluster.settled import ACTIVE_DAYS, AGE_DAYS
from forensics.link.linkage import Linkage
from forensics.link.material import Collected
from forensics.link.results import value_facts
from forensics.link.schools import SCHOOL
from forensics.link.timing import view_moments
from forensics.score.alike import cards_alike
from forensics.score.apart import days_together, lives_apart

#: Payments by what is somebody's own: a test token is nobody's card.
_PAID = """CREATE TEMP VIEW paid AS
    SELECT p.* FROM payments p
    ANTI JOIN (FROM values_shared WHERE public IS NOT NULL) v
        ON v.key = 'payment:' || p.instrument_id"""


def collect_facts(
    case: Case, collected: Collected, linkage: Linkage, members: pa.Table
) -> pa.Table:
    """Return one row per cluster, in the order of its number; `facts.sql` (who they are),
    `behaviour.sql` (what they do) and `sharing.sql` (when they use what they share) name the
    columns.

    `members` has the columns `cluster` and `account`, both whole numbers.
    """
    database = connect(case)
    database.register("members", members)
    database.register("accounts", collected.accounts)
    view_moments(database)
    database.register("uses", collected.uses)
    database.register("values_shared", value_facts(collected, linkage))
    database.execute(_PAID)
    database.register("throw_away", pa.table({"domain": sorted(blocklist)}))
    facts, *more = (
        database.sql(
            files("forensics.score").joinpath(name).read_text(), params=params
        ).to_arrow_table()
        for name, params in (
            ("facts.sql", {"school": SCHOOL, "most": MOST_OPERATORS}),
            ("behaviour.sql", {}),
            ("sharing.sql", {"age": AGE_DAYS, "days": ACTIVE_DAYS, "most": MOST_OPERATORS}),
        )
    )
    for table in more:
        for name in table.column_names[1:]:
            facts = facts.append_column(name, table[name])
    label = np.full(len(collected.accounts), -1)
    label[members["account"].to_numpy()] = members["cluster"].to_numpy()
    for name, measure in (("lives_apart", lives_apart), ("days_together", days_together)):
        found = measure(collected.material, label, len(facts))
        facts = facts.append_column(name, pa.array(found, mask=np.isnan(found)))
    return facts.append_column("cards_alike", pa.array(cards_alike(database, len(facts))))
