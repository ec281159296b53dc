from __future__ import annotations

import pytest

from forensics.errors import UsageError
from forensics.simulate.options import PRESETS, SimulationOptions


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"accounts": 10}, r"--accounts 10: expected a number from 50 to 5,000,000"),
        ({"evasion": 1.5}, r"--evasion 1\.5: expected a number from 0 to 1"),
        ({"evasion": float("nan")}, r"--evasion nan"),
        ({"dimension": 2_000}, r"--dimension 2000: expected a number from 8 to 1,040"),
        ({"world": "heavy-nat"}, r"no world 'heavy-nat'; did you mean 'heavy_nat'\?"),
    ],
)
def test_a_wrong_option_says_what_would_be_right(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SimulationOptions(**options)  # type: ignore[arg-type]


def test_the_published_case_has_one_network_of_24_000_in_16_million_prompts() -> None:
    options = SimulationOptions(**PRESETS["published-case"])
    share = options.assumptions.campaigns
    assert list(share) == ["proxy_network"]
    assert round(share["proxy_network"] * options.accounts) == 24_000
    assert options.accounts * options.prompts_per_account == pytest.approx(15.8e6, rel=0.01)
