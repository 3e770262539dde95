"""Invented clubs. No real club is meant: places are put together from syllables, in each country's manner."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product


@dataclass(frozen=True)
class Places:
    """How a country's places and clubs are called: every beginning goes with every ending."""

    beginnings: str
    endings: str
    forms: str = "{}"
    others: str = ""


# cp1252 can write all of them where a country has files from before 2024/25; the extra leagues are UTF-8.
PLACES = {
    "England": Places(
        "Quill Thrum Brax Wendle Ockel Fennow Hexil Marl Skerrow Tolver Gribben Dunnock Yarrel Pellow Strand",
        "ford bury wick mere thorpe combe sley den stow",
        "{}|{}|{} Utd|{} Town|{} City|{} Rovers|{} Albion|{} Ath",
        "King’s Harrowby|St. Ewold's",  # noqa: RUF001 - the curly apostrophe is one of the site's own traps
    ),
    "Scotland": Places(
        "Inver Auchter Kil Dal Strath Glen Loch Dun",
        "quarrie muirn brannoch toskin fergan lochty",
        "{}|{} Ath|{} Thistle|{}|{} Rangers|{} Acad",
    ),
    "Germany": Places(
        "Grün Köll Alt Ober Wester Lüb Stein Mühl",
        "hausen nitz walde bruck seefeld markt",
        "{}|FC {}|{}|SV {}|{} 04|TSV {}",
    ),
    "Italy": Places(
        "Mont Val Cast Pietr San Bor Tor Vill", "elvara orsina ignano ulenza arolo ecchio", "{}|{}|{} Calcio"
    ),
    "Spain": Places(
        "Val Alm Tor Cas Mur Bel Cor Sal", "ademar uñera oledo anzares igüela aviña", "{}|{}|Ath {}|{} B|CD {}|{}"
    ),
    "France": Places(
        "Beau Châte Mont Ville Roche Saint Pont Cour", "ravel nœuf lauret sérac gnac vigny", "{}|{}|{} FC|AS {}"
    ),
    "Netherlands": Places("Ooster Noord Zand Wijk Hoog Duin", "drecht wolde hoven sluis kerk", "{}|{}|FC {}|{} '28"),
    "Belgium": Places("Lier Meer Ronse Hage Wael Zoute", "beke gem hove -lez-Bois dael", "{}|{}|RFC {}|{} KV"),
    "Portugal": Places("Vila Agua Pont Mon Ser Ribei", "lvão meirim tosal çada rães", "{}|{}|Sp {}|{} CF"),
    "Turkey": Places("Karga Ak Yeni Demir Gök Deniz", "köy hisarli tepespor pinar belspor", "{}|{}|{} Gucu"),
    "Greece": Places("Kalli Xero Mega Neo Aspro Platy", "kampos vouni chorion polis nisi", "{}|{}|AO {}"),
    "Argentina": Places("Rio San Villa Cerro Lago", "mar ombú quebrada ñandú talar salado", "{}|Dep. {}|{} Jrs"),
    "Austria": Places("Unter Sankt Grau Feld Inn", "egg lanz öd", "{}|SK {}"),
    "Brazil": Places("Ita Para Gua Jara Cari", "tuã quara pindá jubé", "{}|{}-SP|{} FC"),
    "China": Places("Hai Lin Qing Bao Shan", "zhou yang ping jiang", "{}|{} FC"),
    "Denmark": Places("Ny Øster Sønder Hvid", "lund bæk havn", "{}|{} BK"),
    "Finland": Places("Kivi Haap Lahde", "järvi salmi niemi ranta", "{}|{} PS"),
    "Ireland": Places("Bally Clon Knock", "drim marra quin leck", "{}|{} Rovers"),
    "Japan": Places("Naga Aki Toyo Mina Hira", "zawa shiro saki mori", "{}|{} FC"),
    "Mexico": Places("Tula Xoco Cuati Mira", "pec tlán chula flores zingo", "{}|Dep. {}|Club {}"),
    "Norway": Places("Sand Fjell Øvre Hav", "vik nes dal rød", "{}|{} IL"),
    "Poland": Places("Łęk Żar Brzoz Wierz", "owice nów bórz yny awa", "{}|{} Stal"),
    "Romania": Places("Câmpu Bistr Târgo Valea", "niț dești lung rău", "{}|CS {}"),
    "Russia": Places("Novo Bely Krasno Zeleno", "ozersk gorie yar retsk", "{}|FK {}"),
    "Sweden": Places("Norra Väsker Ekeby Lind", "hamn ås köping torp", "{}|{} IF"),
    "Switzerland": Places("Ober Wil Aar", "brügg matt wangen see", "{}|FC {}"),
    "USA": Places("Cedar Lake Iron Sun Prairie Harbor", "falls ridge ton Bluffs view", "{}|{} SC|{} FC"),
}


@cache
def clubs(country: str) -> tuple[str, ...]:
    """Return all clubs that a country has, each with a place of its own."""
    places = PLACES[country]
    forms = places.forms.split("|")
    towns = _towns(places.beginnings.split(), places.endings.split())
    named = [forms[number % len(forms)].format(town) for number, town in enumerate(towns)]
    # The others in the middle, where they always have a place in some division
    middle = len(named) // 2
    return (*named[:middle], *filter(None, places.others.split("|")), *named[middle:])


def _towns(beginnings: list[str], endings: list[str]) -> list[str]:
    """Put every beginning before every ending, in an order in which neighbours share neither."""
    pairs = product(range(len(endings)), range(len(beginnings)))
    return [beginnings[first] + endings[(turn + first) % len(endings)] for turn, first in pairs]


REFEREES = (
    "Alan Penhallow",
    "Bryn Castell",
    "Colin Marwood",
    "Derek Oxtoby",
    "Ewan Strachur",
    "Finlay Ross-Hume",
    "Gareth Pryce-Lunt",
    "Howard Tiller",
    "Ian Quested",
    "Jon D'Orley",
    "Keith Vasmer",
    "Lloyd Brannigan",
    "Martin Esk",
    "Neil Thackrey",
)
# As the site wrote Bundesliga's in 2000/01 (a space behind) and 2001/02 (surname first, quoted)
GERMAN_REFEREES = ("Jürgen Völkner", "Dr. Helmut Krätz", "Lutz Fröhling", "Bernd Heyne", "Jörg Käßmann")
