"""Settings. The environment is read here and nowhere else."""

from crm.settings.base import *  # noqa: F403 - the settings module is the union of its parts
from crm.settings.jobs import *  # noqa: F403
from crm.settings.security import *  # noqa: F403
