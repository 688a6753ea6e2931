#!/usr/bin/env bash
# Sample reports opened by LibreOffice, which must draw every one of them with its Chinese words.
set -euo pipefail
out="$(mkdir -p "$1" && cd "$1" && pwd)"
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
rm -rf "${out:?}"/*
SISKIN_REPORT_SAMPLES="$out" cargo test --locked --package siskin-report --test report
SISKIN_REPORT_SAMPLES="$out" cargo test --locked --package siskin --bin siskin periods::tests
export HOME="$home"
for sample in "$out"/*.docx; do
    name="$(basename "$sample" .docx)"
    mkdir -p "$out/office"
    soffice --headless --convert-to pdf --outdir "$out/office" "$sample" >/dev/null 2>&1
    pdftotext "$out/office/$name.pdf" "$out/office/$name.txt"
    grep --quiet '氯' "$out/office/$name.txt" \
        || { echo "LibreOffice shows no Chinese words of $sample" >&2; exit 1; }
    soffice --headless --convert-to png --outdir "$out/office" "$out/$name.pdf" >/dev/null 2>&1
    test -s "$out/office/$name.png" \
        || { echo "LibreOffice does not open $out/$name.pdf" >&2; exit 1; }
    pdftotext "$out/$name.pdf" "$out/$name.txt"
    grep --quiet '氯' "$out/$name.txt" \
        || { echo "$out/$name.pdf gives no Chinese words" >&2; exit 1; }
    pdftoppm -r 80 -png "$out/$name.pdf" "$out/$name"
done
echo "reports: pictures are in $out"
