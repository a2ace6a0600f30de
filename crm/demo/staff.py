"""The people of the demo company, their departments and roles."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from accounts.models import Department, Group, Role, RoleAssignment, RoleGrant, User
from accounts.services.departments import create_department
from accounts.services.roles import create_role, ensure_presets, give_role
from records.rights import Grant, Scope

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
TEAM, TEAM_ROLE = "Тендерная группа", "Тендеры: все клиенты"
TEAM_LOGINS = ("kuznetsova", "bondar", "walker")
SELLERS = {"manager": 3, "senior_manager": 2, "head": 1}


def email_of(hand: Hand) -> str:
    """The login of a demo person."""
    return f"{hand.login}@{DOMAIN}"


def hire(*, may_sign_in: bool = True) -> dict[str, User]:
    """Departments, people, roles; the people by login. Without a password nobody signs in."""
    roles = ensure_presets()
    departments = {side: create_department(name=name) for side, name in DEPARTMENTS.items()}
    for side, department in departments.items():
        Department.objects.filter(pk=department.pk).update(import_key=f"demo:department:{side}")
    password = make_password(PASSWORD if may_sign_in else None)
    people = User.objects.bulk_create(_person(hand, departments, password) for hand in STAFF)
    RoleAssignment.objects.bulk_create(
        RoleAssignment(user=user, role=roles[hand.preset])
        for user, hand in zip(people, STAFF, strict=True)
    )
    for user, hand in zip(people, STAFF, strict=True):
        if hand.preset == "head":
            Department.objects.filter(pk=departments[hand.side].pk).update(head=user)
    by_login = {hand.login: user for user, hand in zip(people, STAFF, strict=True)}
    _team(by_login)
    return by_login


def _team(people: dict[str, User]) -> None:
    """A group over the departments, with a role of its own: it sees every client, no deals."""
    group = Group.objects.create(name=TEAM)
    group.members.set(people[login] for login in TEAM_LOGINS)
    everywhere = Grant(Scope.ALL)
    matrix = {("company", "view"): everywhere, ("contact", "view"): everywhere}
    give_role(role=create_role(name=TEAM_ROLE, matrix=matrix), group=group)


def disband() -> None:
    """Remove the group and its role with their history."""
    roles = Role.objects.filter(name=TEAM_ROLE)
    keys = list(roles.values_list("pk", flat=True))
    Group.objects.filter(name=TEAM).delete()
    roles.delete()
    Role.pgh_event_model.objects.filter(pgh_obj_id__in=keys).delete()
    RoleGrant.pgh_event_model.objects.filter(role_id__in=keys).delete()
    RoleAssignment.pgh_event_model.objects.filter(role_id__in=keys).delete()


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
