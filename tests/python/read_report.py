"""Reads a report back with other people's programs: python-docx and pypdf.

Usage: read_report.py FILE.docx|FILE.pdf; prints one JSON object with its text, its pictures and, of
a DOCX, the texts that are highlighted. Fails where the file cannot be read.
"""

import json
import sys

import docx
import pypdf


def paragraphs(document):
    yield from document.paragraphs
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                yield from cell.paragraphs


def read_docx(path: str) -> dict:
    document = docx.Document(path)
    found = list(paragraphs(document))
    runs = [run for paragraph in found for run in paragraph.runs]
    return {
        "text": "\n".join(paragraph.text for paragraph in found),
        "pictures": len(document.inline_shapes),
        "highlighted": [run.text for run in runs if run.font.highlight_color is not None],
    }


def read_pdf(path: str) -> dict:
    reader = pypdf.PdfReader(path, strict=True)
    fonts = [
        font.get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    for font in fonts:
        below = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in below or "/FontFile3" in below, "a font is not embedded"
    return {
        "text": "\n".join(page.extract_text() for page in reader.pages),
        "pages": len(reader.pages),
    }


def main() -> None:
    path = sys.argv[1]
    found = read_docx(path) if path.endswith(".docx") else read_pdf(path)
    json.dump(found, sys.stdout, ensure_ascii=False)


main()
