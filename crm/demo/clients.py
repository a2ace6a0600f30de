"""Companies and their people, with valid tax ids and phones in several spellings."""

from datetime import date, timedelta

from stdnum.ru import inn
from stdnum.ua import edrpou

from contacts.models import Company, Contact, Email, Employment, Phone
from contacts.models.companies import CompanyKind
from crm.demo import words
from crm.demo.world import DAYS, Client, World
from crm.importing.channels import phone_values

COMPANIES, CONTACTS = 450, 900
MOBILES = {
    "ru": ("7", ("903", "912", "916", "921", "926", "985")),
    "uk": ("380", ("50", "63", "67", "93", "95", "97")),
    "en": ("44", ("7400", "7520", "7810")),
}
REGIONS = {"ru": "RU", "uk": "UA", "en": "GB"}
LATIN = str.maketrans(
    "абвгдежзийклмнопрстуфхцчшщыэюяёіїєґьъ’",
    "abvgdejziyklmnoprstufhcc--yeuaeiieg---",
)


def make_clients(world: World) -> None:
    """450 companies, 900 people working in them, their phones and e-mails."""
    companies = [_company(world, number) for number in range(1, COMPANIES + 1)]
    Company.objects.bulk_create(company for company, _side in companies)
    world.clients = [
        Client(company, side, world.chance.paretovariate(1.1)) for company, side in companies
    ]
    contacts = [_contact(world, number) for number in range(1, CONTACTS + 1)]
    Contact.objects.bulk_create(contact for contact, _client in contacts)
    jobs = []
    for contact, client in contacts:
        client.people.append(contact)
        world.sides[contact.pk] = client.side
        jobs.append(Employment(contact=contact, company=client.company, role=contact.position))
    Employment.objects.bulk_create(jobs)
    _channels(world)


def tax_id(world: World, side: str) -> str:
    """A number with a right check digit: INN, EDRPOU; none abroad."""
    if side == "ru":
        number = f"77{world.chance.randint(10**6, 10**7 - 1)}"
        return number + str(inn.calc_company_check_digit(number))
    if side == "uk":
        number = f"{world.chance.randint(3_100_000, 4_499_999)}"
        return number + str(edrpou.calc_check_digit(number))
    return ""


def phone_text(world: World, side: str) -> str:
    """A valid mobile number as people write it."""
    code, prefixes = MOBILES[side]
    prefix = world.chance.choice(prefixes)
    rest = f"{world.chance.randint(0, 10**7 - 1):07d}"
    if side == "en":
        return world.chance.choice((f"+44 {prefix} {rest[:6]}", f"0{prefix}{rest[:6]}"))
    a, b, c = rest[:3], rest[3:5], rest[5:]
    trunk = "8 " if side == "ru" else "0"
    return world.chance.choice(
        (
            f"+{code} {prefix} {a}-{b}-{c}",
            f"{trunk}({prefix}) {a} {b} {c}" if side == "ru" else f"0{prefix} {a} {b} {c}",
            f"{code}{prefix}{rest}",
            f"{trunk.strip()}{prefix}{rest}",
            f"+{code}({prefix}){a}{b}{c}",
        )
    )


def _company(world: World, number: int) -> tuple[Company, str]:
    side = world.side()
    chance = world.chance
    joined = "" if side == "en" else " "
    name = world.word(words.FIRM_FIRST, side) + joined + world.word(words.FIRM_SECOND, side)
    created = world.past(chance.uniform(30, DAYS))
    company = Company(
        import_key=f"demo:company:{number}",
        name=chance.choice(words.FIRMS[side]).format(name),
        kind=chance.choices(
            [CompanyKind.CLIENT, CompanyKind.PARTNER, CompanyKind.SUPPLIER], [88, 8, 4]
        )[0],
        industry=world.word(words.INDUSTRIES, side),
        founded_year=chance.randint(1992, 2024),
        head_count=int(chance.lognormvariate(3.6, 1.2)) + 1,
        country=words.COUNTRIES[side],
        city=world.word(words.CITIES, side),
        tax_id=tax_id(world, side),
        owner=chance.choice(world.owners[side]),
        created_at=created,
        created_by=world.people["admin"],
    )
    return company, side


def person_names(world: World, side: str) -> dict[str, str]:
    """Surname, given name and patronymic that agree, and the sex."""
    chance = world.chance
    woman = chance.random() < 0.45
    last = world.word(words.SURNAMES, side)
    if woman and side == "ru" and last.endswith(("в", "н")):
        last += "а"
    given = world.word(words.WOMEN if woman else words.MEN, side)
    patronymic = ""
    if side != "en" and chance.random() < 0.7:
        father = world.word(words.PATRONYMICS, side)
        pair = words.SPECIAL_PATRONYMICS.get(
            father, tuple(father + ending for ending in words.ENDINGS[side])
        )
        patronymic = pair[woman]
    return {
        "last_name": last,
        "first_name": given,
        "patronymic": patronymic,
    } | {"sex": "female" if woman else "male"}


def _contact(world: World, number: int) -> tuple[Contact, Client]:
    chance = world.chance
    client = world.clients[number - 1 if number <= COMPANIES else chance.randrange(COMPANIES)]
    side = client.side
    birthday = None
    if chance.random() < 0.4:
        birthday = date(1960, 1, 1) + timedelta(days=chance.randint(0, 15000))
    contact = Contact(
        import_key=f"demo:contact:{number}",
        **person_names(world, side),
        birthday=birthday,
        position=world.word(words.POSITIONS, side),
        city=client.company.city,
        language=side,
        is_key=chance.random() < 0.06,
        owner=client.company.owner,
        created_at=min(
            client.company.created_at + timedelta(days=chance.randint(0, 20)), world.now
        ),
        created_by=client.company.owner,
    )
    return contact, client


def email_text(world: World, last: str, number: int) -> str:
    """A latin address under a reserved domain."""
    name = "".join(mark for mark in last.lower().translate(LATIN) if mark.isascii())
    return f"{name.strip('-') or 'mail'}{number}@{world.chance.choice(('mail', 'office'))}.example"


def _channels(world: World) -> None:
    phones, emails = [], []
    for client in world.clients:
        region = REGIONS[client.side]
        phones.append(
            Phone(
                company=client.company,
                kind="work",
                **phone_values(phone_text(world, client.side), region),
            )
        )
        for contact in client.people:
            for position in range(world.chance.choice((1, 1, 2))):
                text = phone_text(world, client.side)
                phones.append(
                    Phone(contact=contact, position=position, **phone_values(text, region))
                )
            if world.chance.random() < 0.8:
                address = email_text(world, contact.last_name, contact.pk)
                emails.append(Email(contact=contact, address=address))
    Phone.objects.bulk_create(phones)
    Email.objects.bulk_create(emails)
