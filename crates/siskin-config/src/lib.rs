//! Site folders as written to settings as used, with errors that say where
