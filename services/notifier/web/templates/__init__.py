"""A store's templates: said, previewed, tried."""
