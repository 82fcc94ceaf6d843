"""What the server requires of objects: metadata, schemas of definitions, built-in kinds."""
