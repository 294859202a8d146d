FROM python:3.12-slim

# libgl1 and libglib2.0-0 are what OpenCV and mediapipe load at run time.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 heygem

WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY worker worker
COPY heygem heygem
COPY config config
RUN pip install --no-cache-dir --constraint config/constraints.txt '.[mesh]' \
 && mkdir /data && chown heygem /data

USER heygem
ENV HEYGEM_DATA_DIR=/data OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1
VOLUME /data
CMD ["heygem", "up"]
