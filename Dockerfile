# Three stages: front-end assets, packages, and the small image that runs.

FROM python:3.13-slim AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app

FROM base AS assets
COPY pyproject.toml requirements.lock ./
RUN uv venv /venv && uv pip sync --no-cache --require-hashes --python /venv/bin/python requirements.lock
COPY . .
RUN SECRET_KEY=build CRM_DATA_DIR=/build STATIC_ROOT=/app/staticfiles \
    /venv/bin/python -m crm assets \
 && SECRET_KEY=build CRM_DATA_DIR=/build STATIC_ROOT=/app/staticfiles DATABASE_URL=postgres:///none REDIS_URL=redis://none/0 \
    /venv/bin/python -m crm prepare messages static \
 && rm -rf .assets

FROM base AS packages
COPY pyproject.toml requirements.lock ./
# The lock pins versions and hashes; the groups for embedded servers, tests and node stay out.
RUN uv venv /venv && uv pip install --no-cache --python /venv/bin/python -r pyproject.toml -c requirements.lock

FROM python:3.13-slim AS run
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PATH=/venv/bin:$PATH \
    CRM_HOST=0.0.0.0 PORT=8000 CRM_DATA_DIR=/data MEDIA_ROOT=/data/media STATIC_ROOT=/app/staticfiles
# Not pinned: the security fixes of the distribution are wanted at each build.
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --create-home crm \
 && install -d -o crm -g crm /data
COPY --from=packages /venv /venv
COPY --from=assets /app /app
WORKDIR /app
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=30s CMD ["python", "-m", "crm", "ping"]
CMD ["python", "-m", "crm", "web"]
