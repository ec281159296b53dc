"""Finds groups of accounts that one operator is likely to run, and bundles the evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forensics.notebook import Notebook

__version__ = "0.1.0"


def open_case(path: str | os.PathLike[str] = "case") -> Notebook:
    """Open the published run of a case, for notebooks and scripts.

    Raises:
        CaseError: there is no case, or nothing was analysed yet.
    """
    from forensics.notebook import Notebook  # only now, so that the command line starts quickly

    return Notebook(Path(path))
