"""One folder per messenger: ``facts`` (pure), ``adapter`` (client), ``sandbox`` (fake server)."""
