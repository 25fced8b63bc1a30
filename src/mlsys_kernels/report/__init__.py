"""Reports: read the record of a run from disk and show it in a terminal, as Markdown, and as a page."""
