FROM python:3.13-slim

# libgl1 and libglib2.0-0 are what OpenCV loads at run time; subtitles are painted with the fonts.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends libgl1 libglib2.0-0 \
      fontconfig fonts-dejavu-core fonts-droid-fallback \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 1000 heygem \
 && mkdir /data && chown heygem:heygem /data

# A GPU worker takes "mesh,gpu". Dependencies first: they change less often than the code.
ARG EXTRAS=mesh,telegram,slack
WORKDIR /app
COPY pyproject.toml README.md LICENSE ./
COPY config config
RUN mkdir bot worker heygem \
 && pip install --no-cache-dir --constraint config/constraints.txt ".[${EXTRAS}]" \
 && pip uninstall --yes heygem-bot
COPY bot bot
COPY worker worker
COPY heygem heygem
RUN pip install --no-cache-dir --no-deps . \
 && heygem models pull mesh \
 && (python -m heygem.redis.bring || true)

USER heygem
ENV HEYGEM_DATA_DIR=/data OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONUNBUFFERED=1
VOLUME /data
CMD ["heygem", "up"]
