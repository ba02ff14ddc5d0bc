"""From the log to tables: people → messages → threads → turns → replies → states → weeks."""
