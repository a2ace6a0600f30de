"""Forms of people, departments, roles and the profile; the field that chooses a person."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Department, Group, Role, User
from accounts.models.users import zone_choices
from accounts.querysets import people_reached
from accounts.signin import LONGEST_PASSWORD
from records.forms import RecordField, RecordForm, RecordSelect


class PersonSelect(RecordSelect):
    """Twenty people, the reader first; script finds the others the right reaches."""

    reader_id = 0

    def __init__(self, record_type: str, action: str) -> None:
        super().__init__("user", query=f"?for={record_type}&right={action}")

    def first(self, rows: Any) -> Any:
        own_first = Case(When(pk=self.reader_id, then=0), default=1)
        return rows.order_by(own_first, "last_name", "first_name", "pk")


class PersonField(RecordField):
    """A person to whom the user may give records of a type; one's own name is always there.

    On a RecordForm it is narrowed by itself; elsewhere call `narrow(user)`. The present owner
    stays in the list, so that an edit by somebody else keeps it.
    """

    def __init__(
        self, record_type: str = "", *, action: str = "assign", user: Any = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("label", _("Owner"))
        super().__init__(User.objects.none(), "user", **kwargs)
        self.record_type, self.action = record_type, action
        self.widget = PersonSelect(record_type, action)
        if user is not None:
            self.narrow(user)

    def narrow(self, user: Any, instance: Any = None) -> None:
        """Bound the choices to the active people the user's right reaches."""
        people = people_reached(user, self.record_type, self.action).filter(is_active=True)
        owner_id = getattr(instance, "owner_id", None)
        self.queryset = people | User.objects.filter(pk=owner_id) if owner_id else people
        self.widget.reader_id = user.pk

    def label_from_instance(self, person: User) -> str:
        return person.full_name or person.email


def offer_people(field: Any, user: Any, record_type: str) -> None:
    """Make a filter's field a bounded box of the people whose rows the person may see.

    Dismissed people stay: their rows are there.
    """
    field.widget = PersonSelect(record_type, "view")
    field.widget.attrs["data-placeholder"] = field.label
    field.widget.reader_id = user.pk
    field.queryset = people_reached(user, record_type, "view")
    field.label_from_instance = str


class ZoneField(forms.ChoiceField):
    """One of the server's time zones, or the server's own."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Time zone"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("choices", _zones)
        super().__init__(**kwargs)


def _zones() -> list[tuple[str, Any]]:
    return [("", _("As on the server")), *zone_choices()]


class PersonForm(RecordForm):
    """A person as the administrator sees one: address, names, department, roles."""

    time_zone = ZoneField()
    roles = forms.ModelMultipleChoiceField(
        Role.objects.all(),
        label=_("Roles"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Leave empty: the person sets it by the link in the invitation."),
    )
    invite = forms.BooleanField(
        label=_("Send an invitation by e-mail"), required=False, initial=True
    )

    class Meta:
        model = User
        fields = [
            "email",
            "last_name",
            "first_name",
            "patronymic",
            "position",
            "department",
            "language",
            "time_zone",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = open_departments(self.instance.department_id)
        if self.instance.pk:
            del self.fields["password"], self.fields["invite"]
            given = Role.objects.filter(assignments__user=self.instance)
            self.fields["roles"].initial = given

    def clean_email(self) -> str:
        return User.objects.normalize_email(self.cleaned_data["email"]).lower()

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        if password:
            validate_password(password, self.instance)
        return password

    def person_fields(self) -> dict[str, Any]:
        """What the services take."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def open_departments(current_id: int | None = None) -> Any:
    """Departments in use, and the one already chosen."""
    return Department.objects.filter(Q(is_active=True) | Q(pk=current_id))


class DepartmentForm(RecordForm):
    """Name, place in the tree, head."""

    class Meta:
        model = Department
        fields = ["name", "parent", "head"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = open_departments(self.instance.parent_id)
        self.fields["head"].queryset = User.objects.filter(
            Q(is_active=True) | Q(pk=self.instance.head_id)
        )


class CloseDepartmentForm(forms.Form):
    """Where the people of a closing department go, and whether its rights go with them."""

    to = forms.ModelChoiceField(
        Department.objects.none(),
        label=_("Its people and departments go to"),
        required=False,
        empty_label="—",
    )
    with_rights = forms.BooleanField(
        label=_("Merge: roles given to it and its distribution rules go there too"),
        required=False,
    )

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["to"]
        outside = Department.objects.filter(is_active=True)
        field.queryset = outside.exclude(path__startswith=department.path)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("with_rights") and not data.get("to"):
            self.add_error("to", _("Choose the department that takes everything over."))
        return data


class GroupForm(RecordForm):
    """A name and the members: present ones as ticks, one more by search."""

    members = forms.ModelMultipleChoiceField(
        User.objects.all(),
        label=_("Members"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    newcomer = RecordField(
        User.objects.filter(is_active=True), "user", label=_("Add a member"), required=False
    )

    class Meta:
        model = Group
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = list(self.instance.members.all()) if self.instance.pk else []
        field: Any = self.fields["members"]
        field.initial = [person.pk for person in self.present]
        field.widget.choices = [(row.pk, field.label_from_instance(row)) for row in self.present]

    def people(self) -> list[User]:
        """Members as posted."""
        newcomer = self.cleaned_data["newcomer"]
        return [*self.cleaned_data["members"], *([newcomer] if newcomer else [])]


class ProfileForm(RecordForm):
    """What people change about themselves."""

    time_zone = ZoneField()

    class Meta:
        model = User
        fields = [
            "last_name",
            "first_name",
            "patronymic",
            "language",
            "time_zone",
            "theme",
            "density",
        ]

    def profile_fields(self) -> dict[str, Any]:
        """What the service takes."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class PreferencesForm(forms.Form):
    """Theme, density or language chosen in the menu, and where to go back to."""

    theme = forms.ChoiceField(choices=User._meta.get_field("theme").choices, required=False)
    density = forms.ChoiceField(choices=User._meta.get_field("density").choices, required=False)
    language = forms.ChoiceField(choices=User._meta.get_field("language").choices, required=False)
    next = forms.CharField(required=False, max_length=500)


class LanguageForm(forms.Form):
    """The language of a person who is not signed in, and where to go back to."""

    language = forms.ChoiceField(choices=User._meta.get_field("language").choices)
    next = forms.CharField(required=False, max_length=500)
