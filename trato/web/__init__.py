"""The registry as HTML pages: lists, records, forms, search, import, settings. Holds no business rule."""
