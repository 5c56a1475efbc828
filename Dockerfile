# The portal's image: the web server by default; the worker and beat are other commands of it.
FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /app
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --extra observability
COPY . .
# Collecting static files asks for no secret: an image holds none.
RUN DJANGO_SETTINGS_MODULE=portal.settings.production \
    .venv/bin/python manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 10001 portal
WORKDIR /app
COPY --from=build --chown=portal /app /app
ENV PATH=/app/.venv/bin:$PATH DJANGO_SETTINGS_MODULE=portal.settings.production PYTHONUNBUFFERED=1
USER portal
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--threads", "4", \
     "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
