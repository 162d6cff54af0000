# SalesDesk as an image: one process, not root, data in /data, backups in /backups.
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SALES_ENV=production \
    SALES_HOME=/data

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

RUN useradd --system --uid 10001 salesdesk && install -d -o salesdesk -m 0700 /data /backups
COPY . .

USER salesdesk
VOLUME ["/data", "/backups"]
EXPOSE 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/api/v1/health', timeout=4)"]

ENTRYPOINT ["python", "-m", "dashboard"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8501"]
