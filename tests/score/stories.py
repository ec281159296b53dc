"""Facts of clusters as stories tell them."""

from __future__ import annotations

from typing import Any

#: A cluster of which nothing is known but that there is data on everything.
PLAIN: dict[str, Any] = {
    "accounts": 10, "suspended": 0, "active": 10, "with_status": 10,
    "signup_days": 30.0, "team_plan": 0.0, "throw_away_mail": 0.0,
    "domain": "gmail.com", "domain_members": 4, "domain_share": 0.4, "domain_inside": 0.01,
    "organisation": None, "organisation_share": None,
    "declared_kind": None, "declared_share": 0.0,
    "payer_share": 0.1, "instruments": 10, "concealed_cards": 0.0,
    "country_differs": 0.0, "instruments_per_account": 1.0,
    "cards_of_kind": 10, "cards_concealed": 0,
    "cards_of_country": 10, "cards_abroad": 0,
    "shared_devices": 0.0, "devices": 10,
    "on_vpn": 0.0, "on_mobile": 0.0,
    "on_education": 0.0, "on_corporate": 0.0,
    "prompts": 200, "with_prompts": 10, "own_prompt_share": 0.0, "common_prompt_share": 0.0,
    "own_senders": 0.0, "own_templates": None, "capability_share": 0.0,
    "output_ratio": 1.0, "pivoted": 0.0, "even_load": 0.0, "sharing": 1.0,
    "events": 300, "evenness": 0.7, "weekend": 0.12, "parallel": 0.3,
    "replaced": 0, "replaced_by_chance": 0.0,
    "platform_share": 0.0, "lives_apart": 0.0, "cards_alike": 0.0, "days_in_use": 20.0,
    "own_domains": 0.0, "school_mail": 0.0, "at_an_event": None, "gone": 0.0,
    "handed_on": 0.0, "settled": 0.0, "same_hours": 0.3, "days_together": 20.0,
}  # fmt: skip

#: What a column that the case does not have leaves behind.
UNKNOWN = {name: None for name in PLAIN if name not in (
    "accounts", "suspended", "active", "with_status", "declared_share",
    "replaced", "replaced_by_chance",
    "platform_share", "sharing", "cards_alike",
)}  # fmt: skip

RING = {
    "payer_share": 1.0, "instruments": 1, "shared_devices": 1.0, "devices": 2,
    "own_prompt_share": 0.8, "own_senders": 1.0, "own_templates": 3, "signup_days": 2.0,
    "throw_away_mail": 0.9, "evenness": 0.99, "weekend": 0.28, "parallel": 0.9,
    "capability_share": 0.7, "output_ratio": 2.2, "pivoted": 0.4, "even_load": 2.5,
}  # fmt: skip
COMPANY = {
    "domain": "acme.example", "domain_members": 10, "domain_share": 1.0, "domain_inside": 1.0,
    "team_plan": 1.0, "payer_share": 1.0, "instruments": 1, "on_corporate": 0.9,
    "weekend": 0.02, "parallel": 0.9,
}  # fmt: skip
BUILD_FLEET = COMPANY | {"own_prompt_share": 0.85, "own_senders": 1.0, "own_templates": 3}
RED_TEAM = {
    "declared_kind": "research", "declared_share": 1.0, "own_prompt_share": 0.5,
    "own_senders": 1.0, "own_templates": 4, "capability_share": 0.5,
}  # fmt: skip
#: Guests of one line for a day: what they share is the event.
HACKATHON = {
    "accounts": 40,
    "signup_days": 0.2,
    "lives_apart": 0.9,
    "gone": 0.6,
    "parallel": 0.9,
    "own_prompt_share": 0.45,
    "own_senders": 0.9,
    "own_templates": 3,
    "with_prompts": 40,
}
#: Accounts that an agency runs for its customers, from its own devices, with its own prompts.
AGENCY = {
    "accounts": 20,
    "own_domains": 1.0,
    "shared_devices": 1.0,
    "devices": 3,
    "payer_share": 0.5,
    "signup_days": 60.0,
    "own_prompt_share": 0.5,
    "own_senders": 1.0,
    "own_templates": 5,
}
#: Pupils at home on their own lines; their school signed them up, and pays.
SCHOOL = {
    "accounts": 24,
    "signup_days": 0.5,
    "school_mail": 1.0,
    "domain": "lyceum.edu",
    "domain_members": 24,
    "domain_share": 1.0,
    "payer_share": 1.0,
    "instruments": 1,
    "lives_apart": 0.9,
    "own_prompt_share": 0.4,
    "own_senders": 1.0,
    "own_templates": 3,
    "with_prompts": 24,
}
RESELLER = {"payer_share": 1.0, "instruments": 1}
FAMILY = {"accounts": 4, "payer_share": 1.0, "instruments": 1, "parallel": 0.2}


def story(*parts: dict[str, Any], **given: Any) -> dict[str, Any]:
    """Return the facts of a plain cluster, changed by each part in turn."""
    facts = dict(PLAIN)
    for part in (*parts, given):
        facts |= part
    return facts
