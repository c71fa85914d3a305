# syntax=docker/dockerfile:1
FROM python:3.11-slim AS build
WORKDIR /src
RUN python -m venv /opt/ringdesk
COPY requirements.lock .
RUN /opt/ringdesk/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY desk desk
COPY storage storage
COPY pbx pbx
COPY sandbox sandbox
RUN /opt/ringdesk/bin/pip install --no-cache-dir --no-deps .

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data ringdesk && mkdir /data && chown ringdesk /data
COPY --from=build /opt/ringdesk /opt/ringdesk
ENV PATH=/opt/ringdesk/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["ringdesk"]
CMD ["run", "--config", "/data/ringdesk.toml"]
