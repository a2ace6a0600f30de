"""The people of the demo company, their departments and roles."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from accounts.models import Department, RoleAssignment, User
from accounts.services.departments import create_department
from accounts.services.roles import ensure_presets

PASSWORD = "demo-2026-crm"  # noqa: S105 - the demo logins are meant to be known
DOMAIN = "klimat.example"


@dataclass(frozen=True, slots=True)
class Hand:
    """One demo person; `side` names the department, empty for the management."""

    login: str
    last: str
    first: str
    patronymic: str
    position: str
    preset: str
    side: str
    language: str
    zone: str


DEPARTMENTS = {
    "ru": "Отдел продаж",
    "uk": "Проєктний відділ",
    "en": "Export and service",
}
MOSCOW, KYIV, LONDON = "Europe/Moscow", "Europe/Kyiv", "Europe/London"
STAFF = (
    Hand("director", "Морозова", "Елена", "Викторовна", "Директор", "director", "", "ru", MOSCOW),
    Hand(
        "admin", "Коваленко", "Андрій", "Петрович", "Адміністратор", "administrator", "", "uk", KYIV
    ),
    Hand("analyst", "Bennett", "Sophie", "", "Analyst", "analyst", "", "en", LONDON),
    Hand(
        "sokolov",
        "Соколов",
        "Дмитрий",
        "Андреевич",
        "Руководитель отдела",
        "head",
        "ru",
        "ru",
        MOSCOW,
    ),
    Hand(
        "shevchenko",
        "Шевченко",
        "Оксана",
        "Іванівна",
        "Керівниця відділу",
        "head",
        "uk",
        "uk",
        KYIV,
    ),
    Hand("walker", "Walker", "James", "", "Head of export", "head", "en", "en", LONDON),
    Hand(
        "kuznetsova",
        "Кузнецова",
        "Анна",
        "Сергеевна",
        "Старший менеджер",
        "senior_manager",
        "ru",
        "ru",
        MOSCOW,
    ),
    Hand(
        "bondar",
        "Бондар",
        "Тарас",
        "Миколайович",
        "Старший менеджер",
        "senior_manager",
        "uk",
        "uk",
        KYIV,
    ),
    Hand("novikov", "Новиков", "Илья", "Олегович", "Менеджер", "manager", "ru", "ru", MOSCOW),
    Hand("romanova", "Романова", "Дарья", "Павловна", "Менеджер", "manager", "ru", "ru", MOSCOW),
    Hand("lysenko", "Лисенко", "Марія", "Василівна", "Менеджерка", "manager", "uk", "uk", KYIV),
    Hand("carter", "Carter", "Emily", "", "Account manager", "manager", "en", "en", LONDON),
)
SELLERS = {"manager": 3, "senior_manager": 2, "head": 1}


def email_of(hand: Hand) -> str:
    """The login of a demo person."""
    return f"{hand.login}@{DOMAIN}"


def hire() -> dict[str, User]:
    """Departments, people, roles; the people by login."""
    roles = ensure_presets()
    departments = {side: create_department(name=name) for side, name in DEPARTMENTS.items()}
    for side, department in departments.items():
        Department.objects.filter(pk=department.pk).update(import_key=f"demo:department:{side}")
    password = make_password(PASSWORD)
    people = User.objects.bulk_create(_person(hand, departments, password) for hand in STAFF)
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=user, role=roles[hand.preset])
        for user, hand in zip(people, STAFF, strict=True)
    )
    for user, hand in zip(people, STAFF, strict=True):
        if hand.preset == "head":
            Department.objects.filter(pk=departments[hand.side].pk).update(head=user)
    return {hand.login: user for user, hand in zip(people, STAFF, strict=True)}


def _person(hand: Hand, departments: dict[str, Department], password: str) -> User:
    return User(
        email=email_of(hand),
        last_name=hand.last,
        first_name=hand.first,
        patronymic=hand.patronymic,
        position=hand.position,
        department=departments.get(hand.side),
        language=hand.language,
        time_zone=hand.zone,
        password=password,
        import_key=f"demo:user:{hand.login}",
    )


def sellers(people: dict[str, User], side: str) -> list[User]:
    """Who owns the clients of a side; managers come more often than their head."""
    found = []
    for hand in STAFF:
        if hand.side == side:
            found += [people[hand.login]] * SELLERS.get(hand.preset, 0)
    return found
