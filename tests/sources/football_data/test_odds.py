from __future__ import annotations

import pytest

from fieldhouse.sources.football_data.odds import LineOf, decode_line, decode_offer

NEW = frozenset(["XYH", "XYD", "XYA", "XYCH", "XYCD", "XYCA", "QCH", "QCD", "QCA", "QH", "XY>2.5", "XY<2.5", "HomeH"])


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("B365H", "Bet365|match result|opening|home"),
        ("B365CD", "Bet365|match result|closing|draw"),
        ("B365>2.5", "Bet365|over/under|opening|over"),
        ("B365C<2.5", "Bet365|over/under|closing|under"),
        ("B365AHH", "Bet365|asian handicap|opening|home"),
        ("B365CAHA", "Bet365|asian handicap|closing|away"),
        ("VCH", "VC Bet|match result|opening|home"),
        ("VCCH", "VC Bet|match result|closing|home"),
        ("PSCH", "Pinnacle|match result|closing|home"),
        ("PH", "Pinnacle|match result|opening|home"),
        ("P>2.5", "Pinnacle|over/under|opening|over"),
        ("PC<2.5", "Pinnacle|over/under|closing|under"),
        ("PCAHH", "Pinnacle|asian handicap|closing|home"),
        ("PPD", "Paddy Power|match result|opening|draw"),
        ("BFD", "Betfair|match result|opening|draw"),
        ("BFDD", "Betfred|match result|opening|draw"),
        ("BFCH", "Betfair|match result|closing|home"),
        ("BFDCH", "Betfred|match result|closing|home"),
        ("BFECH", "Betfair Exchange|match result|closing|home"),
        ("BFEC>2.5", "Betfair Exchange|over/under|closing|over"),
        ("WHCH", "William Hill|match result|closing|home"),
        ("LBCH", "Ladbrokes|match result|closing|home"),
        ("CLCA", "Coral|match result|closing|away"),
        ("1XBCH", "1XBet|match result|closing|home"),
        ("MaxC>2.5", "market maximum|over/under|closing|over"),
        ("AvgCAHA", "market average|asian handicap|closing|away"),
        ("BbMx>2.5", "market maximum|over/under|opening|over"),
        ("BbAvAHH", "market average|asian handicap|opening|home"),
        ("XYH", "XY|match result|opening|home"),
        ("XYCH", "XY|match result|closing|home"),
        ("XY>2.5", "XY|over/under|opening|over"),
        *((name, None) for name in ("QCH", "QH", "HomeH", "AHH", "B365>3.5", "FTHG", "Referee", "BbOU", "H", "")),
    ],
)
def test_what_an_odds_column_means(name: str, meaning: str | None) -> None:
    offer = decode_offer(name, NEW)
    assert (offer and f"{offer.bookmaker}|{offer.market}|{offer.timing}|{offer.outcome}") == meaning


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("AHh", LineOf("", "opening")),
        ("BbAHh", LineOf("", "opening")),
        ("AHCh", LineOf("", "closing")),
        ("B365AH", LineOf("Bet365", "opening")),
        ("LBAH", LineOf("Ladbrokes", "opening")),
        ("GBAH", LineOf("Gamebookers", "opening")),
        ("B365CAHh", LineOf("Bet365", "closing")),
        ("BbAH", None),
        ("AH", None),
    ],
)
def test_what_a_handicap_column_means(name: str, line: LineOf | None) -> None:
    assert decode_line(name) == line
