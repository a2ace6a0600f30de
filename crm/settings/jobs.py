"""Redis and Celery. Redis only wakes workers up; what must happen is a row in PostgreSQL."""

from crm.settings.env import env

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")

CACHES = {
    "default": {
        "BACKEND": "records.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": env("CACHE_PREFIX", default="crm"),
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 270
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "global_keyprefix": env("QUEUE_PREFIX", default="crm:"),
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ALWAYS_EAGER = False
CELERY_BEAT_SCHEDULE = {
    "reminders": {"task": "activities.tasks.sweep_reminders", "schedule": 15.0},
    "distribution": {"task": "leads.tasks.sweep_unassigned", "schedule": 15.0},
    "customer-scores": {"task": "reports.tasks.store_scores", "schedule": 3600.0},
    "report-letters": {"task": "reports.tasks.send_reports", "schedule": 60.0},
    "report-runs": {"task": "reports.tasks.sweep_runs", "schedule": 30.0},
    "report-run-retention": {"task": "reports.tasks.purge_runs", "schedule": 6 * 3600.0},
    "audit-retention": {"task": "records.tasks.purge_audit", "schedule": 6 * 3600.0},
    "trash-retention": {"task": "crm.tasks.purge_trash", "schedule": 6 * 3600.0},
    "hand-overs": {"task": "crm.tasks.sweep_hand_overs", "schedule": 30.0},
    "failed-sign-ins": {"task": "accounts.tasks.forget_failures", "schedule": 6 * 3600.0},
    "customer-values": {"task": "reports.tasks.refresh_customer_values", "schedule": 3600.0},
    "lead-score": {"task": "reports.tasks.train_lead_score", "schedule": 600.0},
    "lead-chances": {"task": "reports.tasks.score_leads", "schedule": 60.0},
    "forecasts": {"task": "reports.tasks.keep_forecasts", "schedule": 3600.0},
}
