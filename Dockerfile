# One image for every service: the web server, workers, housekeeping, chief, or all of them (the default).
FROM node:22-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev
COPY static static
COPY experiments/stack/*.mjs experiments/stack/
RUN node experiments/stack/bundle.mjs

FROM python:3.12-slim
LABEL org.opencontainers.image.title="Tuning Site" org.opencontainers.image.version="0.2.0"
ENV PYTHONUNBUFFERED=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app
RUN apt-get update && apt-get install --yes --no-install-recommends git && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 tuning && install --directory --owner=tuning --mode=0700 /data
COPY requirements.txt requirements-code.txt ./
RUN pip install --no-cache-dir -r requirements.txt -r requirements-code.txt
COPY --from=packages /app/node_modules node_modules
COPY . .
COPY --from=packages /app/static/built static/built
RUN python -m experiments.stack.assets && python -m compileall -q experiments tuning_site
USER tuning
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8000 CHIEF_HOST=0.0.0.0 LOG_FORMAT=json
VOLUME /data
EXPOSE 8000 8700
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=6s --start-period=90s --retries=4 CMD ["python", "-m", "experiments.stack.health_check"]
CMD ["python", "manage.py", "serve"]
