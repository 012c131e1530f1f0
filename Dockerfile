# The product as it runs in earnest: no root, no compiler, no own servers, static files built in.
FROM python:3.13-slim-trixie AS packages

ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir 'uv>=0.9,<1'
WORKDIR /srv/kam
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-default-groups


FROM python:3.13-slim-trixie

# Pango draws the text of PDFs.
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --create-home --shell /usr/sbin/nologin kam \
 && install -d -o kam -g kam /data

WORKDIR /srv/kam
COPY --from=packages /srv/kam/.venv .venv
COPY . .

ENV PATH=/srv/kam/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    STATIC_ROOT=/srv/static

ENV KAM_MODE=production \
    KAM_HOME=/data

# Collecting static files needs none of the secrets and none of the servers; the settings ask all the same.
RUN export SECRET_KEY=unused ALLOWED_HOSTS=unused DATABASE_URL=postgres://unused REDIS_URL=redis://unused \
 && python manage.py messages --compile \
 && python manage.py collectstatic --no-input --verbosity 0

USER kam
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]

CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--blocking-threads", "2", "--no-ws", "--respawn-failed-workers", "kam.wsgi:application"]
