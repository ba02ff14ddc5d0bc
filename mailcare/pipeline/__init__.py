"""From the log to tables: people → messages → threads → turns → replies → states → weeks."""

from mailcare.pipeline.tables_of import Mailbox, Tables, tables_of

__all__ = ["Mailbox", "Tables", "tables_of"]
