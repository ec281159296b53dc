"""People: names, mail addresses, telephone numbers, browsers, and what they pay with."""

from dataclasses import dataclass

from benchmarks.elsewhere.draws import Rng, favourite, happens, pick, token

NAMES = {  # first and last
    "west": ("Anna Ben Clara David Emma Felix Grace Henry Ida Jack Kate Leo Mia Noah Paul Zoe",
             "Smith Jones Miller Weber Schmidt Brown Taylor Wilson Novak Kowalski Clark Reed"),
    "south": ("Amit Priya Rahul Sneha Arjun Kavya Rohan Divya Vikram Budi Siti Agus Dewi Joko",
              "Sharma Patel Singh Kumar Gupta Reddy Nair Iyer Das Khan Santoso Wijaya Kusuma"),
    "latin": ("Ana Bruno Carla Diego Elena Felipe Gabriela Hugo Isabel Joao Lucia Mateo Paula",
              "Silva Santos Garcia Lopez Souza Oliveira Perez Gomez Costa Lima Rojas Diaz"),
    "africa": ("Ade Chidi Ngozi Amina Kofi Abena Wanjiru Otieno Fatima Musa Zainab Tunde Juma",
               "Okafor Mensah Abubakar Mwangi Adeyemi Owusu Bello Kamau Eze Diallo Nkosi"),
}  # fmt: skip
COUNTRIES = {  # names, hours from UTC, telephone prefix
    "US": ("west", -6, "+1"), "GB": ("west", 0, "+44"), "DE": ("west", 1, "+49"),
    "PL": ("west", 1, "+48"), "IN": ("south", 5.5, "+91"), "ID": ("south", 7, "+62"),
    "BR": ("latin", -3, "+55"), "MX": ("latin", -6, "+52"), "NG": ("africa", 1, "+234"),
    "KE": ("africa", 3, "+254"), "GH": ("africa", 0, "+233"),
}  # fmt: skip
FREE_MAIL = [
    "gmail.com",
    "outlook.com",
    "yahoo.com",
    "icloud.com",
    "proton.me",
    "gmx.net",
    "mail.com",
]
WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "kite",
    "lumen",
    "maple",
    "onyx",
    "pine",
    "quartz",
]
AGENTS = [f"Mozilla/5.0 ({x}) {v}.0" for v in (133, 132, 129) for x in ("X11", "iPhone", "Android")]
SCRIPTS = ["python-requests/2.32", "python-httpx/0.27", "openai-python/1.61", "node-fetch/3.3"]


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    phone: str
    country: str
    agent: str
    zone: float  # hours from UTC


@dataclass(frozen=True)
class People:
    rng: Rng
    countries: tuple[str, ...]

    def person(self, country: str = "") -> Person:
        """Somebody with an ordinary private mail address."""
        land = country or favourite(self.rng, self.countries)
        region, zone, _ = COUNTRIES[land]
        name = " ".join(favourite(self.rng, words.split()) for words in NAMES[region])
        agent = favourite(self.rng, AGENTS)
        return Person(name, self.mail(name), self.phone(land), land, agent, zone)

    def mail(self, name: str, domain: str = "") -> str:
        """First and last name in one of the usual ways, mostly with digits."""
        first, last = name.lower().split()
        local = pick(self.rng, [f"{first}.{last}", f"{first[0]}{last}", f"{first}{last[0]}", last])
        digits = "" if happens(self.rng, 0.1) else str(self.rng.integers(1, 9_999))
        return f"{local}{digits}@{domain or favourite(self.rng, FREE_MAIL)}"

    def phone(self, country: str) -> str:
        return f"{COUNTRIES[country][2]}{self.rng.integers(200_000_000, 999_999_999)}"

    def domain(self) -> str:
        return f"{pick(self.rng, WORDS)}{pick(self.rng, WORDS)}-{token(self.rng, 3)}.example"

    def made_up(self, style: str, stem: str) -> str:
        """A mail address of a maker's pattern: throwaway, plus, pattern or random letters."""
        if style == "plus":
            return f"{stem}+{token(self.rng, 4)}@gmail.com"
        if style == "pattern":
            return f"{pick(self.rng, WORDS)}.{stem[:4]}{self.rng.integers(100, 999)}@outlook.com"
        hosts = ["mailnull.example", "quickbox.example"] if style == "throwaway" else FREE_MAIL[:3]
        return f"{token(self.rng, 9)}@{pick(self.rng, hosts)}"


@dataclass(frozen=True)
class Card:
    instrument: str
    kind: str
    bin: str
    country: str


class Bank:
    """Issues every payment instrument of one platform's world."""

    def __init__(self, rng: Rng, countries: tuple[str, ...], cardless: float) -> None:
        self.rng, self.cardless = rng, cardless
        self.bins = {c: [self.bin() for _ in range(30)] for c in sorted(set(countries))}
        self.virtual_bins = [self.bin() for _ in range(5)]
        self.issued: list[Card] = []

    def bin(self) -> str:
        return str(self.rng.integers(400_000, 559_999))

    def private(self, country: str) -> Card:
        """What an honest person pays with; some use the same virtual cards as anybody."""
        rng, number = self.rng, token(self.rng, 18)
        if happens(rng, self.cardless):
            return Card(number, pick(rng, ("wallet", "bank")), "", country)
        if happens(rng, 0.07):
            return Card(number, "virtual", favourite(rng, self.virtual_bins), country)
        kind = pick(rng, ["card"] * 19 + ["prepaid"])
        self.issued.append(Card(number, kind, favourite(rng, self.bins[country]), country))
        return self.issued[-1]
