# syntax=docker/dockerfile:1
# Built from requirements.lock and nothing newer, each wheel checked against its hash. The same sources give the same image:
#   docker build --build-arg SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) \
#       --output type=image,name=ringdesk,rewrite-timestamp=true .
# The tag of the base moves with Debian's security fixes. To build the very same image again, name its digest as well:
#   --build-arg PYTHON=python:3.11.14-slim-bookworm@sha256:<what `docker buildx imagetools inspect` prints for the tag>
ARG PYTHON=python:3.11.14-slim-bookworm

FROM ${PYTHON} AS build
ARG SOURCE_DATE_EPOCH=0
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_COMPILE=1
WORKDIR /src
COPY requirements.lock .
# The image has no compiler and wants none: wheels only.
RUN python -m venv --without-pip /opt/ringdesk \
    && pip --python /opt/ringdesk/bin/python install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
COPY desk desk
COPY storage storage
COPY pbx pbx
COPY sandbox sandbox
# The builder of our own wheel comes from the index; nothing of it reaches the image.
RUN pip --python /opt/ringdesk/bin/python install --no-deps . \
    # Compiled once, by content and not by time: a read-only root can't do it later, and time would tell two builds apart.
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/ringdesk/lib

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Ringdesk" org.opencontainers.image.licenses="MIT"
# A number, so that Kubernetes can see that it is not root. /data is all that may be written to.
RUN install -d -o 10001 -g 10001 -m 0750 /data
COPY --from=build /opt/ringdesk /opt/ringdesk
ENV PATH=/opt/ringdesk/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/data MPLCONFIGDIR=/tmp
USER 10001:10001
WORKDIR /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["ringdesk"]
CMD ["run", "--config", "/data/ringdesk.toml"]
