"""Who a deal's sentence names by a link, and between which teams it says that they move."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fieldhouse.sources.basketball_reference.links import party_of_href
from fieldhouse.sources.basketball_reference.page import attribute, text_of

# Who is converted or suspended stays where he is
MOVING = frozenset({"signed", "waived", "drafted", "claimed", "hired", "fired", "retired", "assigned", "recalled"})
_LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_CLAUSE_ENDS = re.compile(r";|\.\s+[A-Z]")
_IN_RETURN = re.compile(r"\bfor\b")


@dataclass(frozen=True)
class Party:
    """A link of a sentence. ``before`` and ``after``: the text between it and the links beside it."""

    kind: str
    party_id: str | None
    name: str
    direction: str | None
    before: str
    after: str
    from_team_id: str | None = None
    to_team_id: str | None = None


def read_parties(markup: str, kind: str) -> list[Party]:
    """Return what each link of a sentence is of, in order.

    :param kind: what sort of deal it is.
    """
    parties = _mark_picks(list(_read_links(markup)))
    if kind == "traded":
        return list(_trade(parties))
    if kind in MOVING:
        return list(_move(parties))
    return parties


def _read_links(markup: str) -> Iterator[Party]:
    # Text, attributes, what the link shows, text, ...
    texts = _LINK.split(markup)
    for place in range(1, len(texts), 3):
        attributes, label = texts[place : place + 2]
        kind, party_id = party_of_href(attribute(attributes, "href") or "")
        direction = _direction(attributes)
        if direction and not party_id:
            kind, party_id = "team", attribute(attributes, f"data-attr-{'to' if direction == 'to' else 'from'}")
        before, after = (text_of(f"|{text}|")[1:-1] for text in (texts[place - 1], texts[place + 2]))
        yield Party(kind, party_id, text_of(label), direction if kind == "team" else None, before, after)


def _direction(attributes: str) -> str | None:
    leaves, comes = (attribute(attributes, f"data-attr-{word}") for word in ("from", "to"))
    if leaves and comes:
        return "both"
    return "from" if leaves else "to" if comes else None


def _mark_picks(parties: Sequence[Party]) -> list[Party]:
    """Call a player a pick where a bracket says who was later selected with it."""
    marked, in_brackets = [], False
    for number, party in enumerate(parties):
        in_brackets = _open_after(party.before, in_brackets)
        rest = " ".join(other.after for other in parties[number:])
        is_pick = in_brackets and party.kind == "player" and "later selected" in rest.partition(")")[0]
        marked.append(replace(party, kind="pick") if is_pick else party)
    return marked


def _open_after(text: str, is_open: bool) -> bool:
    opened, closed = text.rfind("("), text.rfind(")")
    return is_open if opened == closed else opened > closed


def _move(parties: Sequence[Party]) -> Iterator[Party]:
    leaves, comes = (_only_team(parties, word) for word in ("from", "to"))
    for party in parties:
        yield party if party.kind == "team" else replace(party, from_team_id=leaves, to_team_id=comes)


def _only_team(parties: Sequence[Party], word: str) -> str | None:
    teams = {party.party_id for party in parties if party.direction in (word, "both")}
    return teams.pop() if len(teams) == 1 else None


def _trade(parties: Sequence[Party]) -> Iterator[Party]:
    """Yield the parties of ``A traded x to B for y; and B traded z to C``: who stands before the team that receives
    comes to it, who stands after "for" comes from it, and of anybody else the sentence does not say.
    """
    giver = receiver = None
    in_return = False
    for number, party in enumerate(parties):
        if _CLAUSE_ENDS.search(party.before):
            giver = receiver = None
            in_return = False
        if party.direction == "from":
            giver, receiver, in_return = party.party_id, None, False
        elif party.direction == "to":
            receiver = party.party_id
        in_return = in_return or bool(receiver and party.direction is None and _IN_RETURN.search(party.before))
        if party.kind == "team":
            yield party
        elif receiver is None:
            yield replace(party, from_team_id=giver, to_team_id=_receiver(parties[number:]))
        elif in_return:
            yield replace(party, from_team_id=receiver, to_team_id=giver)
        else:
            yield party


def _receiver(parties: Sequence[Party]) -> str | None:
    """Return the team that the clause of the first party names as the one that receives."""
    for number, party in enumerate(parties):
        if party.direction == "from" or (number and _CLAUSE_ENDS.search(party.before)):
            return None
        if party.direction == "to":
            return party.party_id
    return None
