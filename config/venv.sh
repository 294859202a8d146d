#!/bin/sh
# sh config/venv.sh FOLDER [PYTHON]: make a virtual environment in FOLDER with the Python that is asked for, else with the
# first here that fits, else with one that uv brings, and say which.
set -eu

folder=$1
asked=${2:-}
wanted='Python 3.11 to 3.14'

say() { echo "$*" >&2; }

fits() { "$1" -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }

make_with() {
    say "Python: $("$1" -c 'import platform, sys; print(platform.python_version(), "at", sys.executable)')"
    exec "$1" -m venv "$folder"
}

if [ "$(uname -s)" != Linux ]; then
    say 'HeyGem Bot runs on Linux: elsewhere, take the Dockerfile.'
    exit 1
fi
if [ -n "$asked" ]; then
    if fits "$asked"; then make_with "$asked"; fi
    say "$asked is not $wanted with venv, which Debian and Ubuntu have in the package python3-venv."
    exit 1
fi
for python in python3 python3.13 python3.14 python3.12 python3.11; do
    if fits "$python"; then make_with "$python"; fi
done

say "There is no $wanted with venv here (Debian and Ubuntu have that in the package python3-venv): asking uv for one."
uv=$(command -v uv) || {
    python3 -m venv "$folder-uv" && "$folder-uv/bin/pip" install --quiet --disable-pip-version-check uv || {
        say "Install one of them, or uv: https://docs.astral.sh/uv"
        exit 1
    }
    uv=$folder-uv/bin/uv
}
"$uv" venv --quiet --seed --python 3.13 "$folder"
say "Python: $("$folder/bin/python" -c 'import platform; print(platform.python_version())'), brought by uv"
