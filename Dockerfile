# Three stages: what browsers load, the wheel, and a small image that runs it as an ordinary user.
FROM node:22-slim AS assets
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-progress

FROM python:3.11-slim AS wheel
WORKDIR /src
COPY . .
COPY --from=assets /src/node_modules node_modules
RUN python scripts/assets.py \
 && pip install --no-cache-dir --require-hashes --no-deps -r requirements/dev.txt \
 && python -m build --wheel --no-isolation --outdir /dist .

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 WUBU_HOME=/data WUBU_HOST=0.0.0.0
RUN useradd --create-home --uid 10001 wubu && install -d -o wubu /data
COPY requirements/base.txt /tmp/
RUN pip install --no-cache-dir --require-hashes --no-deps -r /tmp/base.txt && rm /tmp/base.txt
COPY --from=wheel /dist /tmp/dist
RUN pip install --no-cache-dir --no-deps /tmp/dist/*.whl && rm -r /tmp/dist
USER wubu
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz')"]
CMD ["wubu", "serve"]
