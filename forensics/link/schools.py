"""Mail domains of schools and universities: many people's, whoever else has one of their own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: By the names that registries keep for them.
SCHOOL = (
    r"[.-](edu|school|schule)$|\.(edu|ac|sch|k12)(\.[a-z]{2})+$"
    r"|(^|\.)uni-[^.]+\.[a-z]+$|-uni\.[a-z]+$"
)


def are_schools(keys: pa.Array) -> npt.NDArray[np.bool_]:
    """Return which values of the comparison `email_domain` are a school's."""
    domains = pc.replace_substring_regex(keys, "^[^:]*:", "")
    return np.asarray(pc.match_substring_regex(domains, SCHOOL))
